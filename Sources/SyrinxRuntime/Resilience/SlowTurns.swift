// SPDX-License-Identifier: Apache-2.0

package import SyrinxConversation
internal import SyrinxCore
package import SyrinxHost

/// When a session gives the stage that keeps its caller waiting to another provider.
package struct LatencyRule: Sendable, Equatable {
    /// From the end of the caller's speech to the first frame of the answer.
    package var target: Duration
    /// So many turns in a row were later.
    package var switchAfter: Int

    package init(target: Duration, switchAfter: Int = 3) {
        self.target = target
        self.switchAfter = switchAfter
    }
}

/// The turns in a row of one session whose answers came later than the target, and which stages they waited for.
/// A value; the times are those of the reports.
package struct SlowTurns: Sendable {
    package let rule: LatencyRule
    package private(set) var count = 0
    private var waits: [PluginKind: Duration] = [:]

    package init(_ rule: LatencyRule) { self.rule = rule }

    /// - Parameters:
    ///   - endpointing: what the turn waits for its end in any case; a transcript within it costs nothing.
    ///   - voice: from the first clause of the answer to its first audio.
    /// - Returns: the stages with the time that each took in these turns, the slowest first, when there were enough of
    ///   them; the count begins anew then. A turn of which nothing was heard says nothing.
    package mutating func note(
        _ timeline: TurnTimeline, endpointing: Duration, voice: Duration?
    ) -> [(kind: PluginKind, wait: Duration)]? {
        guard let end = timeline.speechEnd, let heard = timeline.firstAudio else { return nil }
        guard heard - end > rule.target else {
            reset()
            return nil
        }
        count += 1
        if let transcript = timeline.finalTranscript { add(transcript - end - endpointing, to: .stt) }
        if let token = timeline.firstToken, let decided = timeline.turnDecided { add(token - decided, to: .agent) }
        if let voice { add(voice, to: .tts) }
        guard count >= max(1, rule.switchAfter) else { return nil }
        defer { reset() }
        return waits.sorted { ($0.value, $1.key.name) > ($1.value, $0.key.name) }.map { ($0.key, $0.value) }
    }

    private mutating func add(_ wait: Duration, to kind: PluginKind) {
        if wait > .zero { waits[kind, default: .zero] += wait }
    }

    private mutating func reset() {
        count = 0
        waits = [:]
    }
}
