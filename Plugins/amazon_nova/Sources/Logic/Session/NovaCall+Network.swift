// SPDX-License-Identifier: Apache-2.0
internal import SyrinxPlugin

// What comes over the network, and what goes.

extension NovaCall {
    /// Asks for the key of the day; the request follows when it is here.
    mutating func start() {
        guard case .idle = phase else { return }
        let time = SigningTime.now()
        phase = .keying(time)
        startTimer(Self.openingMilliseconds, Cookie.opening)
        let status = host.requestHMAC(key: identity.keyText, bytes: Array(time.date.utf8), cookie: Cookie.key)
        if status.isError { fail(Self.noKey(status)) }
    }

    mutating func receive(_ event: NetworkEvent) {
        switch event {
        case .digest(Cookie.key, let key): prepare(key)
        case .digest(Cookie.hash, let digest):
            guard case .hashing(let request, let key) = phase else { return }
            guard let digest else { return fail(Self.noKey(.notFound)) }
            open(request, key: key, digest: digest)
        case .head(let id, let status, let headers): receive(id, status, headers)
        case .data(let id, let bytes): receive(id, bytes)
        case .done(let id, let error): finish(id, error)
        case .writable: pump()
        default: break
        }
    }

    private mutating func prepare(_ dateKey: [UInt8]?) {
        guard case .keying(let time) = phase else { return }
        guard let dateKey else { return fail(Self.noKey(.notFound)) }
        let scope = SigningScope(date: time.date, region: identity.region)
        let key = scope.signingKey(dateKey: dateKey)
        let request = RequestSigner(endpoint: identity.endpoint, scope: scope, time: time, token: identity.token)
        guard identity.token != nil else {
            return open(request, key: key, digest: SHA256.hash(Array(request.canonicalRequest.utf8)))
        }
        phase = .hashing(request, key: key)
        let status = host.requestSHA256(request.canonicalRequest, cookie: Cookie.hash)
        if status.isError { fail(Self.noKey(status)) }
    }

    private mutating func open(_ request: RequestSigner, key: [UInt8], digest: [UInt8]) {
        let signature = request.signature(key: key, digest: digest)
        var post = NetworkRequest(url: identity.endpoint.url)
        post.method = "POST"
        post.headers = request.headers(accessKeyID: identity.accessKeyID, signature: signature)
        post.streamsBody = true
        post.requiresHTTP2 = true
        // The vendor is silent while nobody speaks; the host's own deadlines watch over turns.
        post.silenceMilliseconds = UInt32(clamping: settings.sessionSeconds * 2_000)
        do throws(PluginError) {
            let id = try host.startRequest(post)
            signer = EventSigner(key: key, scope: request.scope, seed: signature)
            phase = .opening(id)
        } catch { return fail(error) }
        startTimer(Self.tickMilliseconds, Cookie.tick)
        pump()
    }

    private mutating func receive(_ id: NetworkID, _ status: Int, _ headers: [String: String]) {
        guard case .opening(id) = phase else { return }
        guard status == 200 else {
            phase = .refused(id, status: status, headers: headers, body: [])
            return
        }
        phase = .open(id)
        output.send(OutgoingEvent(.ready))
        let seconds = max(0, settings.sessionSeconds - Self.expiringSeconds)
        startTimer(UInt32(clamping: seconds * 1_000), Cookie.expiring)
        settle()
    }

    private mutating func receive(_ id: NetworkID, _ bytes: [UInt8]) {
        switch phase {
        case .refused(id, let status, let headers, var body):
            body += bytes.prefix(max(0, Self.maximumErrorBody - body.count))
            phase = .refused(id, status: status, headers: headers, body: body)
        case .open(id), .ending(id):
            do throws(PluginError) {
                for frame in try decoder.feed(bytes) { try receive(frame) }
            } catch { return fail(error) }
            perform()
        default: break
        }
    }

    private mutating func receive(_ frame: EventMessage) throws(PluginError) {
        switch frame.text(":message-type") {
        case "event":
            guard frame.text(":event-type") == "chunk" else { return }
            dialogue.now = host.now
            dialogue.receive(try ModelEvent(payload: frame.payload))
        case "exception", "error": throw VendorFailure.exception(frame)
        default: throw .malformed("a frame says not what it is")
        }
    }

    /// The request is over.
    private mutating func finish(_ id: NetworkID, _ error: PluginError?) {
        switch phase {
        case .refused(id, let status, let headers, let body):
            fail(VendorFailure.http(status: status, headers: headers, body: body))
        case .ending(id): end()
        case .opening(id), .open(id):
            let message = decoder.isAtBoundary ? "ended the session" : "ended the session within a frame"
            fail(error ?? .unavailable("Amazon Bedrock \(message)"))
        default: break
        }
    }

    /// Does what the dialogue wants, then sends.
    mutating func perform() {
        for effect in dialogue.takeEffects() {
            switch effect {
            case .send(let events):
                do throws(PluginError) { try queue.append(events) } catch { return fail(error) }
            case .tell(let event): output.send(event)
            case .say(let item, let generation):
                if case .audio(let samples) = item { willPlay(samples.count) }
                output.send(item, generation: generation)
            case .cut(let generation):
                audibleUntil = 0
                output.cut(generation)
            }
        }
        pump()
        settle()
    }

    private mutating func willPlay(_ samples: Int) {
        let duration = Int64(samples) * 1_000_000_000 / Int64(max(1, formats.output.sampleRate))
        audibleUntil = max(audibleUntil, host.now) + duration
    }

    mutating func pump() {
        guard let id = stream, var signer else { return }
        do throws(PluginError) { try queue.pump(host, id, &signer) } catch { return fail(error) }
        self.signer = signer
    }

    func startTimer(_ milliseconds: UInt32, _ cookie: UInt64) {
        _ = host.startTimer(afterMilliseconds: milliseconds, cookie: cookie)
    }

    private static func noKey(_ status: Status) -> PluginError {
        let kind = status == .notFound ? Status.unauthenticated : status
        return PluginError(
            kind,
            status == .notFound
                ? "the secrets of AWS are not there: set 'secret_access_key', and 'session_token' of temporary credentials"
                : "the host does not sign the request to Amazon Bedrock"
        )
    }
}
