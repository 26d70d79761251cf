// SPDX-License-Identifier: Apache-2.0
import SyrinxPlugin
import SyrinxPluginTesting
import Testing

@testable import AmazonNova

/// A session of the provider, with the vendor's side of its stream in the test's hands.
///
/// The vendor is strict: it checks the request's signature, and of each event the signature and its place in the chain.
final class NovaBench {
    static let secret = NovaSigningTests.secret
    static let config = #"{"access_key_id":"AKIDEXAMPLE","secret_access_key":"${secret:secret_access_key}"}"#

    let host = FakeHost()
    let session: FakeSession
    private let provider: FakeProvider

    init(
        config: String = NovaBench.config,
        input: UInt32 = 16_000,
        output: UInt32 = 24_000,
        queueLimit: Int = .max
    ) throws {
        provider = try host.open(amazonNovaModule.table, .s2s, "amazon_nova", config: config)
        session = try provider.openSession(
            input: AudioFormat(sampleRate: input),
            output: AudioFormat(sampleRate: output),
            queueLimit: queueLimit
        )
        session.secrets = ["secret_access_key": Self.secret]
    }

    /// A session whose stream is open.
    static func opened(
        config: String = NovaBench.config,
        conversation: String = "{}",
        queueLimit: Int = .max
    ) throws -> NovaBench {
        let bench = try NovaBench(config: config, queueLimit: queueLimit)
        bench.configure(conversation)
        try bench.accept()
        return bench
    }

    func end() {
        session.close()
        #expect(session.eventsAfterClose == 0)
        provider.close()
    }

    // MARK: The host's side

    @discardableResult
    func configure(_ json: String = "{}") -> Status {
        var event = OutgoingEvent(.config)
        event.json = json
        return session.send(event)
    }

    @discardableResult
    func prompt(_ generation: UInt64, _ text: String = "") -> Status {
        var event = OutgoingEvent(.prompt, generation: generation)
        event.text = text
        return session.send(event)
    }

    @discardableResult
    func toolResult(_ id: UInt64, _ text: String, status: Status = .ok) -> Status {
        var event = OutgoingEvent(.toolResult, id: id)
        event.text = text
        event.integer = Int64(status.rawValue)
        return session.send(event)
    }

    /// What the plugin told, as short texts.
    var told: [String] {
        session.events.map { event in
            switch event.type {
            case .ready: "ready"
            case .speechStart: "speech"
            case .speechStop: "silence"
            case .turnEnd: "turn end"
            case .final: "final \(event.text)"
            case .delta: "\(event.generation): \(event.text)"
            case .audioOut: "\(event.generation): audio \(event.samples.count)"
            case .toolCall: "\(event.generation): call \(event.id) \(event.text) \(event.json)"
            case .done: "\(event.generation): done"
            case .cancelled: "\(event.generation): cancelled"
            case .error: "\(event.generation): error \(event.integer)"
            case .usage: "usage \(event.json)"
            case .state: "\(event.text) \(event.json)"
            case .drained: "drained"
            default: "?"
            }
        }
    }

    /// The terminal events of each request of `generations`: exactly one each (R7).
    func expectOneTerminal(_ generations: UInt64...) {
        for generation in generations {
            #expect(session.terminals(generation).count == 1, "generation \(generation): \(told)")
        }
    }

    // MARK: The vendor's side

    var request: FakeRequest { get throws { try #require(session.requests.last) } }

    /// The vendor answers the request.
    func accept() throws {
        session.answer(try request.id, status: 200, headers: ["content-type": RequestSigner.contentType])
    }

    /// The events that the plugin sent, with `end` for the empty frame; nil when a signature is wrong.
    func sent() throws -> [String] {
        let request = try request
        let date = try #require(request.header("x-amz-date"))
        let scope = SigningScope(date: String(date.prefix(8)), region: "us-east-1")
        let dateKey = SHA256.hmac(key: Array("AWS4\(Self.secret)".utf8), Array(scope.date.utf8))
        let key = scope.signingKey(dateKey: dateKey)
        var decoder = EventStreamDecoder()
        let frames = try decoder.feed(session.sentBody(request.id))
        #expect(decoder.isAtBoundary)
        let signature = try #require(request.header("authorization")?.split(separator: "=").last)
        var signer = EventSigner(key: key, scope: scope, seed: Self.unhex(signature))
        return try frames.map { frame in
            guard case .timestamp(let time)? = frame.headers.first?.value else { throw PluginError.invalid("no date") }
            let expected = try signer.sign(frame.payload, at: SigningTime(seconds: time / 1_000))
            #expect(try frame.encoded() == expected)
            return try Self.content(frame.payload)
        }
    }

    /// The names of the events that were sent, runs of audio as one.
    func sentNames() throws -> [String] {
        let names = try sent().map { try JSONValue(parsing: $0)["event"]?.object?.keys.first ?? $0 }
        return names.enumerated().filter { $0 == 0 || $1 != "audioInput" || names[$0 - 1] != $1 }.map(\.element)
    }

    /// The model says an event.
    func say(_ name: String, _ body: JSONValue) throws {
        try deliver(Self.frame(JSONValue.object(["event": .object([name: body])]).text))
    }

    func deliver(_ bytes: [UInt8]) throws { session.deliver(try request.id, bytes) }

    static func frame(_ event: String) throws -> [UInt8] {
        try EventSigner.inner(event)
    }

    static func exception(_ type: String, _ message: String) throws -> [UInt8] {
        try EventMessage(
            headers: [
                .init(name: ":message-type", value: .string("exception")),
                .init(name: ":exception-type", value: .string(type)),
                .init(name: ":content-type", value: .string("application/json")),
            ],
            payload: Array(JSONValue.object(["message": .string(message)]).text.utf8)
        ).encoded()
    }

    private static func content(_ inner: [UInt8]) throws -> String {
        guard !inner.isEmpty else { return #""end""# }
        var decoder = EventStreamDecoder()
        let message = try #require(try decoder.feed(inner).first)
        let bytes = try #require(try JSONValue(parsing: message.payload)["bytes"]?.string.flatMap(Base64.decode))
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func unhex(_ text: Substring) -> [UInt8] {
        let digits = text.compactMap(\.hexDigitValue)
        return stride(from: 0, to: digits.count - 1, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
    }
}

// MARK: The model's turns

extension NovaBench {
    func start(_ id: String, _ type: String, _ role: String, _ stage: String? = nil) throws {
        var body: [String: JSONValue] = [
            "contentId": .string(id), "type": .string(type), "role": .string(role), "promptName": "prompt",
        ]
        if let stage { body["additionalModelFields"] = .string(#"{"generationStage":"\#(stage)"}"#) }
        try say("contentStart", .object(body))
    }

    func end(_ id: String, _ type: String, _ reason: String) throws {
        try say("contentEnd", ["contentId": .string(id), "type": .string(type), "stopReason": .string(reason)])
    }

    func text(_ id: String, _ role: String, _ stage: String, _ text: String, _ reason: String = "PARTIAL_TURN") throws {
        try start(id, "TEXT", role, stage)
        try say("textOutput", ["contentId": .string(id), "content": .string(text), "role": .string(role)])
        try end(id, "TEXT", reason)
    }

    /// What the caller said, written down.
    func hear(_ text: String) throws { try self.text("u", "USER", "FINAL", text) }

    func plan(_ text: String) throws { try self.text("p", "ASSISTANT", "SPECULATIVE", text) }

    func spoken(_ text: String) throws { try self.text("f", "ASSISTANT", "FINAL", text, "END_TURN") }

    func audio(_ samples: [Int16], _ reason: String? = "END_TURN") throws {
        try start("a", "AUDIO", "ASSISTANT")
        try chunk(samples)
        if let reason { try end("a", "AUDIO", reason) }
    }

    func chunk(_ samples: [Int16]) throws {
        try say("audioOutput", ["contentId": "a", "content": .string(Base64.encode(samples))])
    }

    func toolUse(_ name: String, _ use: String, _ arguments: String) throws {
        try start(use, "TOOL", "TOOL")
        try say(
            "toolUse",
            [
                "contentId": .string(use), "toolName": .string(name), "toolUseId": .string(use),
                "content": .string(arguments),
            ])
        try end(use, "TOOL", "TOOL_USE")
    }

    /// A whole answer with one sentence.
    func answer(_ text: String, samples: Int = 4) throws {
        try plan(text)
        try audio([Int16](repeating: 1, count: samples))
        try spoken(text)
    }
}
