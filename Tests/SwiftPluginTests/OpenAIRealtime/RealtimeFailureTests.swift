// SPDX-License-Identifier: Apache-2.0
import SyrinxPlugin
import SyrinxPluginTesting
import Testing

@Suite("OpenAI Realtime: failures")
struct RealtimeFailureTests {
    struct Refusal: Sendable {
        let status: Int
        var code = ""
        let expected: Status
        let isRetryable: Bool
    }

    @Test(arguments: [
        Refusal(status: 400, expected: .invalid, isRetryable: false),
        Refusal(status: 401, expected: .unauthenticated, isRetryable: false),
        Refusal(status: 403, expected: .notPermitted, isRetryable: false),
        Refusal(status: 404, expected: .notFound, isRetryable: false),
        Refusal(status: 408, expected: .deadlineExceeded, isRetryable: true),
        Refusal(status: 409, expected: .unavailable, isRetryable: true),
        Refusal(status: 429, expected: .quotaExceeded, isRetryable: true),
        Refusal(status: 429, code: "insufficient_quota", expected: .quotaExceeded, isRetryable: false),
        Refusal(status: 500, expected: .unavailable, isRetryable: true),
        Refusal(status: 503, expected: .unavailable, isRetryable: true),
    ])
    func `give the class of the status that the upgrade was refused with`(refusal: Refusal) throws {
        let call = try RealtimeCall(isReady: false)
        defer { call.close() }
        call.configure("{}")
        call.prompt(1)
        var error = PluginError(.unavailable, "upgrade refused", isRetryable: true)
        if refusal.status == 429 { error.retryAfterMilliseconds = 2_000 }
        call.session.refuseSocket(
            call.socket,
            status: refusal.status,
            body: #"{"error":{"message":"No.","code":"\#(refusal.code)"}}"#,
            error: error
        )
        let errors = call.events(.error)
        #expect(errors.map(\.generation).sorted() == [0, 1])
        #expect(errors.allSatisfy { $0.integer == Int64(refusal.expected.rawValue) })
        #expect(errors.allSatisfy { $0.isRetryable == refusal.isRetryable })
        // To a wrong key the vendor's words quote parts of it.
        let words = refusal.status == 401 ? "status 401; set `api_key` to a valid key" : "No."
        #expect(errors.allSatisfy { $0.text.contains(words) && (refusal.status != 401 || !$0.text.contains("No.")) })
        if refusal.status == 429 { #expect(errors[0].json.contains(#""retry_after_ms":2000"#)) }
        // What is asked later ends the same way.
        #expect(call.prompt(2) == .ok)
        #expect(call.session.terminals(2).map(\.integer) == [Int64(refusal.expected.rawValue)])
    }

    struct Report: Sendable {
        let type: String
        let code: String
        let expected: Status
        let isRetryable: Bool
    }

    @Test(arguments: [
        Report(type: "invalid_request_error", code: "invalid_api_key", expected: .unauthenticated, isRetryable: false),
        Report(type: "insufficient_quota", code: "insufficient_quota", expected: .quotaExceeded, isRetryable: false),
        Report(type: "rate_limit_error", code: "rate_limit_exceeded", expected: .quotaExceeded, isRetryable: true),
        Report(type: "invalid_request_error", code: "model_not_found", expected: .notFound, isRetryable: false),
        Report(type: "server_error", code: "", expected: .unavailable, isRetryable: true),
        Report(type: "invalid_request_error", code: "bad", expected: .invalid, isRetryable: false),
        Report(type: "of_a_new_kind", code: "", expected: .internalError, isRetryable: true),
    ])
    func `give the class of the vendor's error, in a response and while the session begins`(report: Report) throws {
        let error = #"{"type":"\#(report.type)","code":"\#(report.code)","message":"It went wrong."}"#
        let call = try RealtimeCall()
        defer { call.close() }
        call.receive(RealtimeWire.committed, RealtimeWire.created("r1"))
        call.prompt(1)
        call.receive(RealtimeWire.done("r1", "failed", #","status_details":{"type":"failed","error":\#(error)}"#))
        let terminal = try #require(call.session.terminals(1).first)
        #expect(terminal.type == .error && terminal.integer == Int64(report.expected.rawValue))
        #expect(terminal.isRetryable == report.isRetryable)
        // The next answer may come all the same.
        call.receive(RealtimeWire.committed, RealtimeWire.created("r2"), RealtimeWire.done("r2"))
        call.prompt(2)
        #expect(call.session.terminals(2).map(\.type) == [.done])

        let young = try RealtimeCall(isReady: false)
        defer { young.close() }
        young.session.acceptSocket(young.socket)
        young.configure("{}")
        young.receive(#"{"type":"error","error":\#(error)}"#)
        #expect(young.events(.error).map(\.integer) == [Int64(report.expected.rawValue)])
        #expect(young.events(.ready).isEmpty)
    }

    static let nonsense: [(name: String, bytes: [UInt8])] = [
        ("half an object", Array(#"{"type":"response.do"#.utf8)), ("no JSON", Array("hello".utf8)), ("empty", []),
        ("a list", Array("[]".utf8)), ("no type", Array("{}".utf8)), ("a number as type", Array(#"{"type":1}"#.utf8)),
        ("no UTF-8", [0x7B, 0xFF, 0xFE, 0x7D]),
        ("too deep", [UInt8](repeating: UInt8(ascii: "["), count: 100_000)),
        (
            "no base64",
            Array(#"{"type":"response.output_audio.delta","response_id":"r1","item_id":"a","delta":"%%%"}"#.utf8)
        ),
        ("a response without id", Array(#"{"type":"response.created","response":{}}"#.utf8)),
    ]

    @Test(arguments: nonsense.indices)
    func `end the session in one clear sentence when the server talks nonsense`(index: Int) throws {
        let call = try RealtimeCall()
        defer { call.close() }
        call.receive(RealtimeWire.committed, RealtimeWire.created("r1"))
        call.prompt(1)
        call.session.deliverBinary(call.socket, Self.nonsense[index].bytes)
        #expect(call.events(.error).map(\.generation) == [0, 1])
        #expect(call.events(.error).allSatisfy { $0.integer == Int64(Status.internalError.rawValue) && $0.isRetryable })
        #expect(call.session.closing(call.socket) != nil)
    }

    @Test(arguments: [
        #"{"type":"input_audio_buffer.speech_started","audio_start_ms":"soon"}"#,
        #"{"type":"input_audio_buffer.speech_started","audio_start_ms":1e999}"#,
        #"{"type":"input_audio_buffer.speech_started","audio_start_ms":-99999999999999999999}"#,
        #"{"type":"response.output_audio.delta","response_id":7,"delta":[]}"#,
        #"{"type":"response.output_audio.delta","response_id":"r1","content_index":99999999999999999999,"delta":""}"#,
        #"{"type":"response.output_audio_transcript.delta","response_id":"r1","delta":{"a":1}}"#,
        #"{"type":"response.function_call_arguments.done","response_id":"r1","call_id":null}"#,
        #"{"type":"response.done","response":{"id":"other","status":5}}"#,
        #"{"type":"response.done","response":[1,2]}"#, #"{"type":"response.created","response":{"id":"r1"}}"#,
        #"{"type":"session.created","session":{"expires_at":-9223372036854775808}}"#,
        #"{"type":"session.created","session":"x"}"#, #"{"type":"error"}"#, #"{"type":"error","error":"oh"}"#,
        #"{"type":"conversation.item.input_audio_transcription.delta","item_id":{},"delta":3}"#,
        #"{"type":"of.next.year","everything":{"is":"new"}}"#,
        "{\"type\":\"of.next.year\",\"x\":\"\u{FFFD}\\ud800\"}",
    ])
    func `are not made of fields that are of no use`(message: String) throws {
        let call = try RealtimeCall()
        defer { call.close() }
        call.receive(RealtimeWire.committed, RealtimeWire.created("r1"))
        call.prompt(1)
        call.receive(message)
        call.receive(RealtimeWire.audio("r1", [1, 2]))
        call.receive(RealtimeWire.done("r1", "completed", #","usage":{"total_tokens":1e400}"#))
        #expect(call.session.terminals(1).map(\.type) == [.done])
        #expect(call.samples(1) == [1, 2])
    }

    @Test func `are not made of a sample that is cut in two`() throws {
        let call = try RealtimeCall()
        defer { call.close() }
        call.receive(RealtimeWire.committed, RealtimeWire.created("r1"))
        call.prompt(1)
        let bytes: [UInt8] = [1, 0, 2, 0, 3, 0]
        let head = #"{"type":"response.output_audio.delta","response_id":"r1","item_id":"a","delta":""#
        for piece in [bytes[0..<1], bytes[1..<1], bytes[1..<4], bytes[4..<6]] {
            call.receive(head + Base64.encode(Array(piece)) + "\"}")
        }
        #expect(call.samples(1) == [1, 2, 3])
    }

    @Test(arguments: [false, true])
    func `about a cancelled answer do not hold up the next`(isAskedBefore: Bool) throws {
        let call = try RealtimeCall()
        defer { call.close() }
        call.prompt(1, "One.")
        call.session.cancel(1)
        if isAskedBefore { call.prompt(2, "Two.") }
        call.receive(
            #"{"type":"error","error":{"type":"invalid_request_error","code":"bad","message":"","event_id":"create-1"}}"#
        )
        if !isAskedBefore { call.prompt(2, "Two.") }
        #expect(call.sent("response.create").map { $0["event_id"] } == ["create-1", "create-2"])
        call.receive(RealtimeWire.created("r2", reply: "2"), RealtimeWire.words("r2", "Yes."), RealtimeWire.done("r2"))
        #expect(call.session.answer(2) == "Yes.")
        #expect(call.session.terminals(1).map(\.type) == [.cancelled])
    }

    @Test(arguments: 0...RealtimeWire.turn.count)
    func `leave no request without exactly one end, wherever the connection is cut`(place: Int) throws {
        let call = try RealtimeCall()
        defer { call.close() }
        call.prompt(1, "Typed.")
        for (index, message) in RealtimeWire.turn.prefix(place).enumerated() {
            call.receive(message)
            if index == 2 { call.prompt(2) }
        }
        call.session.closeSocket(call.socket, code: 0, error: .unavailable("connection reset"))
        #expect(call.session.terminals(1).count == 1)
        #expect(call.session.terminals(2).count == call.events(.turnEnd).count)
        let ends = call.events(.error).filter { $0.generation == 0 }
        #expect(ends.count == 1 && ends.allSatisfy(\.isRetryable))
        #expect(ends.first?.integer == Int64(Status.unavailable.rawValue))
        let count = call.session.events.count
        call.session.sendAudio([1], sampleRate: 24_000)
        call.session.cancel(1)
        call.session.advance(milliseconds: 7_200_000)
        #expect(call.session.events.count == count)
    }

    @Test(arguments: [
        (1_000, "", Status.unavailable), (1_001, "going away", .unavailable),
        (3_000, "invalid_request_error.invalid_api_key", .unauthenticated), (1_011, "whatever", .unavailable),
        (4_000, "insufficient_quota", .quotaExceeded),
    ])
    func `say by the close code why the session ended`(code: Int, reason: String, expected: Status) throws {
        let call = try RealtimeCall()
        defer { call.close() }
        call.session.closeSocket(call.socket, code: code, reason: reason)
        #expect(call.events(.error).map(\.integer) == [Int64(expected.rawValue)])
        #expect(call.events(.error)[0].json.contains(#""vendor_code":\#(code)"#))
    }

    @Test func `come after ten seconds in which the session was not set up`() throws {
        let call = try RealtimeCall(isReady: false)
        defer { call.close() }
        call.configure("{}")
        call.session.advance(milliseconds: 10_000)
        #expect(call.events(.error).map(\.integer) == [Int64(Status.deadlineExceeded.rawValue)])
        let ready = try RealtimeCall()
        defer { ready.close() }
        ready.session.advance(milliseconds: 10_000)
        #expect(ready.events(.error).isEmpty)
    }

    @Test func `come when the server takes no audio for twenty seconds, and no word is lost silently before`() throws {
        let call = try RealtimeCall()
        defer { call.close() }
        call.session.refuseSends(call.socket)
        for _ in 0..<1_024 { call.session.sendAudio([1], sampleRate: 24_000) }
        #expect(call.events(.error).isEmpty)
        call.session.sendAudio([1], sampleRate: 24_000)
        #expect(call.events(.error).map(\.integer) == [Int64(Status.deadlineExceeded.rawValue)])

        let patient = try RealtimeCall()
        defer { patient.close() }
        patient.session.refuseSends(patient.socket)
        for sample in 0..<500 { patient.session.sendAudio([Int16(sample)], sampleRate: 24_000) }
        patient.session.refuseSends(patient.socket, false)
        let heard = patient.session.sentTexts(patient.socket).filter { $0.contains("append") }
        #expect(heard.count == 500)
    }

    @Test func `do not come of audio that is faster than credit: it waits, bounded, and holds the vendor up`() throws {
        let call = try RealtimeCall(queueLimit: 40)
        defer { call.close() }
        call.receive(RealtimeWire.committed, RealtimeWire.created("r1"))
        call.prompt(1)
        // Five minutes of audio, in messages of 10 s.
        let message = RealtimeWire.audio("r1", [Int16](repeating: 5, count: 240_000))
        for _ in 0..<30 { call.receive(message) }
        #expect(!call.session.isReading(call.socket))
        #expect(call.session.events.count == 40)
        call.receive(RealtimeWire.done("r1"))
        var rounds = 0
        while !call.session.isReading(call.socket), rounds < 1_000 {
            call.session.takeAll()
            rounds += 1
        }
        #expect((10...90).contains(rounds))
        for _ in rounds..<100 { call.session.takeAll() }
        #expect(call.samples(1).count == 30 * 240_000)
        #expect(call.session.terminals(1).map(\.type) == [.done])
    }

    @Test func `do not come of an answer without a name, which is given up after forty seconds of audio`() throws {
        let call = try RealtimeCall()
        defer { call.close() }
        call.receive(RealtimeWire.committed, RealtimeWire.created("r1"))
        for _ in 0..<20 { call.receive(RealtimeWire.audio("r1", [Int16](repeating: 5, count: 120_000))) }
        #expect(call.sent("response.cancel").map { $0["response_id"] } == ["r1"])
        call.receive(RealtimeWire.committed, RealtimeWire.created("r2"), RealtimeWire.words("r2", "new"))
        call.prompt(2)
        #expect(call.session.answer(2) == "new")
    }

    @Test func `are bounded: a host that asks without end is told to wait`() throws {
        let call = try RealtimeCall()
        defer { call.close() }
        let answers = (UInt64(1)...100).map { call.prompt($0, "more") }
        #expect(answers.contains(.again))
        #expect(call.session.events.filter { $0.type == .error }.isEmpty)
    }

    @Test func `refuse formats other than 24 kHz mono`() throws {
        let call = try RealtimeCall()
        defer { call.close() }
        #expect(throws: PluginError.self) {
            try call.provider.openSession(input: AudioFormat(sampleRate: 16_000))
        }
    }
}
