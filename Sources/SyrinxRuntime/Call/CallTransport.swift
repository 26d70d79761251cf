// SPDX-License-Identifier: Apache-2.0

package import SyrinxConversation
package import SyrinxCore

/// The caller's side of a session: a WebSocket, an in-process stream. Called on the session's event loop.
package protocol CallTransport: AnyObject {
    /// One frame of the agent's audio, valid during the call.
    func send(audio: UnsafeBufferPointer<Int16>)
    func send(event: SessionEvent, at now: Instant)
    /// Everything sent so far shall leave now.
    func flush()
    /// Nothing follows.
    func ended(_ reason: CloseReason)
}
