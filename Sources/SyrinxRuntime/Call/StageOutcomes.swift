// SPDX-License-Identifier: Apache-2.0

internal import Synchronization
internal import SyrinxABI
internal import SyrinxHost

/// Which generations a session had as stages, and which of them failed in it. Told to the host when the session ends.
/// Thread-safe; touched when a stage is opened or fails, not for every frame.
package final class StageOutcomes: Sendable {
    private let state: Mutex<State>
    /// A second of audio.
    private static let tooManyFrames = 50

    private struct State {
        /// Those of the profile, and others that took a stage over.
        var used: Set<Int>
        var failed: Set<Int> = []
        var frames: [Int: Int] = [:]
        var isTold = false
    }

    init(_ prepared: PreparedProfile, ownAgent: Bool) {
        // The application's agent stands in for the profile's.
        let stages = prepared.stages.filter { !ownAgent || $0.provider.descriptor.kind != .agent }
        state = Mutex(State(used: Set(stages.map(\.provider.descriptor.generation))))
    }

    func opened(generation: Int) { state.withLock { _ = $0.used.insert(generation) } }

    func failed(generation: Int) {
        state.withLock { state in
            state.used.insert(generation)
            state.failed.insert(generation)
        }
    }

    /// A filter or VAD did not take a frame. One may be lost where a helper is busy; a second of them is a failure.
    func frameFailed(generation: Int, status: Int32) {
        guard status != Int32(SYX_EAGAIN) else { return }
        state.withLock { state in
            state.frames[generation, default: 0] += 1
            if state.frames[generation] == Self.tooManyFrames { state.failed.insert(generation) }
        }
    }

    /// Once.
    func tell(_ host: PluginHost) {
        let told: State? = state.withLock { state in
            guard !state.isTold else { return nil }
            state.isTold = true
            return state
        }
        if let told { host.sessionEnded(told.used, failed: told.failed) }
    }
}
