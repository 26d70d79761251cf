// SPDX-License-Identifier: Apache-2.0

internal import Synchronization
internal import SyrinxCore

/// Where a conversation at the console stands. Thread-safe.
final class ConsoleTalk: Sendable {
    private struct State {
        /// Without lines: who says what, and when, is not its business here.
        var script: CallScript
        var said = 0
        var quietSince: Instant?
        var isOver = false
        var hasHungUp = false
    }

    private let options: CallScript.Options
    private let state: Mutex<State>

    init(_ options: CallScript.Options) {
        self.options = options
        state = Mutex(State(script: CallScript(lines: [], options: options, at: .now)))
    }

    var isOver: Bool { state.withLock(\.isOver) }
    /// The end came before the caller's.
    var isCut: Bool { state.withLock { $0.isOver && !$0.hasHungUp } }
    /// Why the server ended the session, if it did.
    var closeReason: String? { state.withLock { $0.script.progress.closeReason } }

    func receive(_ message: TalkMessage) -> [CallNote] {
        state.withLock { state in
            switch message {
            case .audio(let samples, let now): state.script.receive(audio: samples, at: now)
            case .event(let event, let now): return state.script.receive(event: event, at: now)
            case .closed: state.isOver = true
            }
            return []
        }
    }

    func hangUp() { state.withLock { $0.hasHungUp = !$0.isOver } }

    func disconnected() { state.withLock { $0.isOver = true } }

    /// A turn is to come of what was said.
    func said() {
        state.withLock { state in
            state.said = state.script.turns.count + 1
            state.quietSince = nil
            state.script.progress.touch(at: .now)
        }
    }

    /// What was heard since the last call.
    func heard() -> [Int16] { state.withLock { $0.script.playout.take(at: .now) } }

    /// Whether nobody has anything more to say: all turns have ended, and there is silence for as long as a polite pause;
    /// or nothing has happened for so long that nothing will.
    var isQuiet: Bool {
        let now = Instant.now
        return state.withLock { state in
            let progress = state.script.progress
            if now - progress.lastActivity >= options.timeout { return true }
            let isBusy =
                !progress.isGreeted(options, at: now) || progress.isAgentSpeaking || progress.isUserSpeaking
                || state.script.turns.count < state.said || state.script.turns.contains { $0.outcome == nil }
                || !state.script.playout.isSilent(at: now)
            guard !isBusy else {
                state.quietSince = nil
                return false
            }
            let since = state.quietSince ?? now
            state.quietSince = since
            return now - since >= (progress.isInDoubt ? options.doubtfulPause : options.pause)
        }
    }
}
