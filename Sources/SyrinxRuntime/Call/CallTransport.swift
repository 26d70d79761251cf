// SPDX-License-Identifier: Apache-2.0

package import SyrinxConversation
package import SyrinxCore

/// The caller's side of a session: a WebSocket, an in-process stream. Called on the session's event loop.
package protocol CallTransport: AnyObject {
    /// One frame of the agent's audio, valid during the call.
    func send(audio: UnsafeBufferPointer<Int16>)
    /// The same.
    /// - Returns: what the far end hears in its place; nil = the frame itself.
    func play(_ frame: UnsafeBufferPointer<Int16>) -> [Int16]?
    func send(event: SessionEvent, at now: Instant)
    /// Keys for the far end: 0 to 9, `*`, `#`, A to D.
    /// - Returns: false when it takes none, or no more.
    func send(keys: String) -> Bool
    /// Everything sent so far shall leave now.
    func flush()
    /// A tool that neither the application nor the host has. The caller's side may have it: its result comes as
    /// `Input.toolResult`.
    /// - Returns: false when it has none.
    func runTool(_ order: ToolOrder) -> Bool
    /// Nothing follows.
    func ended(_ reason: CloseReason)
}

extension CallTransport {
    package func play(_ frame: UnsafeBufferPointer<Int16>) -> [Int16]? {
        send(audio: frame)
        return nil
    }

    package func runTool(_ order: ToolOrder) -> Bool { false }
    package func send(keys: String) -> Bool { false }
}

/// The agent wants a tool used.
package struct ToolOrder: Sendable, Equatable {
    package var generation: UInt64
    package var call: UInt64
    package var name: String
    /// JSON text.
    package var arguments: String

    package init(generation: UInt64, call: UInt64, name: String, arguments: String) {
        self.generation = generation
        self.call = call
        self.name = name
        self.arguments = arguments
    }
}
