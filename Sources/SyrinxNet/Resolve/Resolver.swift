// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import NIOPosix
internal import Synchronization
internal import SyrinxCore

/// Looks names up on a few threads of its own, for the system's look-up blocks. Who asks for a name that is being looked
/// up shares the answer; nothing is kept after it.
final class Resolver: Sendable {
    private struct State {
        var waiting: [String: [EventLoopPromise<[[UInt8]]>]] = [:]
        var isClosed = false
    }

    private let threads: NIOThreadPool
    private let lookup: @Sendable (String) throws -> [[UInt8]]
    private let limit: Int
    private let state = Mutex(State())

    init(_ settings: NetSettings) {
        threads = NIOThreadPool(numberOfThreads: max(1, settings.lookupThreads))
        lookup = settings.lookup ?? { try SystemLookup.addresses(of: $0) }
        limit = settings.waitingLookups
        threads.start()
    }

    /// The addresses of a name, or the one that it is, each 4 or 16 bytes; fails with a `NetworkFailure`.
    func addresses(of host: String, on loop: any EventLoop) -> EventLoopFuture<[[UInt8]]> {
        if let literal = IPAddress.parse(host) { return loop.makeSucceededFuture([literal]) }
        let promise = loop.makePromise(of: [[UInt8]].self)
        let (isFirst, refusal) = state.withLock { state -> (Bool, String?) in
            if state.isClosed { return (false, "the network client is closed") }
            let others = state.waiting[host] ?? []
            guard !others.isEmpty || state.waiting.count < limit else { return (false, "too many names wait") }
            state.waiting[host] = others + [promise]
            return (others.isEmpty, nil)
        }
        if let refusal { promise.fail(NetworkFailure(.noSuchHost, "cannot look up \(host): \(refusal)")) }
        if isFirst { find(host) }
        return promise.futureResult
    }

    func close() {
        state.withLock { $0.isClosed = true }
        threads.shutdownGracefully { _ in }
    }

    private func find(_ host: String) {
        threads.submit { [self] thread in
            let result: Result<[[UInt8]], any Error> =
                switch thread {
                case .active: Result { try lookup(host) }
                case .cancelled: .failure(NetworkFailure(.aborted, "the look-up of \(host) was abandoned"))
                }
            let waiting = state.withLock { $0.waiting.removeValue(forKey: host) ?? [] }
            for promise in waiting { promise.completeWith(result) }
        }
    }
}
