// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import SyrinxCore

/// How an exchange ends, or begins once more.
extension Course {
    /// The connection is lost. One that others used before may have been closed by the other side meanwhile: then a new
    /// one is tried once, if nothing can happen twice by that.
    func lost(_ failure: NetworkFailure, isUnprocessed: Bool) {
        let mayRepeat = head?.isIdempotent == true || isUnprocessed
        if isReused, !hasRetried, !hasHeard, !hasDrained, mayRepeat {
            hasRetried = true
            isReused = false
            phase = .connecting
            watchdog?.stop()
            watchdog = nil
            setDeadline()
            return connect()
        }
        if let refusal { return finish(refusal) }
        fail(failure)
    }

    func fail(_ failure: NetworkFailure) { finish(NetworkEnd(failure: failure)) }

    func abort() {
        finish(NetworkEnd(failure: NetworkFailure(.aborted, "the exchange with \(host) was aborted")), isNow: true)
    }

    /// - Parameter isNow: what came and was not read yet is dropped.
    func finish(_ end: NetworkEnd, isNow: Bool = false) {
        let last = phase
        phase = .ended
        deadline?.cancel()
        watchdog?.stop()
        outbox.close()
        connection = nil
        switch last {
        case .http(let handler): handler.cut()
        case .socket(let handler): handler.cut()
        case .connecting: break
        case .ended:
            if isNow { outlet.cut(end) }
            return
        }
        if isNow { outlet.cut(end) } else { outlet.push(.finished(end)) }
    }

    /// The socket is open: only silence can end it now.
    func endDeadline() { deadline?.cancel() }
}
