// SPDX-License-Identifier: Apache-2.0

internal import Synchronization
package import SyrinxCore

/// Learns how generations fare. Calls come from any thread, event loops among them: quick, never blocking.
package protocol GenerationObserver: AnyObject, Sendable {
    /// A session has ended that had these generations as stages; `failed` of them failed in it.
    func sessionEnded(_ generations: Set<Int>, failed: Set<Int>)
    /// A generation's process died, hung or was killed.
    func generationFailed(_ generation: Int, reason: String)
}

/// Whoever begins sessions: it says what it uses, and follows when the routes have changed.
package protocol RouteUser: AnyObject, Sendable {
    /// What sessions that begin now would use.
    var uses: [StageUse] { get }

    /// Opens what the routes name now, and begins new sessions on that from one moment on. Blocks while models load.
    /// - Parameter keepWorking: what worked and would not any more stays as it is.
    /// - Returns: why something that worked would not work any more.
    func followRoutes(keepWorking: Bool) -> [SyrinxError]
}

extension PluginHost {
    /// One observer; without one nothing is remembered.
    package func setObserver(_ observer: (any GenerationObserver)?) { watching.withLock { $0 = observer } }

    package func sessionEnded(_ generations: Set<Int>, failed: Set<Int>) {
        watching.withLock { $0 }?.sessionEnded(generations, failed: failed)
    }

    /// For whoever supervises plugins: a generation crashed or hung. May take it back.
    package func noteFailure(generation: Int, reason: String) {
        watching.withLock { $0 }?.generationFailed(generation, reason: reason)
    }
}
