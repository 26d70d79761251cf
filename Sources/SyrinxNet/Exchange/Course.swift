// SPDX-License-Identifier: Apache-2.0

internal import DequeModule
internal import NIOCore
internal import NIOHTTP1
internal import SyrinxCore

/// The way of an exchange from its start to its one end. Lives on one loop.
final class Course {
    enum Phase {
        case connecting
        case http(HTTPHandler)
        case socket(SocketHandler)
        case ended
    }

    let request: NetworkRequest
    let environment: Environment
    let loop: any EventLoop
    let outbox: Outbox
    let outlet: Outlet
    let target: Target
    /// Of a WebSocket; nil = a plain request.
    let upgrade: Upgrade?
    var phase = Phase.connecting
    private let startedAt = NIODeadline.now()
    private var hasToldConnection = false
    var watchdog: Watchdog?

    // MARK: of the current attempt

    var head: RequestHead?
    var deadline: Scheduled<Void>?
    var connection: HTTP1Connection?
    /// The connection has served others before: that it dies says nothing of the request.
    var isReused = false
    /// Somebody else makes the connection, and for others too: it may be full when it comes.
    private var isFollowing = false
    var hasHeard = false
    /// A ping was sent and nothing heard since.
    var isPinging = false
    var hasRetried = false
    /// Some of the body that was streamed is gone: the request cannot be made again.
    var hasDrained = false
    var bodyLeft: Int?
    var isBodyComplete = false

    // MARK: of the upgrade

    var subprotocol = ""
    var upgradeHeaders: [(name: String, value: String)]?
    /// Of an upgrade that was refused.
    var refusal: NetworkEnd?

    init(
        _ request: NetworkRequest, isSocket: Bool, _ environment: Environment, _ loop: any EventLoop,
        _ outbox: Outbox, _ outlet: Outlet
    ) {
        self.request = request
        self.environment = environment
        self.loop = loop
        self.outbox = outbox
        self.outlet = outlet
        target = Target(request.url, request.rules)
        upgrade = isSocket ? Upgrade(request) : nil
    }

    var host: String { request.url.host }

    private var versions: HTTPVersions { upgrade != nil ? .http1 : request.requiresHTTP2 ? .http2 : .any }

    // MARK: the connection

    func start(_ found: Pool.Found?) {
        do {
            head = try makeHead()
        } catch {
            if let found { giveBack(found) }
            return fail(error)
        }
        setDeadline()
        switch found {
        case nil: connect()
        case .http1(let connection):
            isReused = true
            use(.http1(connection), isClaimed: true)
        case .http2(let connection):
            isReused = true
            use(.http2(connection), isClaimed: true)
        case .coming(_, let connection):
            isFollowing = true
            follow(connection) { [weak self] _ in self?.connect() }
        case .leading(_, let promise): connect(tell: promise)
        }
    }

    private func makeHead() throws(NetworkFailure) -> RequestHead {
        guard !environment.isClosed else { throw NetworkFailure(.aborted, "the network client is closed") }
        guard request.rules.allow(request.url) else {
            throw NetworkFailure(
                .refusedByRules, "\(host) is not among the places that this plugin may reach")
        }
        guard !request.requiresHTTP2 || target.isSecure else {
            throw NetworkFailure(.protocolBroken, "HTTP/2 is required, and \(host) is to be reached without TLS")
        }
        return if let upgrade { try RequestHead(request, upgrade) } else { try RequestHead(request) }
    }

    private func giveBack(_ found: Pool.Found) {
        switch found {
        case .http1(let connection): environment.pool.keep(connection)
        case .http2(let connection): connection.release()
        case .coming(_, let connection):
            let pool = environment.pool
            connection.whenSuccess { pool.adopt($0) }
        case .leading(_, let promise): promise.fail(ChannelError.operationUnsupported)
        }
    }

    /// Covers everything until the request goes out, or the socket is open.
    func setDeadline() {
        deadline?.cancel()
        deadline = loop.assumeIsolated().scheduleTask(in: TimeAmount(request.connectTimeout)) { [weak self] in
            guard let self else { return }
            if let refusal { return finish(refusal) }
            fail(NetworkFailure(.timeout, "\(host) was not ready within \(request.connectTimeout)"))
        }
    }

    /// - Parameter others: wait for the connection too, if it can be shared.
    func connect(tell others: EventLoopPromise<Connection>? = nil) {
        guard case .connecting = phase else { return }
        isFollowing = false
        let connection = environment.connector.connect(
            to: target, versions, within: request.connectTimeout, on: loop)
        // Before the others: whoever made the connection has a place on it.
        follow(connection) { [weak self] error in
            guard let self else { return }
            fail(NetworkFailure(error, host: host))
        }
        if let others {
            let pool = environment.pool
            connection.whenComplete { result in
                guard case .success(.http2(let connection)) = result else {
                    return others.fail(ChannelError.operationUnsupported)
                }
                pool.share(connection)
                others.succeed(.http2(connection))
            }
        }
    }

    private func follow(
        _ connection: EventLoopFuture<Connection>, orElse: @escaping (any Error) -> Void
    ) {
        let pool = environment.pool
        connection.assumeIsolated().whenComplete { [weak self] result in
            switch result {
            case .failure(let error): orElse(error)
            case .success(let connection):
                guard let self, case .connecting = self.phase else { return pool.adopt(connection) }
                self.use(connection, isClaimed: false)
            }
        }
    }

    private func use(_ connection: Connection, isClaimed: Bool) {
        switch connection {
        case .http1(let connection):
            self.connection = connection
            let pool = environment.pool
            connection.onFree = { [weak connection] isReusable in
                if isReusable, let connection { pool.keep(connection) }
            }
            begin(connection.take())
        case .http2(let connection):
            if !isClaimed { environment.pool.share(connection) }
            guard isClaimed || connection.claim() else { return isFollowing ? connect() : begin(nil) }
            connection.openStream { [weak self] handler in
                guard let self, case .connecting = self.phase else { return handler?.discard() ?? () }
                self.begin(handler)
            }
        }
    }

    private func begin(_ handler: HTTPHandler?) {
        guard let head, let handler else {
            return lost(NetworkFailure(.connection, "\(host) closed the connection"), isUnprocessed: true)
        }
        tellConnection()
        hasHeard = false
        bodyLeft = head.bodyLength
        isBodyComplete = !request.streamsBody
        phase = .http(handler)
        if upgrade == nil {
            deadline?.cancel()
            handler.setReading(outlet.isReading.value)
            watchSilence()
        }
        handler.begin(head.head, for: self)
        // The connection may have died already.
        guard case .http = phase else { return }
        if !request.body.isEmpty, upgrade == nil {
            count(request.body.count)
            handler.write(request.body, promise: loop.makePromise())
        }
        guard request.streamsBody, upgrade == nil else { return handler.endRequest() }
        handler.flush()
        drain()
    }

    private func tellConnection() {
        guard !hasToldConnection, let tell = request.onConnection else { return }
        hasToldConnection = true
        tell(.nanoseconds((NIODeadline.now() - startedAt).nanoseconds), isReused)
    }

    // MARK: in

    /// The owner reads, or no longer.
    func readingChanged() {
        let isReading = outlet.isReading.value
        if isReading { outlet.resume() }
        watchdog?.setPaused(!isReading)
        switch phase {
        case .http(let handler) where upgrade == nil: handler.setReading(isReading)
        case .socket(let handler): handler.setReading(isReading)
        default: break
        }
    }

    /// A byte came from the other side.
    func heard() {
        hasHeard = true
        if isPinging { watchSilence() } else { watchdog?.heard() }
    }

    /// Hands the connection to a socket; nil = it is gone.
    func takeConnection() -> HTTP1Connection? {
        defer { connection = nil }
        return connection
    }
}
