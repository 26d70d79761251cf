// SPDX-License-Identifier: Apache-2.0

internal import Synchronization
internal import SyrinxABI
internal import SyrinxConversation
internal import SyrinxHost

/// Which generations a session had as stages, and which of them failed in it. Told to the host when the session ends.
/// Thread-safe; touched when something fails, not for every frame.
package final class StageOutcomes: Sendable {
    let generations: Set<Int>
    private let byKind: [PluginKind: Int]
    private let state = Mutex(State())
    /// A second of audio.
    private static let tooManyFrames = 50

    private struct State {
        var failed: Set<Int> = []
        var frames: [Int: Int] = [:]
        var isTold = false
    }

    init(_ prepared: PreparedProfile, ownAgent: Bool) {
        var byKind: [PluginKind: Int] = [:]
        for kind in PluginKind.allCases { byKind[kind] = prepared.generation(of: kind) }
        // The application's agent stands in for the profile's.
        if ownAgent { byKind[.agent] = nil }
        self.byKind = byKind
        generations = Set(byKind.values).union(prepared.filters.map(\.provider.descriptor.generation))
    }

    func failed(_ kind: PluginKind) {
        if let generation = byKind[kind] { failed(generation: generation) }
    }

    func failed(generation: Int) { state.withLock { _ = $0.failed.insert(generation) } }

    /// A filter or VAD did not take a frame. One may be lost where a helper is busy; a second of them is a failure.
    func frameFailed(generation: Int, status: Int32) {
        guard status != Int32(SYX_EAGAIN) else { return }
        state.withLock { state in
            state.frames[generation, default: 0] += 1
            if state.frames[generation] == Self.tooManyFrames { state.failed.insert(generation) }
        }
    }

    /// A stage that says nothing fails, too: the conversation notices.
    func note(_ event: SessionEvent) {
        switch event {
        case .warning(let code, _): noteTimeout(code)
        case .turnEnded(let report): noteTimeout(report.failure)
        default: break
        }
    }

    private func noteTimeout(_ code: String?) {
        switch code {
        case "transcript.timeout": failed(.stt)
        case "agent.timeout": failed(.agent)
        case "speech.timeout": failed(.tts)
        default: break
        }
    }

    /// Once.
    func tell(_ host: PluginHost) {
        let failed: Set<Int>? = state.withLock { state in
            guard !state.isTold else { return nil }
            state.isTold = true
            return state.failed
        }
        if let failed { host.sessionEnded(generations, failed: failed) }
    }
}
