// SPDX-License-Identifier: Apache-2.0
import SyrinxPlugin
import SyrinxPluginTesting
import Testing

@Suite("Vapi: failures")
struct VapiFailureTests {
    @Test(arguments: [
        (400, Status.invalid, false), (401, .unauthenticated, false), (402, .quotaExceeded, false),
        (403, .notPermitted, false), (404, .notFound, false), (429, .quotaExceeded, true), (503, .unavailable, true),
        // Of these it is not known whether a call was created.
        (500, .unavailable, false), (502, .unavailable, false), (504, .deadlineExceeded, false),
        (408, .deadlineExceeded, false), (302, .internalError, false),
    ])
    func `have the class of the API's answer, and no call is asked for twice`(
        code: Int, expected: Status, isRetryable: Bool
    ) throws {
        let call = try VapiCall(stage: .configured)
        defer { call.close() }
        call.prompt(1, "Hello?")
        call.session.respond(
            call.creation, status: code, headers: ["retry-after": "7"],
            body: #"{"message":["a is wrong","b is, too"],"error":"X","statusCode":\#(code)}"#
        )
        let errors = call.events(.error)
        #expect(errors.map(\.generation) == [0, 1])
        #expect(errors.allSatisfy { $0.integer == Int64(expected.rawValue) && $0.isRetryable == isRetryable })
        #expect(errors[0].text.contains("a is wrong; b is, too") && errors[0].json.contains("7000"))
        #expect(call.prompt(2, "?") == .ok)
        call.session.sendAudio([1])
        call.session.advance(milliseconds: 100_000)
        #expect(call.session.requests.count == 1)
    }

    @Test func `of a lost answer do not make the host ask again: the call may have been created`() throws {
        let lost = try VapiCall(stage: .configured)
        defer { lost.close() }
        lost.session.finish(lost.creation, error: .unavailable("connection reset"))
        #expect(lost.events(.error).map(\.isRetryable) == [false])
        #expect(lost.events(.error)[0].text.contains("may have been created"))

        let slow = try VapiCall(stage: .configured)
        defer { slow.close() }
        slow.session.advance(milliseconds: 20_000)
        #expect(slow.events(.error).map(\.integer) == [Int64(Status.deadlineExceeded.rawValue)])
        #expect(slow.events(.error).map(\.isRetryable) == [false])
        #expect(slow.session.openRequests.isEmpty)
    }

    @Test(arguments: ["", "{", "[]", "{}", #"{"transport":{}}"#, #"{"transport":{"websocketCallUrl":7}}"#])
    func `of an answer without a socket end the session for good`(body: String) throws {
        let call = try VapiCall(stage: .configured)
        defer { call.close() }
        call.session.respond(call.creation, status: 201, body: body)
        #expect(call.events(.error).map(\.integer) == [Int64(Status.internalError.rawValue)])
        #expect(call.events(.error).map(\.isRetryable) == [false])
        #expect(call.session.requests.count == 1)
    }

    @Test func `of a socket that never opens end the session for good`() throws {
        let refused = try VapiCall(stage: .created)
        defer { refused.close() }
        refused.session.refuseSocket(refused.socket, status: 503, error: .unavailable("refused"))
        #expect(refused.events(.error).map(\.isRetryable) == [false])

        let slow = try VapiCall(stage: .created)
        defer { slow.close() }
        slow.session.advance(milliseconds: 20_000)
        #expect(slow.events(.error).map(\.integer) == [Int64(Status.deadlineExceeded.rawValue)])

        let forbidden = try VapiCall(stage: .configured)
        defer { forbidden.close() }
        forbidden.session.refusal = PluginError(.notPermitted, "not there")
        forbidden.session.respond(forbidden.creation, status: 201, body: VapiCall.created)
        #expect(forbidden.events(.error).map(\.integer) == [Int64(Status.notPermitted.rawValue)])
    }

    @Test(arguments: [0, 1_001, 1_006, 1_011])
    func `in the middle of a call let the host go on with another one`(code: Int) throws {
        let call = try VapiCall()
        defer { call.close() }
        call.receive(VapiWire.botStarted)
        call.prompt(1)
        call.session.closeSocket(call.socket, code: code, error: code == 0 ? .unavailable("reset") : nil)
        #expect(call.events(.error).map(\.generation) == [0, 1])
        #expect(call.events(.error).allSatisfy { $0.isRetryable })
    }

    @Test(arguments: ["", "{", "[]", "7", String(repeating: "[", count: 100_000)])
    func `of nonsense end the session in one clear sentence`(text: String) throws {
        let call = try VapiCall()
        defer { call.close() }
        call.receive(text)
        #expect(call.events(.error).map(\.integer) == [Int64(Status.internalError.rawValue)])
        #expect(call.session.closing(call.socket)?.code == 1_002)
    }

    @Test(arguments: [
        "{}", #"{"type":7}"#, #"{"type":"speech-update"}"#, #"{"type":"speech-update","role":"user","status":9}"#,
        #"{"type":"transcript","role":"user"}"#, #"{"type":"transcript","role":[],"transcript":"x"}"#,
        #"{"type":"tool-calls","toolCallList":7}"#, #"{"type":"tool-calls","toolCallList":[7,{"id":1}]}"#,
        #"{"type":"conversation-update","messagesOpenAIFormatted":[null,{"role":"user","content":[]}]}"#,
        #"{"type":"status-update","status":"in-progress"}"#, #"{"type":"hang"}"#, #"{"type":"of-next-year"}"#,
        #"{"type":"model-output","output":"x"}"#,
    ])
    func `are not made of what is of no use`(message: String) throws {
        let call = try VapiCall()
        defer { call.close() }
        call.receive(VapiWire.botStarted)
        call.prompt(1)
        call.speak([1_000])
        call.receive(message)
        call.speak([2_000])
        call.receive(VapiWire.botStopped)
        call.session.advance(milliseconds: 600)
        #expect(call.samples(1) == [1_000, 2_000])
        #expect(call.session.terminals(1).map(\.type) == [.done])
    }

    /// A linear congruential generator: the same mutations in each run.
    struct Seeded: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return state
        }
    }

    @Test(arguments: UInt64(1)...40)
    func `never come as more than one end of each request, whatever the text has become`(seed: UInt64) throws {
        var random = Seeded(state: seed)
        let turn = [
            VapiWire.userStarted, VapiWire.transcript("user", "hello"), VapiWire.userStopped, VapiWire.botStarted,
            VapiWire.transcript("assistant", "Hi", isFinal: false), VapiWire.interrupted, VapiWire.botStopped,
            #"{"type":"tool-calls","toolCallList":[{"id":"a","function":{"name":"weather","arguments":{}}}]}"#,
            VapiWire.ended,
        ]
        for _ in 0..<20 {
            let call = try VapiCall(call: #"{"tools":[{"name":"weather"}]}"#)
            call.prompt(1, "Hello?")
            for (index, text) in turn.enumerated() {
                var bytes = Array(text.utf8)
                for _ in 0..<Int.random(in: 0...3, using: &random) {
                    let place = Int.random(in: 0..<max(1, bytes.count), using: &random)
                    switch Int.random(in: 0..<3, using: &random) {
                    case 0 where !bytes.isEmpty: bytes[place] ^= UInt8(1 << Int.random(in: 0..<8, using: &random))
                    case 1 where !bytes.isEmpty: bytes.remove(at: place)
                    default: bytes.insert(UInt8.random(in: 0...255, using: &random), at: place)
                    }
                }
                call.receive(String(decoding: bytes, as: UTF8.self))
                call.speak(VapiWire.sound(100))
                if index == 5 { call.prompt(2) }
                call.session.advance(milliseconds: 100)
            }
            call.session.cancel(2)
            call.session.closeSocket(call.socket, code: 0, error: .unavailable("reset"))
            call.session.advance(milliseconds: 20_000)
            #expect(call.session.terminals(1).count == 1 && call.session.terminals(2).count == 1)
            call.close()
            #expect(call.session.eventsAfterClose == 0)
        }
    }

    @Test func `do not come of audio that is faster than credit: it waits, bounded, and holds the vendor up`() throws {
        let call = try VapiCall(queueLimit: 40)
        defer { call.close() }
        call.receive(VapiWire.botStarted)
        call.prompt(1)
        let audio = VapiWire.sound(240_000, 5_000)
        for _ in 0..<30 { call.speak(audio) }
        #expect(!call.session.isReading(call.socket))
        for _ in 0..<150 { call.session.takeAll() }
        #expect(call.session.isReading(call.socket))
        #expect(call.samples(1).count == 30 * 240_000)
    }
}
