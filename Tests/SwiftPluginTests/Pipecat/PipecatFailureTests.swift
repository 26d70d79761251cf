// SPDX-License-Identifier: Apache-2.0
import SyrinxPlugin
import SyrinxPluginTesting
import Testing

@Suite("Pipecat: connections and failures")
struct PipecatFailureTests {
    @Test(arguments: [
        (401, Status.unauthenticated, false), (403, .notPermitted, false), (404, .notFound, false),
        (500, .unavailable, true),
    ])
    func `give the class of the status that the upgrade was refused with`(
        code: Int, expected: Status, isRetryable: Bool
    ) throws {
        let call = try PipecatCall(isReady: false)
        defer { call.close() }
        call.prompt(1, "Hello?")
        call.session.refuseSocket(call.socket, status: code, error: .unavailable("upgrade refused"))
        #expect(call.events(.error).map(\.generation) == [0, 1])
        #expect(
            call.events(.error).allSatisfy {
                $0.integer == Int64(expected.rawValue) && $0.isRetryable == isRetryable
            }
        )
        #expect(call.prompt(2, "?") == .ok)
        #expect(call.session.terminals(2).map(\.integer) == [Int64(expected.rawValue)])
    }

    @Test(arguments: [
        (4_003, Status.unauthenticated, false), (1_011, .unavailable, true), (1_012, .unavailable, true),
        (1_013, .quotaExceeded, true), (1_002, .internalError, true), (0, .unavailable, true),
    ])
    func `say by the code why the bot is gone`(code: Int, expected: Status, isRetryable: Bool) throws {
        let call = try PipecatCall()
        defer { call.close() }
        call.receive(RTVIWire.botStarted)
        call.prompt(1)
        call.session.closeSocket(call.socket, code: code, reason: "x", error: code == 0 ? .unavailable("reset") : nil)
        #expect(call.events(.error).map(\.generation) == [0, 1])
        #expect(call.events(.error).allSatisfy { $0.integer == Int64(expected.rawValue) })
        #expect(call.events(.error).allSatisfy { $0.isRetryable == isRetryable })
    }

    @Test(arguments: [1_000, 1_001])
    func `are none when the bot hangs up: what it said is played, then the call ends`(code: Int) throws {
        let call = try PipecatCall()
        defer { call.close() }
        call.receive(RTVIWire.botStarted)
        call.prompt(1)
        call.speak([1_000])
        call.receive(RTVIWire.botStopped)
        call.session.closeSocket(call.socket, code: code)
        #expect(call.session.terminals(1).map(\.hangsUp) == [true])
        #expect(call.events(.error).isEmpty)
        // A host that stays all the same is told again.
        call.session.advance(milliseconds: 10_000)
        #expect(call.events(.error).map(\.integer) == [Int64(Status.closed.rawValue)])
        #expect(call.events(.error).map(\.isRetryable) == [false])
    }

    @Test func `are none when the bot hangs up while nobody speaks: an empty answer ends the call`() throws {
        let call = try PipecatCall()
        defer { call.close() }
        call.session.closeSocket(call.socket, code: 1_000)
        #expect(call.types == [.ready])
        call.session.advance(milliseconds: 500)
        #expect(call.types == [.ready, .turnEnd, .final])
        call.prompt(1)
        #expect(call.session.terminals(1).map(\.hangsUp) == [true])
    }

    @Test func `let the host connect again where that is wanted`() throws {
        let call = try PipecatCall(config: #"{"url":"ws://127.0.0.1:1","reconnect":true}"#)
        defer { call.close() }
        call.session.closeSocket(call.socket, code: 1_000)
        #expect(call.events(.error).map(\.isRetryable) == [true])
    }

    @Test func `come of errors that the bot calls fatal, not of others`() throws {
        let call = try PipecatCall()
        defer { call.close() }
        call.receive(RTVIWire.make("error", #"{"error":"no key","fatal":false}"#))
        #expect(call.events(.error).isEmpty)
        call.receive(RTVIWire.make("error", #"{"error":"no key","fatal":true}"#))
        #expect(call.events(.error).map(\.text) == ["Pipecat: no key"])
    }

    @Test(arguments: ["1.4.0", "2.9.1"])
    func `are not made of versions that are understood`(version: String) throws {
        let call = try PipecatCall(isReady: false)
        defer { call.close() }
        call.session.acceptSocket(call.socket)
        call.receive(RTVIWire.make("bot-ready", #"{"version":"\#(version)"}"#))
        #expect(call.types == [.ready] && call.host.logs.isEmpty)
    }

    @Test(arguments: ["3.0.0", "", "x"])
    func `are not made of other versions either, but they are logged`(version: String) throws {
        let call = try PipecatCall(isReady: false)
        defer { call.close() }
        call.session.acceptSocket(call.socket)
        call.receive(RTVIWire.make("bot-ready", #"{"version":"\#(version)"}"#))
        #expect(call.types == [.ready] && call.host.logs.count == 1)
    }

    /// No protobuf, and protobuf that promises more than it has.
    static let nonsense: [[UInt8]] = [
        [0xFF], [0x12], [0x12, 0x05, 1], [0x00, 0x00], [0x12, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01],
        [0x12, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF], [0x0B], [0x0C], [0x09, 1, 2, 3],
        [0x0D, 1, 2, 3], [0x12, 0x02, 0x1A, 0x05], [0x12, 0x02, 0x0B, 0x0C], Array("hello".utf8),
        ProtoWire.message("{"), ProtoWire.message("[]"), ProtoWire.message(String(repeating: "[", count: 100_000)),
        ProtoWire.audio([1], rate: 0), ProtoWire.audio([1], rate: 4_000_000_000),
        ProtoWire.audio([1], rate: 24_000, channels: 0), ProtoWire.audio([1], rate: 24_000, channels: 1 << 40),
        [UInt8](repeating: 0x80, count: 2_000),
    ]

    @Test(arguments: nonsense.indices)
    func `end the session in one clear sentence when the bot talks nonsense`(index: Int) throws {
        let call = try PipecatCall()
        defer { call.close() }
        call.prompt(1, "Hello?")
        call.deliver(Self.nonsense[index])
        #expect(call.events(.error).map(\.generation) == [0, 1])
        #expect(call.events(.error).allSatisfy { $0.integer == Int64(Status.internalError.rawValue) && $0.isRetryable })
        #expect(call.session.closing(call.socket)?.code == 1_002)
    }

    /// Fields that are not known, or of no use.
    static let oddities: [[UInt8]] = [
        [], [0x0A, 0x00], [0x1A, 0x00], [0x30, 0x01], [0x7A, 0x01, 0x00], [0x09, 1, 2, 3, 4, 5, 6, 7, 8],
        [0x12, 0x00], ProtoWire.field(1, ProtoWire.field(3, [0xFF, 0xFE])), ProtoWire.message("{}"),
        ProtoWire.message(#"{"label":"mine","type":"bot-started-speaking"}"#),
        ProtoWire.message(#"{"label":"rtvi-ai","type":7}"#),
        ProtoWire.message(RTVIWire.make("user-transcription", "[1]")),
        ProtoWire.message(RTVIWire.make("bot-output", #"{"spoken_status":"new","spoken_progress":3}"#)),
        ProtoWire.message(RTVIWire.make("llm-function-call", #"{"args":1}"#)),
        ProtoWire.message(RTVIWire.make("metrics", #"{"tokens":[{"prompt_tokens":-1},7]}"#)),
        ProtoWire.message(RTVIWire.make("error-response", "null")), ProtoWire.message(RTVIWire.make("error", "{}")),
        ProtoWire.message(RTVIWire.make("of-next-year", "{}")), ProtoWire.field(2, ProtoWire.field(15, [1, 2])),
    ]

    @Test(arguments: oddities.indices)
    func `are not made of what is of no use`(index: Int) throws {
        let call = try PipecatCall()
        defer { call.close() }
        call.receive(RTVIWire.botStarted)
        call.prompt(1)
        call.speak([1_000])
        call.deliver(Self.oddities[index])
        call.speak([2_000])
        call.receive(RTVIWire.botStopped)
        call.session.advance(milliseconds: 300)
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
    func `never come as more than one end of each request, whatever the bytes have become`(seed: UInt64) throws {
        var random = Seeded(state: seed)
        let turn: [[UInt8]] = [
            ProtoWire.message(RTVIWire.userStarted), ProtoWire.message(RTVIWire.heard("hello")),
            ProtoWire.message(RTVIWire.userStopped), ProtoWire.message(RTVIWire.botStarted),
            ProtoWire.audio(RTVIWire.sound(100), rate: 24_000), ProtoWire.message(RTVIWire.output(1, "Hi", " there")),
            ProtoWire.message(
                RTVIWire.make("llm-function-call", #"{"function_name":"a","tool_call_id":"b","args":{}}"#)
            ),
            [0x2A, 0x00], ProtoWire.message(RTVIWire.botStopped), ProtoWire.audio(RTVIWire.sound(50), rate: 24_000),
        ]
        for _ in 0..<20 {
            let call = try PipecatCall()
            call.prompt(1, "Hello?")
            for (index, frame) in turn.enumerated() {
                var bytes = frame
                for _ in 0..<Int.random(in: 0...3, using: &random) {
                    let place = Int.random(in: 0..<max(1, bytes.count), using: &random)
                    switch Int.random(in: 0..<3, using: &random) {
                    case 0 where !bytes.isEmpty: bytes[place] ^= UInt8(1 << Int.random(in: 0..<8, using: &random))
                    case 1 where !bytes.isEmpty: bytes.remove(at: place)
                    default: bytes.insert(UInt8.random(in: 0...255, using: &random), at: place)
                    }
                }
                call.deliver(bytes)
                if index == 5 { call.prompt(2) }
                call.session.advance(milliseconds: 100)
            }
            call.session.cancel(2)
            call.session.advance(milliseconds: 1_000)
            call.session.closeSocket(call.socket, code: 0, error: .unavailable("reset"))
            #expect(call.session.terminals(1).count == 1 && call.session.terminals(2).count == 1)
            call.close()
            #expect(call.session.eventsAfterClose == 0)
        }
    }

    @Test func `do not come of audio that is faster than credit: it waits, bounded, and holds the bot up`() throws {
        let call = try PipecatCall(queueLimit: 40)
        defer { call.close() }
        call.receive(RTVIWire.botStarted)
        call.prompt(1)
        let frame = RTVIWire.sound(240_000, 5_000)
        for _ in 0..<30 { call.speak(frame) }
        #expect(!call.session.isReading(call.socket))
        for _ in 0..<100 { call.session.takeAll() }
        #expect(call.session.isReading(call.socket))
        #expect(call.samples(1).count == 30 * 240_000)
    }

    @Test func `come of a bot that takes no data, and of messages without end`() throws {
        let full = try PipecatCall()
        defer { full.close() }
        full.session.refuseSends(full.socket)
        for _ in 0..<1_100 { full.session.sendAudio([1, 2, 3]) }
        #expect(full.events(.error).map(\.integer) == [Int64(Status.deadlineExceeded.rawValue)])

        let long = try PipecatCall()
        defer { long.close() }
        long.deliver([UInt8](repeating: 0, count: (1 << 20) + 1))
        #expect(long.events(.error).map(\.integer) == [Int64(Status.internalError.rawValue)])
    }

    @Test func `come of a bot that is not there in time`() throws {
        let call = try PipecatCall(isReady: false)
        defer { call.close() }
        call.session.advance(milliseconds: 20_000)
        #expect(call.events(.error).map(\.integer) == [Int64(Status.deadlineExceeded.rawValue)])
    }
}
