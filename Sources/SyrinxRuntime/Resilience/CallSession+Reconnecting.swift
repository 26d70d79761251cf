// SPDX-License-Identifier: Apache-2.0

internal import SyrinxConversation
internal import SyrinxCore
internal import SyrinxHost

/// How long a provider that has others behind it may try to get its connection back.
package struct FailoverRule: Sendable, Equatable {
    /// Since it lost the connection; zero: until it gives up by itself.
    package var reconnectAfter: Duration

    package init(reconnectAfter: Duration = .milliseconds(800)) { self.reconnectAfter = reconnectAfter }
}

/// A provider that has lost its connection, and says that it tries again.
struct Reconnection {
    /// The stage's session that said so.
    let stage: UInt64
    var isDown = true
    /// It has had its time.
    var isOverdue = false
}

/// A plugin pauses longer and longer between its attempts; a caller in the middle of a sentence waits for none of them.
/// Nobody waits while nothing is owed: the provider keeps its place until it is needed.
extension CallSession {
    /// A stage tells of its connection.
    func noteConnection(_ kind: PluginKind, _ state: String) {
        guard let stage = stages.session(kind)?.handle else { return }
        let known = reconnections[kind].flatMap { $0.stage == stage ? $0 : nil }
        switch state {
        case "reconnecting":
            // One that comes back only to break off again has no more time for it.
            if known != nil { reconnections[kind]?.isDown = true } else { giveTime(to: stage, of: kind) }
        case "connected":
            if known?.isOverdue == true { reconnections[kind] = nil } else { reconnections[kind]?.isDown = false }
        default: break
        }
    }

    private func giveTime(to stage: UInt64, of kind: PluginKind) {
        guard failover.reconnectAfter > .zero, stages.chains[kind]?.hasOthers == true else { return }
        reconnections[kind] = Reconnection(stage: stage)
        let session = LoopBound(self)
        _ = executor.schedule(after: failover.reconnectAfter) {
            guard !session.value.isOver else { return }
            session.value.timeIsOver(for: stage, of: kind)
        }
    }

    private func timeIsOver(for stage: UInt64, of kind: PluginKind) {
        guard let reconnection = reconnections[kind], reconnection.stage == stage else { return }
        guard reconnection.isDown else { return reconnections[kind] = nil }
        reconnections[kind]?.isOverdue = true
        if isNeeded(kind) { leaveIfGone(kind) }
    }

    /// Whether the caller waits for the stage just now.
    private func isNeeded(_ kind: PluginKind) -> Bool {
        switch kind {
        case .stt: conversation.options.turnMode == .stt || !requests.utterances.isEmpty
        // What an agent has begun to say cannot be asked of another.
        case .agent: requests.prompt != nil
        case .tts: requests.owesSpeech
        default: false
        }
    }

    /// Another provider takes the stage over from one that has been gone for too long. Without another it is waited for.
    /// - Returns: whether one did.
    @discardableResult func leaveIfGone(_ kind: PluginKind) -> Bool {
        guard let reconnection = reconnections[kind], reconnection.isOverdue, reconnection.isDown,
            stages.session(kind)?.handle == reconnection.stage, var chain = stages.chains[kind]
        else { return false }
        let gone = chain.current
        chain.failed()
        stages.chains[kind] = chain
        guard let next = stages.switchOver(kind, toAnother: true) else { return false }
        reconnections[kind] = nil
        note(failure: "provider.connectivity", of: gone)
        outcomes.failed(generation: gone.provider.descriptor.generation)
        let time = failover.reconnectAfter.nanoseconds / 1_000_000
        announce(
            "\(kind.name): \(gone.provider.descriptor.reference) was not back after \(time) ms, \(next) goes on",
            code: "provider.failover")
        resume(CallStages.Lost(kind: kind, isReplaced: true))
        return true
    }
}
