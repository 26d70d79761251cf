// SPDX-License-Identifier: Apache-2.0
import SyrinxPlugin
import SyrinxPluginTesting
import Vapi

/// A session of `vapi` and the vendor's side of it.
final class VapiCall {
    static let config = #"{"api_key":"${secret:api_key}","assistant_id":"a1"}"#
    static let socketURL = "wss://calls.vapi.ai/c1/transport"

    let host = FakeHost()
    let provider: FakeProvider
    let session: FakeSession
    var socket = NetworkID(rawValue: 0)

    /// How far the session has come when it is handed over.
    enum Stage { case opened, configured, created, on }

    init(
        config: String = VapiCall.config, options: String = "{}", call: String = "{}", queueLimit: Int = .max,
        stage: Stage = .on
    ) throws {
        provider = try host.open(vapiModule.table, .s2s, "vapi", config: config)
        session = try provider.openSession(
            options: options,
            input: AudioFormat(sampleRate: 16_000),
            output: AudioFormat(sampleRate: 16_000),
            queueLimit: queueLimit
        )
        if stage == .opened { return }
        configure(call)
        if stage == .configured { return }
        session.respond(creation, status: 201, body: Self.created)
        guard let last = session.requests.last, last.isSocket else { return }
        socket = last.id
        if stage == .on { session.acceptSocket(socket) }
    }

    static let created = #"{"id":"c1","status":"queued","transport":{"websocketCallUrl":"\#(socketURL)"}}"#

    /// POST /call.
    var creation: NetworkID { session.requests.first?.id ?? NetworkID(rawValue: 0) }

    func close() {
        session.close()
        provider.close()
    }

    // MARK: The host's side

    func configure(_ json: String) {
        var event = OutgoingEvent(.config)
        event.json = json
        session.send(event)
    }

    @discardableResult
    func prompt(_ generation: UInt64, _ text: String = "", line: String? = nil) -> Status {
        var event = OutgoingEvent(.prompt, generation: generation)
        event.text = text
        event.json = line.map { JSONValue.object(["line": .string($0)]).text } ?? ""
        return session.send(event)
    }

    func toolResult(_ call: UInt64, _ text: String, generation: UInt64, failed: Bool = false) {
        var event = OutgoingEvent(.toolResult, generation: generation, id: call)
        event.text = text
        event.integer = failed ? Int64(Status.internalError.rawValue) : 0
        session.send(event)
    }

    // MARK: The vendor's side

    func receive(_ messages: String...) {
        for message in messages { session.deliverText(socket, message) }
    }

    func speak(_ samples: [Int16]) { session.deliverBinary(socket, Self.bytes(samples)) }

    static func bytes(_ samples: [Int16]) -> [UInt8] {
        samples.flatMap { [UInt8(truncatingIfNeeded: $0), UInt8(truncatingIfNeeded: $0 >> 8)] }
    }

    var messages: [JSONValue] { session.sentTexts(socket).compactMap { try? JSONValue(parsing: $0) } }

    func messages(_ type: String) -> [JSONValue] { messages.filter { $0["type"]?.string == type } }

    var heard: [UInt8] {
        session.sent(socket).flatMap { if case .binary(let bytes) = $0 { bytes } else { [UInt8]() } }
    }

    // MARK: What the host got

    func events(_ types: EventType...) -> [RecordedEvent] { session.events.filter { types.contains($0.type) } }

    var types: [EventType] { session.events.map(\.type) }

    func samples(_ generation: UInt64) -> [Int16] {
        events(.audioOut).filter { $0.generation == generation }.flatMap(\.samples)
    }
}

/// The vendor's messages, in the shapes of the protocol page.
enum VapiWire {
    static let userStarted = speech("started", "user")
    static let userStopped = speech("stopped", "user")
    static let botStarted = speech("started", "assistant")
    static let botStopped = speech("stopped", "assistant")
    static let interrupted = #"{"type":"user-interrupted","turnId":"t1"}"#
    static let ended = #"{"type":"status-update","status":"ended","endedReason":"assistant-ended-call"}"#

    static func speech(_ status: String, _ role: String) -> String {
        #"{"type":"speech-update","status":"\#(status)","role":"\#(role)","turn":1}"#
    }

    static func transcript(_ role: String, _ text: String, isFinal: Bool = true) -> String {
        let type = isFinal ? "final" : "partial"
        return #"{"type":"transcript","role":"\#(role)","transcriptType":"\#(type)","transcript":"\#(text)"}"#
    }

    static func sound(_ count: Int, _ level: Int16 = 1_000) -> [Int16] { Array(repeating: level, count: count) }
}
