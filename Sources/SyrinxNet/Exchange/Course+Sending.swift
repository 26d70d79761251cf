// SPDX-License-Identifier: Apache-2.0

internal import DequeModule
internal import NIOCore
internal import SyrinxCore

/// What goes out: a body that is streamed, the messages of a socket.
extension Course {
    /// Something waits to be sent.
    func drain() {
        switch phase {
        case .connecting, .ended: break
        case .http(let handler):
            // What is sent to a socket before it is open waits.
            guard upgrade == nil else { return }
            for item in outbox.takeAll() { write(item, handler) }
            if case .http = phase { handler.flush() }
        case .socket(let handler):
            // The pipeline is still being changed; `becomeSocket` drains once that is done.
            guard handler.mayWrite else { return }
            for item in outbox.takeAll() { write(item, handler) }
            if case .socket = phase { handler.flush() }
        }
    }

    private func write(_ item: Outbox.Item, _ handler: HTTPHandler) {
        guard case .body(let bytes, let isLast) = item, !isBodyComplete, case .http = phase else {
            return written(item.cost)
        }
        hasDrained = true
        isBodyComplete = isLast
        count(bytes.count)
        guard case .http = phase else { return }
        if bytes.isEmpty { written(item.cost) } else { handler.write(bytes, promise: promise(item)) }
        guard isLast else { return }
        if let bodyLeft, bodyLeft > 0 {
            return fail(NetworkFailure(.protocolBroken, "the request to \(host) is shorter than its Content-Length"))
        }
        handler.endRequest()
    }

    /// A body that is longer than was promised would be taken for another request.
    func count(_ bytes: Int) {
        guard let left = bodyLeft else { return }
        bodyLeft = left - bytes
        if left < bytes {
            fail(NetworkFailure(.protocolBroken, "the request to \(host) is longer than its Content-Length"))
        }
    }

    private func write(_ item: Outbox.Item, _ handler: SocketHandler) {
        switch item {
        case .message(let bytes, let isText, let isLast):
            handler.send(bytes, isText: isText, isLast: isLast, promise: promise(item))
        case .close(let code, let reason): handler.close(code: code, reason: reason)
        case .body: written(item.cost)
        }
    }

    /// Done when the item is on the wire.
    private func promise(_ item: Outbox.Item) -> EventLoopPromise<Void> {
        let promise = loop.makePromise(of: Void.self)
        let cost = item.cost
        promise.futureResult.assumeIsolated().whenComplete { [weak self] _ in self?.written(cost) }
        return promise
    }

    private func written(_ cost: Int) {
        if outbox.written(cost) { outlet.tellWritable() }
    }
}
