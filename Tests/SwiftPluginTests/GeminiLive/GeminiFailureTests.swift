// SPDX-License-Identifier: Apache-2.0
import SyrinxPlugin
import SyrinxPluginTesting
import Testing

@Suite("Gemini Live: connections and failures")
struct GeminiFailureTests {
    @Test func `go on over another connection in a quiet moment before the vendor ends this one`() throws {
        let call = try GeminiCall()
        defer { call.close() }
        call.receive(GeminiWire.handle("h1"), GeminiWire.heard("hi"), GeminiWire.audio([1]))
        call.prompt(1)
        call.receive(#"{"goAway":{"timeLeft":"30s"}}"#)
        #expect(call.session.requests.count == 1)
        call.receive(GeminiWire.generated, GeminiWire.complete)
        #expect(call.session.requests.count == 2)
        #expect(call.session.closing(call.socket)?.code == 1_000)
        call.socket = call.session.requests[1].id
        call.session.acceptSocket(call.socket)
        #expect(call.sent().first?["setup"]?["sessionResumption"] == ["handle": "h1"])
        call.session.sendAudio([5])
        #expect(!call.session.sentTexts(call.socket).contains { $0.contains("mimeType") })
        call.receive(#"{"setupComplete":{}}"#)
        #expect(call.session.sentTexts(call.socket).contains { $0.contains("mimeType") })
        #expect(call.events(.state).map(\.text) == ["reconnecting", "connected"])
        #expect(call.events(.ready).count == 1)
        call.receive(GeminiWire.heard("again"), GeminiWire.audio([2]), GeminiWire.complete)
        call.prompt(2)
        #expect(call.samples(2) == [2])
        #expect(call.events(.error).isEmpty)
    }

    @Test func `leave it to the host when there is no handle, or no quiet moment`() throws {
        let bare = try GeminiCall()
        defer { bare.close() }
        bare.receive(#"{"goAway":{"timeLeft":"9.5s"}}"#)
        #expect(bare.events(.state).map(\.text) == ["expiring"])
        #expect(bare.events(.state).map(\.json) == [#"{"seconds":9}"#])

        let busy = try GeminiCall()
        defer { busy.close() }
        busy.receive(GeminiWire.handle("h1"), GeminiWire.heard("hi"), GeminiWire.audio([1]))
        busy.receive(#"{"goAway":{"timeLeft":"10s"}}"#)
        busy.session.advance(milliseconds: 6_900)
        #expect(busy.events(.state).isEmpty)
        busy.session.advance(milliseconds: 100)
        #expect(busy.events(.state).map(\.json) == [#"{"seconds":3}"#])
        busy.receive(GeminiWire.complete)
        #expect(busy.session.requests.count == 1)
    }

    @Test(arguments: [
        (400, Status.invalid, false), (401, .unauthenticated, false), (403, .notPermitted, false),
        (404, .notFound, false), (408, .deadlineExceeded, true), (429, .quotaExceeded, true),
        (500, .unavailable, true), (503, .unavailable, true),
    ])
    func `give the class of the status that the upgrade was refused with`(
        code: Int, expected: Status, isRetryable: Bool
    ) throws {
        let call = try GeminiCall(isReady: false)
        defer { call.close() }
        call.configure("{}")
        call.prompt(1, "Hello?")
        call.session.refuseSocket(
            call.socket,
            status: code,
            body: #"{"error":{"code":\#(code),"message":"No.","status":"X"}}"#,
            error: .unavailable("upgrade refused")
        )
        let errors = call.events(.error)
        #expect(errors.map(\.generation) == [0, 1])
        #expect(errors.allSatisfy { $0.integer == Int64(expected.rawValue) && $0.isRetryable == isRetryable })
        #expect(errors.allSatisfy { $0.text.contains("No.") })
        // What is asked later ends the same way.
        #expect(call.prompt(2, "?") == .ok)
        #expect(call.session.terminals(2).map(\.integer) == [Int64(expected.rawValue)])
    }

    @Test(arguments: [
        (1_000, "", Status.unavailable, true), (1_007, "Request contains an invalid argument.", .invalid, false),
        (1_008, "models/x is not found for API version v1beta", .notFound, false),
        (1_008, "Operation is not implemented", .notPermitted, false),
        (1_007, "API key not valid. Please pass a valid API key.", .unauthenticated, false),
        (1_011, "You exceeded your current quota", .quotaExceeded, true),
        (1_011, "Internal error encountered.", .unavailable, true), (1_002, "", .internalError, true),
    ])
    func `say by code and reason why the connection ended`(
        code: Int, reason: String, expected: Status, isRetryable: Bool
    ) throws {
        let call = try GeminiCall()
        defer { call.close() }
        call.session.closeSocket(call.socket, code: code, reason: reason)
        #expect(call.events(.error).map(\.integer) == [Int64(expected.rawValue)])
        #expect(call.events(.error).map(\.isRetryable) == [isRetryable])
    }

    static let nonsense: [[UInt8]] = [
        Array(#"{"serverContent":{"#.utf8), Array("hello".utf8), [], Array("[]".utf8), Array("1e999".utf8),
        [0xFF, 0xFE, 0x7B], [UInt8](repeating: UInt8(ascii: "["), count: 100_000),
        Array(#"{"serverContent":{"modelTurn":{"parts":[{"inlineData":{"data":"%%%"}}]}}}"#.utf8),
        Array(GeminiWire.audio([1]).replacing("24000", with: "8000").utf8),
    ]

    @Test(arguments: nonsense.indices)
    func `end the session in one clear sentence when the server talks nonsense`(index: Int) throws {
        let call = try GeminiCall()
        defer { call.close() }
        call.prompt(1, "Hello?")
        call.session.deliverBinary(call.socket, Self.nonsense[index])
        #expect(call.events(.error).map(\.generation) == [0, 1])
        #expect(call.events(.error).allSatisfy { $0.integer == Int64(Status.internalError.rawValue) && $0.isRetryable })
    }

    @Test(arguments: [
        "{}", #"{"serverContent":5}"#, #"{"serverContent":{"modelTurn":[1]}}"#,
        #"{"toolCall":{"functionCalls":[{"id":1}]}}"#,
        #"{"serverContent":{"modelTurn":{"parts":[{"text":"x"},{"inlineData":{"mimeType":"image/png"}},7]}}}"#,
        #"{"serverContent":{"turnComplete":"yes","interrupted":1}}"#, #"{"toolCallCancellation":{"ids":[1,null]}}"#,
        #"{"usageMetadata":{"promptTokenCount":1e400,"promptTokensDetails":[{"modality":3}]}}"#,
        #"{"sessionResumptionUpdate":[]}"#, #"{"voiceActivity":{"voiceActivityType":12}}"#, #"{"ofNextYear":{}}"#,
        #"{"serverContent":{"inputTranscription":{"text":99},"outputTranscription":"x"}}"#,
    ])
    func `are not made of fields that are of no use`(message: String) throws {
        let call = try GeminiCall()
        defer { call.close() }
        call.receive(GeminiWire.heard("a"), GeminiWire.audio([1]))
        call.prompt(1)
        call.receive(message)
        call.receive(GeminiWire.audio([2]), GeminiWire.complete)
        #expect(call.samples(1) == [1, 2])
        #expect(call.session.terminals(1).map(\.type) == [.done])
    }

    @Test(arguments: ["huge", "-5s", "nans", "1e999s", "s", ""])
    func `read any time that the vendor may leave`(time: String) throws {
        let call = try GeminiCall()
        defer { call.close() }
        call.receive(#"{"goAway":{"timeLeft":"\#(time)"}}"#)
        #expect(call.events(.state).map(\.text) == ["expiring"])
    }

    @Test(arguments: 0...GeminiWire.turn.count)
    func `leave no request without exactly one end, wherever the connection is cut`(place: Int) throws {
        let call = try GeminiCall()
        defer { call.close() }
        for (index, message) in GeminiWire.turn.prefix(place).enumerated() {
            call.receive(message)
            if index == 2 { call.prompt(2) }
        }
        call.prompt(3, "Typed.")
        call.session.closeSocket(call.socket, code: 0, error: .unavailable("connection reset"))
        #expect(call.session.terminals(2).count == (place > 2 ? 1 : 0))
        #expect(call.session.terminals(3).map(\.type) == [.error])
        #expect(call.events(.error).filter { $0.generation == 0 }.count == 1)
        let count = call.session.events.count
        call.session.sendAudio([1])
        call.session.cancel(3)
        call.session.advance(milliseconds: 3_600_000)
        #expect(call.session.events.count == count)
    }

    @Test func `come after ten seconds without setupComplete, and of audio that nobody takes`() throws {
        let slow = try GeminiCall(isReady: false)
        defer { slow.close() }
        slow.configure("{}")
        slow.session.advance(milliseconds: 10_000)
        #expect(slow.events(.error).map(\.integer) == [Int64(Status.deadlineExceeded.rawValue)])

        let full = try GeminiCall(isReady: false)
        defer { full.close() }
        for _ in 0..<40 { full.session.sendAudio([Int16](repeating: 1, count: 16_000)) }
        #expect(full.events(.error).map(\.integer) == [Int64(Status.deadlineExceeded.rawValue)])
    }

    @Test func `do not come of audio that is faster than credit: it waits, bounded, and holds the vendor up`() throws {
        let call = try GeminiCall(queueLimit: 40)
        defer { call.close() }
        call.receive(GeminiWire.audio([1]))
        call.prompt(1)
        let message = GeminiWire.audio([Int16](repeating: 5, count: 240_000))
        for _ in 0..<30 { call.receive(message) }
        #expect(!call.session.isReading(call.socket))
        for _ in 0..<100 { call.session.takeAll() }
        #expect(call.session.isReading(call.socket))
        #expect(call.samples(1).count == 1 + 30 * 240_000)
    }

    @Test func `refuse output other than 24 kHz`() throws {
        let call = try GeminiCall()
        defer { call.close() }
        #expect(throws: PluginError.self) { try call.provider.openSession(output: AudioFormat(sampleRate: 16_000)) }
    }
}
