// SPDX-License-Identifier: Apache-2.0

internal import SyrinxConversation
internal import SyrinxCore
internal import SyrinxHost

/// A session whose answers come late again and again gives its slowest stage to another provider, as after a failure;
/// only where the profile says so, and where there is another one. Slow is not broken: no breaker counts it.
extension CallSession {
    func noteLatency(_ event: SessionEvent) {
        guard case .turnEnded(let report) = event, let turns = slowTurns?.rule.switchAfter else { return }
        let options = conversation.options
        let endpointing =
            options.hasTurnStage ? options.endpointing.judgedMinDelay : options.endpointing.minDelay
        let slowest = slowTurns?.note(report.timeline, endpointing: endpointing, voice: requests.voiceWait)
        for (kind, wait) in slowest ?? [] where switchSlow(kind, wait: wait / turns, turns: turns) { return }
    }

    /// - Returns: false when there is no other provider for the stage.
    private func switchSlow(_ kind: PluginKind, wait: Duration, turns: Int) -> Bool {
        guard var chain = stages.chains[kind], chain.hasOthers, !chain.candidates.isEmpty else { return false }
        let slow = chain.current.provider.descriptor.reference
        // Not the next one's next, until that has worked.
        chain.failed()
        stages.chains[kind] = chain
        guard let next = stages.switchOver(kind, toAnother: true) else { return false }
        announce(
            "\(kind.name): \(turns) answers in a row came late, \(slow) took \(wait.nanoseconds / 1_000_000) ms of each, \(next) goes on",
            code: "latency.switched")
        resume(CallStages.Lost(kind: kind, isReplaced: true))
        return true
    }
}
