// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
package import SyrinxCore

extension CallSession {
    /// Has everyone who keeps what is said keep nothing of it from now on, or go on. The call itself notices nothing.
    package func pauseRecording(_ isPaused: Bool) {
        guard !isOver, status.pauseRecording(isPaused) else { return }
        let time = now()
        for listener in listeners { listener.audioPaused(isPaused, at: time) }
        for observer in observers { observer.wordsPaused(isPaused, at: time) }
    }
}

extension SessionManager {
    /// The same for a session of this tenant; it holds when this returns.
    /// - Throws: `session.not_found`.
    package func pauseRecording(_ isPaused: Bool, of id: String, tenant: String) async throws(SyrinxError) {
        let live = try live(id, of: tenant)
        let session = live.session
        try? await live.loop.submit { session.value.session?.pauseRecording(isPaused) }.get()
    }
}
