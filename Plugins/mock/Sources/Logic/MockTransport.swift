// SPDX-License-Identifier: Apache-2.0
internal import Synchronization
public import SyrinxPlugin

/// The transport `mock`: a WebSocket whose binary messages are s16le audio both ways and whose text messages are JSON.
/// It lets everybody in, and does on request what other transports do by themselves.
public final class MockTransportProvider: Provider {
    /// Takes no options.
    public init(config: NoOptions, host: Host) throws(PluginError) {}

    /// Waits for whoever asked.
    public func openSession(
        _ params: SessionParams,
        options: NoOptions,
        host: SessionHost
    ) throws(PluginError) -> MockTransportSession {
        MockTransportSession(params, host)
    }
}

/// One visitor, and the call that comes of it.
public final class MockTransportSession: Session {
    private let host: SessionHost
    private let rate: UInt32
    private let name: String
    private var inbox: NetworkInbox
    /// Any thread tells the far end what it must not play any more.
    private let socket = Mutex<NetworkID?>(nil)
    private var query: [String: String] = [:]
    private var heard: Int64 = 0

    init(_ params: SessionParams, _ host: SessionHost) {
        self.host = host
        rate = params.output.sampleRate
        name = params.session
        inbox = NetworkInbox(host: host)
    }

    /// Requests, messages of the socket, and the agent's audio.
    public func handle(_ event: borrowing Event) throws(PluginError) -> Status {
        if let request = DoorRequest(event) {
            try answer(request)
        } else if let message = inbox.read(event) {
            receive(message)
        } else {
            return fromAgent(event)
        }
        return .ok
    }

    /// The query says what is to become of it: `refuse=403`, `silent=1`, `decline=1` (no request for us), `stay=1` (no
    /// socket: the far end is there at once), `tones=1` (takes no keys).
    private func answer(_ request: DoorRequest) throws(PluginError) {
        query = request.query
        if query["silent"] != nil { return }
        if query["decline"] != nil { throw .invalid("the request is none for this door") }
        if !request.isRouted {
            emit(.reply(.problem(404, "nobody's number"), to: request.id))
            emit(.farEndLeft("refused"))
        } else if let status = query["refuse"].flatMap(Int.init) {
            emit(.reply(.problem(status, "not today"), to: request.id))
            emit(.farEndLeft("refused"))
        } else if request.upgrades {
            emit(.reply(.accept, to: request.id))
        } else if !request.path.isEmpty {
            emit(.reply(DoorReply(200, body: "\(request.method) \(request.path) \(request.text)"), to: request.id))
            if request.method == "DELETE" { emit(.farEndLeft("deleted")) }
        } else {
            let headers = ["location": "\(request.url.prefix { $0 != "?" })/\(name)", "content-type": "text/plain"]
            emit(.reply(DoorReply(201, headers: headers, body: name), to: request.id))
            if query["stay"] == nil { emit(.farEndLeft("asked only")) } else { arrive() }
        }
    }

    private func arrive() {
        var facts = PeerFacts()
        facts.user = query["user"] ?? ""
        facts.from = query["from"] ?? ""
        facts.to = query["to"] ?? ""
        emit(.peer(facts))
    }

    private func receive(_ message: NetworkEvent) {
        switch message {
        case .opened(let id, _, _):
            socket.withLock { $0 = id }
            arrive()
        case .binary(_, let bytes): speak(bytes)
        case .text(_, let text): obey(text)
        case .closed: emit(.farEndLeft("closed"))
        default: break
        }
    }

    private func speak(_ bytes: [UInt8]) {
        let samples = stride(from: 0, to: bytes.count & ~1, by: 2).map { index in
            Int16(truncatingIfNeeded: Int(bytes[index]) | Int(bytes[index + 1]) << 8)
        }
        _ = host.emitAudio(
            samples.span, generation: 0, clause: 0, format: AudioFormat(sampleRate: rate), presentationTime: heard)
        heard += Int64(samples.count)
    }

    /// `{"keys":"1#"}`, `{"played":480}`, `{"command":{…}}`, `{"hang_up":true}`.
    private func obey(_ text: String) {
        guard let json = try? JSONValue(parsing: text) else { return }
        if let keys = json["keys"]?.string { emit(.keys(keys)) }
        if let samples = json["played"]?.int { emit(.played(samples: samples)) }
        if let command = json["command"] {
            var event = OutgoingEvent(.command)
            event.json = command.text
            emit(event)
        }
        if json["hang_up"] != nil { emit(.farEndLeft("hung up")) }
    }

    private func fromAgent(_ event: borrowing Event) -> Status {
        switch event.type {
        case .audioIn:
            let bytes = event.withAudio { frame in frame.withInt16 { Self.bytes($0) } } ?? nil
            if let bytes, let socket = socket.withLock({ $0 }) { _ = host.sendBinary(socket, bytes) }
        case .notice: send(event.json)
        case .dtmfIn where query["tones"] == nil: send("{\"keys\":\"\(event.text)\"}")
        default: return .skip
        }
        return .ok
    }

    /// The far end throws away what waits of this answer.
    public func cancel(_ generation: UInt64) { send("{\"clear\":\(generation)}") }

    private func send(_ text: String) {
        if let socket = socket.withLock({ $0 }) { _ = host.sendText(socket, text) }
    }

    private static func bytes(_ samples: Span<Int16>) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(samples.count * 2)
        for index in samples.indices {
            bytes.append(UInt8(truncatingIfNeeded: samples[index]))
            bytes.append(UInt8(truncatingIfNeeded: samples[index] >> 8))
        }
        return bytes
    }

    private func emit(_ event: OutgoingEvent) { _ = host.emit(event) }
}
