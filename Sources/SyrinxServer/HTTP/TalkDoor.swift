// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import NIOHTTP1
internal import SyrinxAccess
internal import SyrinxCore
internal import SyrinxHost
internal import SyrinxRuntime
internal import SyrinxTelemetry

/// Makes sessions for connections: admission first, then providers, then the pipeline of the socket.
struct TalkDoor: SocketDoor {
    let manager: SessionManager
    let gate: Gatekeeper
    let policies: PolicyStore
    /// Bytes of one WebSocket message.
    let maxMessage: Int
    let outlets: Outlets
    let desk: ResumeDesk

    func matches(_ uri: String) -> Bool { TalkRequest.matches(uri) }

    /// A socket with its session, ready to join the pipeline.
    func open(_ head: HTTPRequestHead, peer: SocketAddress?, on loop: any EventLoop) -> EventLoopFuture<AcceptedSocket>
    {
        let promise = loop.makePromise(of: AcceptedSocket.self)
        var tenant = ""
        do {
            let talk = try TalkRequest.parse(head.uri)
            let visit = Self.visit(talk, head, peer)
            if let token = talk.resume {
                promise.succeed(resumed(try gate.resume(token, visit, at: desk)))
                return promise.futureResult
            }
            let grant = try gate.grantCall(visit)
            tenant = grant.tenant
            let admission = try admit(talk, grant)
            let details = CallDetails(
                peer: peer?.ipAddress, trace: Self.trace(head.headers), longest: grant.maxDuration,
                isResumable: talk.isResumable, tenant: policies.current.tenant(grant.tenant))
            if admission.request.options.isEmpty {
                promise.completeWith(
                    Result { try begin(admission, details, manager.profiles.find(for: admission.request), loop) })
            } else {
                prepareElsewhere(admission, details, promise)
            }
        } catch {
            promise.fail(error)
        }
        promise.futureResult.whenFailure { [tenant] in outlets.refused($0, tenant: tenant) }
        return promise.futureResult
    }

    static func trace(_ headers: HTTPHeaders) -> SpanContext? {
        headers.first(name: "traceparent").flatMap {
            SpanContext(traceparent: $0, tracestate: headers.first(name: "tracestate"))
        }
    }

    private static func visit(_ talk: TalkRequest, _ head: HTTPRequestHead, _ peer: SocketAddress?) -> Visit {
        Visit(
            authorization: head.headers["authorization"], tokens: talk.tokens, host: head.headers.first(name: "host"),
            origin: head.headers.first(name: "origin"),
            pathTenant: talk.pathTenant, peer: peer?.ipAddress.flatMap { PeerAddress($0) })
    }

    /// After who it is, which comes first: a stranger learns nothing of profiles and places.
    private func admit(_ talk: TalkRequest, _ grant: Grant) throws(SyrinxError) -> Admission {
        var request = talk.call
        request.tenant = grant.tenant
        request.profile = grant.profile ?? talk.profile ?? policies.current.tenant(grant.tenant).defaultProfile
        if let user = grant.user { request.user = user }
        let profile = try? manager.profiles.find(request.profile, tenant: request.tenant)
        return try manager.admit(request, providers: profile?.providerIDs ?? [])
    }

    /// The client chose a provider that may have to be opened first: not on the event loop.
    private func prepareElsewhere(
        _ admission: Admission, _ details: CallDetails, _ promise: EventLoopPromise<AcceptedSocket>
    ) {
        let loop = promise.futureResult.eventLoop
        let started = manager.host.environment.runBlocking {
            let prepared = Result { try manager.profiles.find(for: admission.request) }
            loop.execute { promise.completeWith(Result { try begin(admission, details, prepared.get(), loop) }) }
        }
        guard !started else { return }
        promise.fail(SyrinxError("session.busy", "too many sessions begin at once", fix: "try again", retryable: true))
    }

    private func begin(
        _ admission: Admission, _ details: CallDetails, _ prepared: PreparedProfile, _ loop: any EventLoop
    ) throws -> AcceptedSocket {
        let environment = manager.host.environment
        var prepared = prepared
        if let longest = details.longest { prepared.limit(duration: longest) }
        let extras = outlets.extras(admission, details, now: environment.now())
        let (id, desk) = (admission.id, desk)
        let line = TalkLine(clock: { environment.now() }, onEnd: { desk.remove(id) })
        let session = try manager.begin(admission, prepared: prepared, on: loop, transport: line, extras: extras)
        line.attach(session)
        let port = TalkPort(
            id: id, rate: session.request.rate, isLoopback: session.isLoopback,
            // A loopback has no history to come back to.
            isResumable: details.isResumable && !session.isLoopback, loop: loop, line: LoopBound(line),
            onDropped: { [metrics = outlets.metrics, tenant = session.request.tenant] count in
                metrics.framesDropped(tenant: tenant, cause: "slow_reader", count)
            })
        if port.isResumable { desk.add(port) }
        return accepted(
            TalkParty(port: port, connection: line.connection, desk: desk) { party, here in
                let socket = TalkSocket(party, on: here, sessionLoop: port.loop)
                port.line.value.open(socket, resume: port.isResumable ? desk.offer(id) : nil)
            })
    }

    /// A socket for a session that lives already, as a rule on another event loop.
    private func resumed(_ port: TalkPort) -> AcceptedSocket {
        let (desk, metrics) = (desk, outlets.metrics)
        return accepted(
            TalkParty(port: port, connection: TalkConnection(), desk: desk) { party, here in
                let socket = TalkSocket(party, on: here, sessionLoop: port.loop)
                port.run(on: here) { line in
                    guard line.reopen(socket, resume: desk.offer(port.id)) else { return socket.ended(.transportLost) }
                    metrics.sessionResumed(tenant: line.session?.request.tenant ?? "")
                }
            })
    }

    private func accepted(_ party: TalkParty) -> AcceptedSocket {
        AcceptedSocket(handler: SocketHandler(owner: party, maxMessage: maxMessage))
    }
}
