// SPDX-License-Identifier: Apache-2.0
internal import SyrinxPlugin

/// From CONFIG to a call that is on, and what goes to it.
extension VapiMachine {
    private static let setupMilliseconds: UInt32 = 20_000
    private static let answerLimit = 1 << 20
    /// What waits for the socket: of more than two seconds, the oldest is dropped.
    private static let earlySeconds = 2
    private static let queueLimit = 64
    private static let historyLimit = 50

    /// CONFIG: the first one begins the call. The assistant's instructions are the vendor's to keep.
    mutating func configure(_ configuration: SpeechConfiguration) {
        tools = Set(configuration.tools.map(\.name))
        guard case .waiting = phase else { return }
        history = configuration.history
        create()
    }

    /// Asks for the call, once: it costs money, so that neither a lost answer nor an error is a reason to ask again.
    mutating func create() {
        guard case .waiting = phase else { return }
        do throws(PluginError) {
            try config.checkAnswerer()
            let key = CallRequest.newKey(session: session)
            phase = .creating(try host.startRequest(CallRequest.make(config, key: key)))
        } catch {
            return fail(error)
        }
        _ = host.startTimer(afterMilliseconds: Self.setupMilliseconds, cookie: Self.setupCookie)
    }

    mutating func takeCreation(_ event: NetworkEvent, _ id: NetworkID) {
        switch event {
        case .head(id, let status, let headers): (self.status, self.headers) = (status, headers)
        case .data(id, let bytes):
            guard body.count + bytes.count <= Self.answerLimit else {
                host.abortRequest(id)
                return failProtocol("the API's answer is too long", isRetryable: false)
            }
            body += bytes
        case .done(id, let error): created(error)
        default: break
        }
    }

    private mutating func created(_ error: PluginError?) {
        if let error { return fail(VapiFailure.uncertain(error)) }
        guard (200..<300).contains(status) else { return fail(VapiFailure.http(status, headers, body)) }
        let call = try? JSONValue(parsing: body)
        body = []
        guard let url = call?["transport"]?["websocketCallUrl"]?.string else {
            return failProtocol("the call that was created has no websocketCallUrl", isRetryable: false)
        }
        let id = String((call?["id"]?.string ?? "").prefix(64))
        host.log(.info, "a call was created at Vapi", fields: JSONValue.object(["call": .string(id)]).text)
        do throws(PluginError) {
            let socket = try host.openWebSocket(NetworkRequest(url: url))
            outbox = SocketOutbox(host, socket)
            phase = .connecting(socket)
        } catch {
            var error = error
            error.isRetryable = false
            fail(error)
        }
    }

    /// The call is on: first what was said before, then what waits.
    mutating func opened(_ socket: NetworkID) {
        phase = .running(socket)
        talk.send(OutgoingEvent(.ready))
        for line in history.suffix(Self.historyLimit) {
            transmit(ControlMessage.add(role: line.role, line.text, isAnswered: false))
        }
        history = []
        for message in queue { transmit(message) }
        for bytes in early { transmit(bytes) }
        queue = []
        early = []
        earlyBytes = 0
    }

    mutating func timerFired(_ id: UInt64) {
        guard id == Self.setupCookie || id == Self.patienceCookie else { return talk.timerFired(id) }
        switch phase {
        case .waiting: create()
        case _ where id == Self.patienceCookie: break
        case .creating(let id):
            host.abortRequest(id)
            fail(VapiFailure.uncertain(PluginError(.deadlineExceeded, "Vapi: the call was not created in time")))
        case .connecting:
            fail(PluginError(.deadlineExceeded, "Vapi: the call's socket did not open in time"))
        default: break
        }
    }

    // MARK: Sending

    mutating func hear(_ samples: [Int16]) {
        guard !samples.isEmpty else { return }
        create()
        let converted = input.convert(samples)
        guard !converted.isEmpty else { return }
        let bytes = config.encoding == .mulaw ? G711.muLaw.encode(converted) : converted.withUnsafeBytes { Array($0) }
        if case .running = phase { return transmit(bytes) }
        early.append(bytes)
        earlyBytes += bytes.count
        let limit = Self.earlySeconds * Int(config.wireRate) * (config.encoding == .mulaw ? 1 : 2)
        while earlyBytes > limit, !early.isEmpty { earlyBytes -= early.removeFirst().count }
    }

    /// Sends a message, or keeps it until the call is on.
    mutating func send(_ message: String) {
        if case .running = phase { return transmit(message) }
        guard !isOver, queue.count < Self.queueLimit else { return }
        queue.append(message)
    }

    private mutating func transmit(_ message: String) {
        if outbox?.sendText(message) == .again { failStuck() }
    }

    private mutating func transmit(_ bytes: [UInt8]) {
        if outbox?.sendBinary(bytes) == .again { failStuck() }
    }

    private mutating func failStuck() {
        if let socket { host.closeWebSocket(socket, code: 0) }
        fail(PluginError(.deadlineExceeded, "Vapi: the call takes no more data", isRetryable: true))
    }
}
