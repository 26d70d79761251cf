// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import Synchronization
internal import SyrinxCore

/// The connections that are kept: idle ones of HTTP/1.1, all of HTTP/2, and those that were asked for ahead of time and
/// are still being made. Any thread.
final class Pool: Sendable {
    /// What there is for a request.
    enum Found: Sendable {
        case http1(HTTP1Connection)
        /// A slot of it is claimed.
        case http2(HTTP2Connection)
        /// Is being made; whoever gets it must take care of what comes of it.
        case coming(any EventLoop, EventLoopFuture<Connection>)
        /// Nothing yet, and others may wait for what this request makes of it: one of HTTP/2, which they can share, or
        /// a failure. The promise must be kept.
        case leading(any EventLoop, EventLoopPromise<Connection>)
    }

    private struct Warming {
        let versions: HTTPVersions
        /// It will be of HTTP/2: any number of requests may wait for it.
        let isShared: Bool
        let loop: any EventLoop
        let connection: EventLoopFuture<Connection>
    }

    private struct State {
        /// The newest last: the oldest die first.
        var idle: [Target: [HTTP1Connection]] = [:]
        var idleCount = 0
        var shared: [Target: [HTTP2Connection]] = [:]
        var warming: [Target: [Warming]] = [:]
        /// Where HTTP/2 was spoken: so many requests at once need not make as many connections.
        var speakHTTP2: Set<Target> = []
        var isClosed = false
    }

    /// Places that are remembered to speak HTTP/2.
    private static let mostKnown = 1024

    private let settings: NetSettings
    private let state = Mutex(State())

    init(_ settings: NetSettings) { self.settings = settings }

    /// What a request to this target can use at once, or soon; nil = it has to connect.
    /// - Parameter loop: where it would do so.
    func take(_ target: Target, _ versions: HTTPVersions, on loop: any EventLoop) -> Found? {
        let found = state.withLock { state -> Found? in
            if versions != .http1, let connection = state.shared[target]?.first(where: { $0.claim() }) {
                return .http2(connection)
            }
            if versions != .http2, let connection = Self.popIdle(&state, target) { return .http1(connection) }
            if let one = Self.popWarming(&state, target, versions) { return .coming(one.loop, one.connection) }
            guard versions == .http2 || versions == .any && state.speakHTTP2.contains(target) else { return nil }
            let promise = loop.makePromise(of: Connection.self)
            Self.addWarming(&state, target, versions, isShared: true, promise.futureResult)
            return .leading(loop, promise)
        }
        if case .leading(_, let promise) = found { forgetWhenDone(target, promise.futureResult) }
        return found
    }

    private static func popWarming(_ state: inout State, _ target: Target, _ versions: HTTPVersions) -> Warming? {
        guard let index = state.warming[target]?.firstIndex(where: { $0.versions == versions }) else { return nil }
        if let one = state.warming[target]?[index], one.isShared { return one }
        return removeWarming(&state, target, at: index)
    }

    private static func removeWarming(_ state: inout State, _ target: Target, at index: Int) -> Warming? {
        let one = state.warming[target]?.remove(at: index)
        if state.warming[target]?.isEmpty == true { state.warming[target] = nil }
        return one
    }

    private static func addWarming(
        _ state: inout State, _ target: Target, _ versions: HTTPVersions, isShared: Bool,
        _ connection: EventLoopFuture<Connection>
    ) {
        let one = Warming(versions: versions, isShared: isShared, loop: connection.eventLoop, connection: connection)
        state.warming[target, default: []].append(one)
    }

    /// - Returns: whether it was still waiting for somebody.
    @discardableResult
    private func forget(_ target: Target, _ connection: EventLoopFuture<Connection>) -> Bool {
        state.withLock { state in
            guard let index = state.warming[target]?.firstIndex(where: { $0.connection === connection }) else {
                return false
            }
            _ = Self.removeWarming(&state, target, at: index)
            return true
        }
    }

    private func forgetWhenDone(_ target: Target, _ connection: EventLoopFuture<Connection>) {
        connection.whenComplete { [weak self, weak connection] _ in
            if let connection { self?.forget(target, connection) }
        }
    }

    private static func popIdle(_ state: inout State, _ target: Target) -> HTTP1Connection? {
        while let connection = state.idle[target]?.popLast() {
            state.idleCount -= 1
            if state.idle[target]?.isEmpty == true { state.idle[target] = nil }
            if connection.isActive { return connection }
        }
        return nil
    }

    /// Keeps a connection that is free, for a while. On its loop.
    func keep(_ connection: HTTP1Connection) {
        let isKept = state.withLock { state in
            let siblings = state.idle[connection.target]?.count ?? 0
            guard !state.isClosed, connection.isActive, siblings < settings.idlePerOrigin,
                state.idleCount < settings.idleConnections
            else { return false }
            state.idle[connection.target, default: []].append(connection)
            state.idleCount += 1
            return true
        }
        guard isKept else { return connection.close() }
        connection.onFree = { [weak self, weak connection] _ in
            if let connection { self?.remove(connection) }
        }
        connection.rest(settings.idleTimeout) { [weak self] in
            if self?.remove(connection) == true { connection.close() }
        }
    }

    /// Lets others share it, until it retires.
    func share(_ connection: HTTP2Connection) {
        let isShared = state.withLock { state in
            guard !state.isClosed else { return false }
            if state.speakHTTP2.count >= Self.mostKnown { state.speakHTTP2 = [] }
            state.speakHTTP2.insert(connection.target)
            guard state.shared[connection.target]?.contains(where: { $0 === connection }) != true else { return true }
            state.shared[connection.target, default: []].append(connection)
            return true
        }
        guard isShared else { return connection.close() }
        connection.whenRetired { [weak self, weak connection] in
            if let connection { self?.remove(connection) }
        }
    }

    /// Takes care of a connection that nobody waits for any more.
    func adopt(_ connection: Connection) {
        switch connection {
        case .http1(let connection): keep(connection)
        case .http2(let connection):
            share(connection)
            connection.rest()
        }
    }

    /// Whether there is something for such a request already.
    func isWarm(_ target: Target, _ versions: HTTPVersions) -> Bool {
        state.withLock { state in
            if versions != .http1, state.shared[target]?.contains(where: { !$0.isRetired }) == true { return true }
            if versions != .http2, state.idle[target]?.contains(where: { $0.isActive }) == true { return true }
            return state.warming[target]?.contains { $0.versions == versions } == true
        }
    }

    /// A connection that is being made ahead of time: a request may take it over; else it is kept when it is ready.
    func warm(_ target: Target, _ versions: HTTPVersions, _ connection: EventLoopFuture<Connection>) {
        state.withLock { Self.addWarming(&$0, target, versions, isShared: false, connection) }
        connection.whenComplete { [self] result in
            if forget(target, connection), case .success(let connection) = result { adopt(connection) }
        }
    }

    /// Closes what is idle, and what runs when it is done.
    func close() {
        let (idle, shared) = state.withLock { state in
            state.isClosed = true
            defer {
                state.idle = [:]
                state.idleCount = 0
                state.shared = [:]
            }
            return (state.idle.values.flatMap { $0 }, state.shared.values.flatMap { $0 })
        }
        for connection in idle { connection.channel.eventLoop.execute { connection.close() } }
        for connection in shared { connection.close() }
    }

    /// - Returns: whether it was idle until now.
    @discardableResult
    private func remove(_ connection: HTTP1Connection) -> Bool {
        state.withLock { state in
            guard let index = state.idle[connection.target]?.firstIndex(where: { $0 === connection }) else {
                return false
            }
            state.idle[connection.target]?.remove(at: index)
            state.idleCount -= 1
            if state.idle[connection.target]?.isEmpty == true { state.idle[connection.target] = nil }
            return true
        }
    }

    private func remove(_ connection: HTTP2Connection) {
        state.withLock { state in
            state.shared[connection.target]?.removeAll { $0 === connection }
            if state.shared[connection.target]?.isEmpty == true { state.shared[connection.target] = nil }
        }
    }
}
