// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import SyrinxConversation
internal import SyrinxCore
internal import SyrinxRuntime

/// The caller's socket, as the line of a session sees it: on the same event loop, or on another.
struct TalkSocket: Sendable {
    private let handler: LoopBound<WeakHandler>
    private let loop: any EventLoop
    /// Nil = the session's own loop.
    private let isLocal: Bool

    final class WeakHandler {
        private(set) weak var handler: TalkHandler?

        init(_ handler: TalkHandler) { self.handler = handler }
    }

    init(_ handler: TalkHandler, on loop: any EventLoop, sessionLoop: any EventLoop) {
        self.handler = LoopBound(WeakHandler(handler))
        self.loop = loop
        isLocal = loop === sessionLoop
    }

    func send(audio samples: UnsafeBufferPointer<Int16>) {
        if isLocal {
            handler.value.handler?.send(audio: samples)
        } else {
            let copy = Array(samples)
            loop.execute { [handler] in
                copy.withUnsafeBufferPointer { handler.value.handler?.send(audio: $0) }
                handler.value.handler?.flush()
            }
        }
    }

    func send(event: JSONValue) { run { $0.send(json: event) } }

    /// The line has counted this connection.
    func joined(as connection: Int) { run { $0.joined(as: connection) } }

    func flush() {
        if isLocal { handler.value.handler?.flush() }
    }

    /// Nothing follows.
    func ended(_ reason: CloseReason) { run { $0.ended(reason) } }

    private func run(_ body: @escaping @Sendable (TalkHandler) -> Void) {
        if isLocal {
            if let handler = handler.value.handler { body(handler) }
        } else {
            loop.execute { [handler] in
                guard let handler = handler.value.handler else { return }
                body(handler)
                handler.flush()
            }
        }
    }
}
