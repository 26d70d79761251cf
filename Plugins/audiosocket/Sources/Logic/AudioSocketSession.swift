// SPDX-License-Identifier: Apache-2.0
public import SyrinxPlugin

/// One call: announced at the door, which gives a ticket, and then there on the socket, by that ticket.
public final class AudioSocketSession: Session {
    private static let refusal = "The token is missing or wrong: send it as the field `token`."
    private static let maximumPending = 8

    private struct Pending {
        var request: DoorRequest
        var form: CallForm
        /// The digest that the right token has.
        var expected: [UInt8]
    }

    private let provider: AudioSocketProvider
    private let params: SessionParams
    private let host: SessionHost
    private let outbox: Outbox
    private var call: Call?
    private var pending: [UInt64: Pending] = [:]
    private var lastCookie: UInt64 = 0

    init(_ provider: AudioSocketProvider, _ params: SessionParams, _ host: SessionHost) {
        self.provider = provider
        self.params = params
        self.host = host
        outbox = Outbox(host: host)
    }

    /// Takes requests and the agent's audio. Keys for the far end are tones that the host makes: the protocol has none.
    public func handle(_ event: borrowing Event) throws(PluginError) -> Status {
        switch event.type {
        case .httpRequest:
            guard let request = DoorRequest(event) else { throw .invalid("the request is malformed") }
            receive(request)
        case .digest: judge(event.id, event.integer == 0 ? event.bytes : nil)
        case .audioIn: speak(event)
        case .writable: outbox.flush()
        default: return .skip
        }
        return .ok
    }

    /// Nothing waits at the far end: audio leaves as it comes, in real time.
    public func cancel(_ generation: UInt64) {}

    /// Hangs up.
    public func close() {
        outbox.close()
        if let call { provider.hub.close(call) }
    }

    // MARK: The door

    private func receive(_ request: DoorRequest) {
        let form = CallForm(request)
        guard let token = provider.token else { return admit(request, form) }
        // The plugin never sees the token: the host signs a random text with it, and so does this with what was presented.
        let text = Ticket.random().bytes + Ticket.random().bytes
        guard let presented = form.token, pending.count < Self.maximumPending else { return refuse(request, 401) }
        lastCookie += 1
        let expected = SHA256.hmac(key: Array(presented.utf8), text)
        pending[lastCookie] = Pending(request: request, form: form, expected: expected)
        if host.requestHMAC(key: token, bytes: text, cookie: lastCookie).isError {
            pending[lastCookie] = nil
            refuse(request, 503)
        }
    }

    private func judge(_ cookie: UInt64, _ digest: [UInt8]?) {
        guard let pending = pending.removeValue(forKey: cookie) else { return }
        guard let digest, Self.areEqual(digest, pending.expected) else { return refuse(pending.request, 401) }
        admit(pending.request, pending.form)
    }

    /// Takes as long for a wrong last byte as for a wrong first one.
    private static func areEqual(_ left: [UInt8], _ right: [UInt8]) -> Bool {
        left.count == right.count && zip(left, right).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
    }

    private func admit(_ request: DoorRequest, _ form: CallForm) {
        if call != nil {
            guard request.method == "DELETE" else {
                return reply(.problem(405, "Only DELETE is of use here."), request)
            }
            reply(DoorReply(200), request)
            outbox.send(.farEndLeft("hung up at the door"))
            return
        }
        guard request.method == "POST" || request.method == "GET", request.path.isEmpty, !request.upgrades else {
            return end(.problem(405, "Announce a call by POST."), request)
        }
        guard request.isRouted else { return end(.problem(404, "The called number leads nowhere."), request) }
        let ticket = Ticket.random()
        let call = Call(ticket, host: host, outbox: outbox, format: params.output, greeting: .peer(form.facts))
        self.call = call
        provider.hub.expect(call)
        let path = request.url.prefix { $0 != "?" && $0 != "#" }
        let headers = [
            "content-type": "text/plain", "cache-control": "no-store", "location": "\(path)/\(params.session)",
            "x-audiosocket-port": String(provider.hub.port),
        ]
        reply(DoorReply(200, headers: headers, body: ticket.text), request)
    }

    private func refuse(_ request: DoorRequest, _ status: Int) {
        host.metric(AudioSocketMetric.refused.rawValue, 1)
        end(
            status == 401 ? .problem(401, Self.refusal) : .problem(status, "The token cannot be compared now."), request
        )
    }

    /// Without a call a refusal is all there will be of this session.
    private func end(_ refusal: DoorReply, _ request: DoorRequest) {
        reply(refusal, request)
        if call == nil { outbox.send(.farEndLeft("answered with \(refusal.status)")) }
    }

    private func reply(_ reply: DoorReply, _ request: DoorRequest) { outbox.send(.reply(reply, to: request.id)) }

    // MARK: The agent

    private func speak(_ event: borrowing Event) {
        guard let call, !host.isCancelled(event.generation) else { return }
        _ = event.withAudio { frame in
            let rate = frame.format.sampleRate
            frame.withInt16 { samples in
                if let packet = Packet.bytes(samples, rate: rate) { call.send(packet) }
            }
        }
    }
}
