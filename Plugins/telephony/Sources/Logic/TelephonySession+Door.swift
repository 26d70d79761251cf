// SPDX-License-Identifier: Apache-2.0
internal import SyrinxPlugin

extension TelephonySession {
    // MARK: Somebody asks

    func receive(_ request: DoorRequest?, id: UInt64) {
        guard let request else { return reply(id, 400, "The request cannot be read.") }
        guard case .idle = stage, request.path.isEmpty else { return reply(id, 404, "There is nothing here.") }
        guard request.method == "GET" || request.method == "POST" && !request.upgrades else {
            reply(id, 405, "Post a voice webhook, or open a stream.", headers: ["allow": "GET, POST"])
            return finish("refused: method \(request.method.prefix(16))")
        }
        guard request.isForm else {
            reply(id, 415, "A voice webhook is a form: application/x-www-form-urlencoded.")
            return finish("refused: not a form")
        }
        switch line.admission(request) {
        case .open: admit(request)
        case .refused(let why): refuse(request, why)
        case .asks(let challenge):
            stage = .judging(request, challenge)
            for question in challenge.questions where !ask(question, Cookie.question) { return }
        }
    }

    func receiveDigest(_ cookie: UInt64, _ digest: [UInt8]?) {
        switch stage {
        case .judging(let request, var challenge) where cookie == Cookie.question:
            challenge.answer(digest)
            stage = .judging(request, challenge)
            guard let verdict = challenge.verdict else { return }
            guard verdict else {
                return refuse(request, "The signature, token or ticket is wrong for this address.")
            }
            admit(request)
        case .signing(let request, let ticket) where cookie == Cookie.ticket:
            guard let digest else { return noSecret(request) }
            answer(request, ticket, query: ticket.query(digest))
        default: break
        }
    }

    /// False when the session is over for want of a secret.
    private func ask(_ question: Challenge.Question, _ cookie: UInt64) -> Bool {
        let status = host.requestHMAC(
            key: question.key,
            bytes: question.bytes,
            cookie: cookie,
            algorithm: question.algorithm
        )
        guard status.isError else { return true }
        switch stage {
        case .judging(let request, _), .signing(let request, _): noSecret(request)
        default: break
        }
        return false
    }

    private func noSecret(_ request: DoorRequest) {
        reply(request.id, 503, "The door cannot check who asks.")
        fail(PluginError(.unavailable, "the host has no secret '\(line.dialect.secretName)', or cannot sign with it"))
    }

    private func refuse(_ request: DoorRequest, _ why: String) {
        count(.refused)
        reply(request.id, 403, why)
        finish("refused: \(why)")
    }

    // MARK: They may enter

    private func admit(_ request: DoorRequest) {
        guard !request.upgrades else {
            stage = .opening(NetworkID(rawValue: request.id), request)
            return reply(request.id, 101, "")
        }
        guard request.isRouted else { return reject(request) }
        let fields = request.method == "POST" ? request.form : FormField.parse(Array(request.rawQuery.dropFirst().utf8))
        let ticket = Ticket(
            expires: line.clock() + Ticket.lifetime,
            call: fields[line.dialect.formCall] ?? "",
            from: fields["From"] ?? "",
            to: fields["To"] ?? ""
        )
        guard line.config.verifies, line.dialect.proof != .twilio, let secret = line.config.secret(line.dialect) else {
            return answer(request, ticket, query: line.dialect.proof == .twilio ? "" : ticket.query([]))
        }
        stage = .signing(request, ticket)
        _ = ask(ticket.question(secret), Cookie.ticket)
    }

    /// Before the vendor charges for a call that nobody would take.
    private func reject(_ request: DoorRequest) {
        count(.unknownNumbers)
        host.log(.warning, "a call of a number that leads nowhere was rejected", fields: "")
        let xml = Answer.rejection(line.dialect, line.config.unknownNumber ?? "")
        reply(request.id, 200, xml, headers: ["content-type": "text/xml; charset=utf-8"])
        finish("refused: the called number leads nowhere")
    }

    private func answer(_ request: DoorRequest, _ ticket: Ticket, query: String) {
        let answer = Answer(
            dialect: line.dialect,
            codec: line.codec,
            address: request.address(line.config),
            query: query,
            call: ticket.call,
            from: ticket.from,
            to: ticket.to,
            then: line.config.then ?? ""
        )
        reply(request.id, 200, answer.xml, headers: ["content-type": "text/xml; charset=utf-8"])
        finish("the webhook is answered")
    }

    private func reply(_ id: UInt64, _ status: Int, _ body: String, headers: [String: String] = [:]) {
        var headers = headers.mapValues { JSONValue.string($0) }
        if !body.isEmpty, headers["content-type"] == nil { headers["content-type"] = "text/plain; charset=utf-8" }
        var event = OutgoingEvent(.httpReply, id: id)
        event.integer = Int64(status)
        event.json = JSONValue.object(headers).text
        event.text = body
        outbox.send(event)
    }
}
