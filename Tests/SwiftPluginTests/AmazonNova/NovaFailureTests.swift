// SPDX-License-Identifier: Apache-2.0
import SyrinxPlugin
import SyrinxPluginTesting
import Testing

@testable import AmazonNova

@Suite("Amazon Nova: failures")
struct NovaFailureTests {
    struct Refusal: CustomTestStringConvertible, Sendable {
        let http: Int
        let type: String
        let status: Status
        let isRetryable: Bool
        var testDescription: String { "\(http) \(type)" }
    }

    static let refusals = [
        Refusal(http: 400, type: "ValidationException", status: .invalid, isRetryable: false),
        Refusal(http: 401, type: "", status: .unauthenticated, isRetryable: false),
        Refusal(http: 403, type: "AccessDeniedException", status: .notPermitted, isRetryable: false),
        Refusal(http: 403, type: "UnrecognizedClientException", status: .unauthenticated, isRetryable: false),
        Refusal(http: 403, type: "InvalidSignatureException:http://x", status: .unauthenticated, isRetryable: false),
        Refusal(http: 404, type: "ResourceNotFoundException", status: .notFound, isRetryable: false),
        Refusal(http: 408, type: "ModelTimeoutException", status: .deadlineExceeded, isRetryable: true),
        Refusal(http: 409, type: "", status: .unavailable, isRetryable: true),
        Refusal(http: 413, type: "", status: .invalid, isRetryable: false),
        Refusal(http: 424, type: "ModelErrorException", status: .unavailable, isRetryable: true),
        Refusal(http: 429, type: "ThrottlingException", status: .quotaExceeded, isRetryable: true),
        Refusal(http: 500, type: "InternalServerException", status: .unavailable, isRetryable: true),
        Refusal(http: 503, type: "ServiceUnavailableException", status: .unavailable, isRetryable: true),
        Refusal(http: 302, type: "", status: .internalError, isRetryable: false),
    ]

    @Test(arguments: refusals)
    func `the vendor refuses the stream`(refusal: Refusal) throws {
        let bench = try NovaBench()
        bench.configure()
        bench.prompt(1, "hello")
        let id = try bench.request.id
        var headers = ["retry-after": "2"]
        if !refusal.type.isEmpty { headers["x-amzn-errortype"] = refusal.type }
        bench.session.respond(id, status: refusal.http, headers: headers, body: #"{"message":"no \u00fc"}"#)
        let errors = bench.session.events
        #expect(errors.map(\.type) == [.error, .error])
        #expect(Set(errors.map(\.generation)) == [0, 1])
        for error in errors {
            #expect(error.integer == Int64(refusal.status.rawValue))
            #expect(error.text.contains("no ü") && error.text.contains("\(refusal.http)"))
            #expect(error.json == #"{"retry_after_ms":2000,"vendor_code":\#(refusal.http)}"#)
        }
        #expect(bench.prompt(2, "again") == refusal.status)
        #expect(bench.session.sendAudio([0]) == refusal.status)
        bench.expectOneTerminal(1)
        bench.end()
    }

    @Test(arguments: [
        ("internalServerException", "x", Status.unavailable, true),
        ("modelStreamErrorException", "x", .unavailable, true),
        ("validationException", "bad", .invalid, false), ("throttlingException", "x", .quotaExceeded, true),
        ("validationException", "Timed out waiting for audio", .deadlineExceeded, true),
        ("modelTimeoutException", "x", .deadlineExceeded, true),
        ("serviceUnavailableException", "x", .unavailable, true), ("newException", "x", .internalError, false),
    ])
    func `the vendor ends the stream with an exception`(
        type: String, message: String, status: Status, isRetryable: Bool
    ) throws {
        let bench = try NovaBench.opened()
        bench.prompt(1, "hello")
        try bench.plan("Hel")
        let frame = try NovaBench.exception(type, message)
        try bench.deliver(frame)
        let error = try #require(bench.session.events.last { $0.generation == 0 })
        #expect(error.type == .error && error.integer == Int64(status.rawValue))
        #expect(error.text.contains(message) && error.text.contains(type))
        var decoder = EventStreamDecoder()
        let exception = try #require(try decoder.feed(frame).first)
        #expect(VendorFailure.exception(exception).isRetryable == isRetryable)
        bench.expectOneTerminal(1)
        #expect(bench.session.openRequests.isEmpty)
        bench.end()
    }

    /// A conversation of two answers, one of them with a tool, as the vendor sends it.
    private static func recorded() throws -> [[UInt8]] {
        let names: [(String, JSONValue)] = [
            ("completionStart", ["completionId": "c"]),
            ("contentStart", block("u", "TEXT", "USER", "FINAL")), ("textOutput", content("u", "hello")),
            ("contentEnd", ended("u", "PARTIAL_TURN")),
            ("contentStart", block("t", "TOOL", "TOOL")),
            ("toolUse", ["contentId": "t", "toolUseId": "use", "toolName": "weather", "content": "{}"]),
            ("contentEnd", ended("t", "TOOL_USE")),
            ("contentStart", block("p", "TEXT", "ASSISTANT", "SPECULATIVE")), ("textOutput", content("p", "Sunny.")),
            ("contentEnd", ended("p", "PARTIAL_TURN")),
            ("contentStart", block("a", "AUDIO", "ASSISTANT")), ("audioOutput", content("a", "AQACAAMA")),
            ("contentEnd", ended("a", "END_TURN")),
            ("contentStart", block("f", "TEXT", "ASSISTANT", "FINAL")), ("textOutput", content("f", "Sunny.")),
            ("contentEnd", ended("f", "END_TURN")), ("usageEvent", ["totalTokens": 3]),
            ("completionEnd", ["stopReason": "END_TURN"]),
        ]
        return try names.map { try NovaBench.frame(JSONValue.object(["event": .object([$0: $1])]).text) }
    }

    private static func block(_ id: String, _ type: String, _ role: String, _ stage: String? = nil) -> JSONValue {
        let fields = stage.map { #"{"generationStage":"\#($0)"}"# } ?? "{}"
        return [
            "contentId": .string(id), "type": .string(type), "role": .string(role),
            "additionalModelFields": .string(fields),
        ]
    }

    private static func content(_ id: String, _ text: String) -> JSONValue {
        ["contentId": .string(id), "content": .string(text)]
    }

    private static func ended(_ id: String, _ reason: String) -> JSONValue {
        ["contentId": .string(id), "stopReason": .string(reason)]
    }

    @Test func `cut at every frame, and within it`() throws {
        let frames = try Self.recorded()
        for cut in 0...frames.count {
            for half in [false, true] where cut < frames.count || !half {
                let bench = try NovaBench.opened()
                for frame in frames[..<cut] {
                    try bench.deliver(frame)
                    if bench.told.last == "turn end" { bench.prompt(1) }
                    if bench.told.last?.contains("call") == true { bench.toolResult(1, "sunny") }
                }
                if half { try bench.deliver(Array(frames[cut].prefix(frames[cut].count / 2))) }
                let wasNamed = bench.told.contains("turn end")
                bench.session.finish(try bench.request.id)
                let last = try #require(bench.session.events.last { $0.generation == 0 })
                #expect(last.type == .error, "\(cut): \(bench.told)")
                #expect(last.integer == Int64(Status.unavailable.rawValue))
                if wasNamed { bench.expectOneTerminal(1) }
                #expect(bench.prompt(2) == .unavailable)
                bench.end()
            }
        }
    }

    @Test(arguments: [
        "", "{", "[]", "null", #"{"event":{}}"#, #"{"event":[]}"#, #"{"event":{"a":{},"b":{}}}"#,
        #"{"event":{"textOutput":{"contentId":1,"content":"x"}}}"#, #"{"event":{"textOutput":{}}}"#,
        #"{"event":{"contentStart":{"contentId":"x"}}}"#, #"{"event":{"contentStart":{"contentId":"x","type":9}}}"#,
        #"{"event":{"audioOutput":{"contentId":"x","content":"***"}}}"#,
        #"{"event":{"toolUse":{"toolUseId":"x","toolName":null,"content":"{}"}}}"#,
        #"{"event":{"contentEnd":{}}}"#, #"{"event":{"usageEvent":{"totalTokens":1e999}}"#,
    ])
    func `events that are not as they have to be end the session, and trap nothing`(event: String) throws {
        let bench = try NovaBench.opened()
        bench.prompt(1, "hello")
        try bench.deliver(NovaBench.frame(event))
        #expect(bench.told.suffix(2) == ["0: error -11", "1: error -11"])
        bench.expectOneTerminal(1)
        bench.end()
    }

    @Test(arguments: [
        #"{"event":{"brandNew":{"a":1}}}"#, #"{"event":{"usageEvent":{"totalTokens":1e300,"totalInputTokens":"x"}}}"#,
        #"{"event":{"contentEnd":{"contentId":"unknown","stopReason":7}}}"#,
        #"{"event":{"contentStart":{"contentId":"z","type":"VIDEO","role":5}}}"#,
        #"{"event":{"textOutput":{"contentId":"unknown","content":"x"}}}"#,
        #"{"event":{"audioOutput":{"contentId":"unknown","content":"AAAA"}}}"#,
    ])
    func `what is new or of no use is passed over`(event: String) throws {
        let bench = try NovaBench.opened()
        try bench.deliver(NovaBench.frame(event))
        bench.prompt(1, "hello")
        try bench.answer("Hello.")
        #expect(bench.session.answer(1) == "Hello.")
        bench.expectOneTerminal(1)
        bench.end()
    }

    @Test func `bytes that are no frames end the session`() throws {
        let bench = try NovaBench.opened()
        try bench.deliver(Array("HTTP/1.1 200 OK\r\n\r\n<html>".utf8))
        #expect(bench.told == ["ready", "0: error -11"])
        #expect(bench.session.openRequests.isEmpty, "the stream was let go")
        bench.end()
    }

    @Test func `a byte at a time is no hurry`() throws {
        let bench = try NovaBench.opened()
        bench.prompt(1, "hello")
        for frame in try Self.recorded() { bench.session.deliver(try bench.request.id, frame, pieceBytes: 1) }
        bench.toolResult(1, "x")
        #expect(bench.session.answer(1) == "Sunny.")
        bench.expectOneTerminal(1)
        bench.end()
    }

    @Test func `the connection fails, before and after it stood`() throws {
        let error = PluginError(.deadlineExceeded, "the connection stood still", isRetryable: true)
        for isOpen in [false, true] {
            let bench = try isOpen ? NovaBench.opened() : NovaBench()
            if !isOpen { bench.configure() }
            bench.prompt(1, "hello")
            bench.session.finish(try bench.request.id, error: error)
            #expect(bench.told.suffix(2) == ["0: error -9", "1: error -9"])
            #expect(bench.session.events.last?.text == error.message)
            bench.expectOneTerminal(1)
            bench.end()
        }
    }

    @Test func `the host refuses the request, or has no such secret`() throws {
        let refused = try NovaBench()
        refused.session.refusal = PluginError(.notPermitted, "not there")
        refused.configure()
        #expect(refused.told == ["0: error -4"])
        #expect(refused.prompt(1, "x") == .notPermitted)
        refused.end()
        let keyless = try NovaBench()
        keyless.session.secrets = [:]
        keyless.configure()
        #expect(keyless.told == ["0: error -5"])
        #expect(keyless.session.events.last?.text.contains("secret_access_key") == true)
        keyless.end()
    }

    private static let temporary = #"""
        {"access_key_id":"ASIAEXAMPLE","secret_access_key":"${secret:secret_access_key}",
         "session_token":"${secret:session_token}"}
        """#

    @Test func `temporary credentials sign their token, which the plugin never sees`() throws {
        let bench = try NovaBench(config: Self.temporary)
        bench.session.secrets["session_token"] = "token+/=="
        bench.configure()
        try bench.accept()
        let request = try bench.request
        #expect(request.header("x-amz-security-token") == "${secret:session_token}")
        let endpoint = try Endpoint(
            origin: "https://bedrock-runtime.us-east-1.amazonaws.com",
            model: AmazonNovaProvider.defaultModel
        )
        let date = try #require(request.header("x-amz-date"))
        let scope = SigningScope(date: String(date.prefix(8)), region: "us-east-1")
        let sent = (-300...5).map { SigningTime(seconds: SigningTime.now().seconds + $0) }.first { $0.full == date }
        let signer = RequestSigner(endpoint: endpoint, scope: scope, time: try #require(sent), token: "token+/==")
        let dateKey = SHA256.hmac(key: Array("AWS4\(NovaBench.secret)".utf8), Array(scope.date.utf8))
        let digest = SHA256.hash(Array(signer.canonicalRequest.utf8))
        let signature = signer.signature(key: scope.signingKey(dateKey: dateKey), digest: digest)
        #expect(request.header("authorization")?.hasSuffix("Signature=\(signature.hex)") == true)
        bench.prompt(1, "hello")
        try bench.answer("Hello.")
        #expect(bench.session.answer(1) == "Hello.")
        #expect(try bench.sentNames().first == "sessionStart", "the chain of signatures is sound")
        bench.end()
    }

    @Test func `temporary credentials without their token, and those that have expired`() throws {
        let tokenless = try NovaBench(config: Self.temporary)
        tokenless.configure()
        #expect(tokenless.told == ["0: error -5"])
        #expect(tokenless.session.events.last?.text.contains("session_token") == true)
        tokenless.end()

        let late = try NovaBench(config: Self.temporary)
        late.session.secrets["session_token"] = "token"
        late.configure()
        let id = try late.request.id
        late.session.answer(id, status: 403, headers: ["x-amzn-errortype": "ExpiredTokenException:http://x/"])
        late.session.deliver(id, Array(#"{"message":"The security token included in the request is expired"}"#.utf8))
        late.session.finish(id)
        #expect(late.told == ["0: error -5"])
        #expect(late.session.events.last?.text.contains("have expired: renew 'access_key_id'") == true)
        late.end()

        let cut = try NovaBench.opened()
        cut.prompt(1, "hello")
        try cut.deliver(NovaBench.exception("expiredTokenException", "expired"))
        #expect(cut.told.suffix(2) == ["0: error -5", "1: error -5"])
        cut.end()
    }

    @Test func `no answer to the request in ten seconds`() throws {
        let bench = try NovaBench()
        bench.configure()
        bench.session.advance(milliseconds: 9_900)
        #expect(bench.told.isEmpty)
        bench.session.advance(milliseconds: 200)
        #expect(bench.told == ["0: error -9"])
        #expect(bench.session.openRequests.isEmpty)
        bench.end()
    }

    @Test(arguments: [
        #"{"access_key_id":"ASIAEXAMPLE","secret_access_key":"${secret:secret_access_key}"}"#,
        #"{"access_key_id":"AKIDEXAMPLE"}"#,
        #"{"access_key_id":"AKIDEXAMPLE","secret_access_key":"x","url":"wss://nowhere"}"#,
    ])
    func `configurations that cannot work are refused`(config: String) {
        #expect(throws: PluginError.self) { try NovaBench(config: config) }
    }

    @Test func `formats that the vendor does not have are refused`() {
        #expect(throws: PluginError.self) { try NovaBench(input: 48_000) }
        #expect(throws: PluginError.self) { try NovaBench(output: 48_000) }
    }

    @Test func `every event, with and without its fields, traps nothing`() throws {
        for isOpen in [false, true] {
            let bench = try isOpen ? NovaBench.opened(queueLimit: 50) : NovaBench(queueLimit: 50)
            for type in UInt16(0)...300 {
                var event = OutgoingEvent(EventType(rawValue: type), generation: UInt64(type), id: .max)
                event.integer = .min
                event.number = .nan
                event.text = "\u{0}{\"interrupted\":true}"
                event.json = "{\"tools\":7,\"seconds\":1e999"
                bench.session.send(event)
            }
            bench.session.cancel(.max)
            bench.session.takeAll()
            bench.end()
        }
    }
}
