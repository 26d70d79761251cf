// SPDX-License-Identifier: Apache-2.0

/// Whoever runs requests and sockets for plugins. Thread-safe.
package protocol NetworkClient: AnyObject, Sendable {
    /// Begins an HTTP request. Never fails at once: a failure is the one event `finished`.
    /// - Parameter deliver: gets the events in order, one at a time, on a thread of the client; must not block.
    func start(_ request: NetworkRequest, deliver: @escaping @Sendable (NetworkEvent) -> Void) -> any NetworkExchange
    /// Opens a WebSocket (RFC 6455). The same rules.
    func open(_ request: NetworkRequest, deliver: @escaping @Sendable (NetworkEvent) -> Void) -> any NetworkExchange
    /// Connects to where a request would go, so that the next need not wait. Failures are not told.
    func prewarm(_ request: NetworkRequest)
}

/// A request or socket under way. Thread-safe; every call after its end does nothing.
package protocol NetworkExchange: AnyObject, Sendable {
    /// HTTP: more of the body. False = over ``NetworkLimits/window`` bytes wait already: nothing was taken, and
    /// ``NetworkEvent/writable`` will come.
    func send(_ bytes: [UInt8], isLast: Bool) -> Bool
    /// WebSocket: a message or a part of one. The same answer.
    func send(_ bytes: [UInt8], isText: Bool, isLast: Bool) -> Bool
    /// False = deliver no more data until told otherwise: the other side is held up by TCP's or HTTP/2's window. Up to
    /// ``NetworkLimits/window`` bytes that are on their way may still be delivered.
    func read(_ on: Bool)
    /// WebSocket: sends what waits and a close frame, then waits up to two seconds for the other side's. Code 0 cuts.
    func close(code: Int, reason: String)
    /// Ends it at once; `finished` follows with the failure `aborted`.
    func abort()
}
