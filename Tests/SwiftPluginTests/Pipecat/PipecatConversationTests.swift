// SPDX-License-Identifier: Apache-2.0
import SyrinxPlugin
import SyrinxPluginTesting
import Testing

@Suite("Pipecat: a conversation")
struct PipecatConversationTests {
    @Test func `says that a client is there before anything else, and is ready when the bot is`() throws {
        let call = try PipecatCall(config: #"{"url":"wss://bot.example/ws","token":"${secret:token}"}"#, isReady: false)
        defer { call.close() }
        let request = try #require(call.session.requests.first)
        #expect(request.url == "wss://bot.example/ws")
        #expect(request.header("authorization") == "Bearer ${secret:token}")
        call.session.sendAudio([1, 2])
        call.session.acceptSocket(call.socket)
        call.configure("{}")
        #expect(call.messages.first?["type"] == "client-ready")
        #expect(call.messages.first?["data"]?["version"] == "2.1.0")
        #expect(call.messages.first?["label"] == "rtvi-ai")
        #expect(call.heard == [1, 2])
        #expect(call.session.events.isEmpty)
        call.receive(RTVIWire.ready)
        #expect(call.types == [.ready])
    }

    @Test func `tells a whole turn, with the caller's words first and the bot's as they are spoken`() throws {
        let call = try PipecatCall()
        defer { call.close() }
        call.session.sendAudio([5, 6, 7])
        #expect(call.heard == [5, 6, 7])
        call.receive(RTVIWire.userStarted, RTVIWire.heard("what", isFinal: false), RTVIWire.userStopped)
        call.receive(RTVIWire.heard("what time"), RTVIWire.heard("is it"))
        call.receive(RTVIWire.make("bot-llm-started"), RTVIWire.make("bot-llm-text", #"{"text":"It is noon."}"#))
        call.receive(RTVIWire.make("bot-llm-stopped"), RTVIWire.botStarted)
        call.prompt(7)
        call.speak(RTVIWire.sound(480))
        call.receive(RTVIWire.output(1, "", "It is noon.", status: "new"), RTVIWire.output(1, "It is", " noon."))
        call.speak(RTVIWire.sound(480, 2_000))
        call.receive(RTVIWire.output(1, "It is noon."), RTVIWire.output(2, "Really."), RTVIWire.botStopped)
        #expect(call.session.terminals(7).isEmpty)
        call.session.advance(milliseconds: 300)
        #expect(
            call.types == [
                .ready, .speechStart, .partial, .speechStop, .partial, .partial, .final, .turnEnd, .audioOut, .delta,
                .audioOut, .delta, .delta, .done,
            ]
        )
        #expect(call.events(.final).map(\.text) == ["what time is it"])
        #expect(call.session.answer(7) == "It is noon. Really.")
        #expect(call.samples(7) == RTVIWire.sound(480) + RTVIWire.sound(480, 2_000))
    }

    @Test func `keeps what is said before the host names the answer`() throws {
        let call = try PipecatCall()
        defer { call.close() }
        call.receive(RTVIWire.botStarted)
        call.speak([900, 901])
        call.receive(RTVIWire.make("bot-tts-text", #"{"text":"Hello"}"#), RTVIWire.botStopped)
        call.session.advance(milliseconds: 300)
        // A greeting answers nobody: its turn has no words.
        #expect(call.types == [.ready, .turnEnd, .final])
        #expect(call.events(.final).map(\.text) == [""])
        call.prompt(1)
        #expect(call.samples(1) == [900, 901])
        #expect(call.session.answer(1) == "Hello")
        #expect(call.session.terminals(1).map(\.type) == [.done])
    }

    @Test func `takes sound that comes before the word of it for the beginning of the same answer`() throws {
        let call = try PipecatCall()
        defer { call.close() }
        call.receive(RTVIWire.botStarted, RTVIWire.botStopped)
        call.session.advance(milliseconds: 300)
        call.prompt(1)
        call.speak(RTVIWire.sound(240, 300))
        #expect(call.events(.turnEnd).count == 1)
        call.receive(RTVIWire.botStarted)
        call.speak(RTVIWire.sound(240, 400))
        call.prompt(2)
        #expect(call.samples(2) == RTVIWire.sound(240, 300) + RTVIWire.sound(240, 400))
    }

    @Test func `goes on in the same answer after a pause between two sentences`() throws {
        let call = try PipecatCall()
        defer { call.close() }
        call.receive(RTVIWire.botStarted)
        call.prompt(1)
        call.speak([1_000])
        call.receive(RTVIWire.botStopped)
        call.session.advance(milliseconds: 200)
        call.receive(RTVIWire.botStarted)
        call.speak([2_000])
        call.session.advance(milliseconds: 250)
        call.receive(RTVIWire.botStopped)
        call.session.advance(milliseconds: 250)
        #expect(call.session.terminals(1).isEmpty)
        call.session.advance(milliseconds: 50)
        #expect(call.samples(1) == [1_000, 2_000])
        #expect(call.session.terminals(1).map(\.type) == [.done])
        #expect(call.events(.turnEnd).count == 1)
    }

    @Test func `does not begin an answer with the space that parts it from the one before`() throws {
        let call = try PipecatCall()
        defer { call.close() }
        for generation in UInt64(1)...2 {
            call.receive(RTVIWire.botStarted, RTVIWire.output(Int(generation), " One."))
            call.receive(RTVIWire.make("bot-tts-text", #"{"text":"One."}"#), RTVIWire.output(7, "Two."))
            call.prompt(generation)
            call.receive(RTVIWire.botStopped)
            call.session.advance(milliseconds: 300)
            #expect(call.session.answer(generation) == "One. Two.")
        }
    }

    @Test func `waits while the bot's model still writes`() throws {
        let call = try PipecatCall()
        defer { call.close() }
        call.receive(RTVIWire.make("bot-llm-started"), RTVIWire.botStarted)
        call.prompt(1)
        call.receive(RTVIWire.botStopped)
        call.session.advance(milliseconds: 2_000)
        #expect(call.session.terminals(1).isEmpty)
        call.receive(RTVIWire.make("bot-llm-stopped"))
        call.session.advance(milliseconds: 300)
        #expect(call.session.terminals(1).map(\.type) == [.done])
    }

    @Test(arguments: [false, true])
    func `stops at the bot's interruption, and tells the caller's start only then`(byMessage: Bool) throws {
        let call = try PipecatCall(queueLimit: 10)
        defer { call.close() }
        call.receive(RTVIWire.botStarted)
        call.prompt(1)
        for _ in 0..<30 { call.speak(RTVIWire.sound(480)) }
        call.receive(RTVIWire.userStarted)
        #expect(call.events(.speechStart).isEmpty)
        if byMessage { call.receive(RTVIWire.interrupted) } else { call.interrupt() }
        for _ in 0..<5 { call.session.takeAll() }
        #expect(call.events(.speechStart).count == 1)
        #expect(call.session.terminals(1).map(\.type) == [.done])
        #expect(call.samples(1).count < 30 * 480)
        // The host cancels because of that; the bot needs no second word.
        call.session.cancel(1)
        #expect(!call.sent.contains(.interruption))
        call.interrupt()
        call.receive(RTVIWire.botStopped, RTVIWire.userStopped, RTVIWire.heard("stop"), RTVIWire.botStarted)
        call.prompt(2)
        call.speak([3_000])
        for _ in 0..<5 { call.session.takeAll() }
        #expect(call.samples(2) == [3_000])
        #expect(call.events(.speechStart).count == 1 && call.events(.final).last?.text == "stop")
    }

    @Test func `says nothing of a caller who does not stop the bot`() throws {
        let call = try PipecatCall()
        defer { call.close() }
        call.receive(RTVIWire.botStarted)
        call.prompt(1)
        call.speak([1_000])
        call.receive(RTVIWire.userStarted, RTVIWire.heard("mm-hm"), RTVIWire.userStopped)
        call.speak([2_000])
        call.receive(RTVIWire.botStopped)
        call.session.advance(milliseconds: 300)
        #expect(call.events(.speechStart).isEmpty)
        #expect(call.samples(1) == [1_000, 2_000])
    }

    @Test func `stops the bot when the host cancels by itself, and hears nothing more of that answer`() throws {
        let call = try PipecatCall()
        defer { call.close() }
        call.receive(RTVIWire.botStarted)
        call.prompt(1)
        call.speak([1_000])
        call.session.cancel(1)
        #expect(call.sent.last == .interruption)
        #expect(call.session.terminals(1).map(\.type) == [.cancelled])
        call.speak([2_000])
        call.interrupt()
        call.receive(RTVIWire.interrupted, RTVIWire.botStopped)
        #expect(call.samples(1) == [1_000])
        // Nobody spoke: it is the echo of what was asked for.
        #expect(call.events(.speechStart).isEmpty)
        call.receive(RTVIWire.botStarted)
        call.prompt(2)
        call.speak([3_000])
        #expect(call.samples(2) == [3_000])
    }

    @Test func `lets the bot answer typed turns, which are nobody's speech`() throws {
        let call = try PipecatCall()
        defer { call.close() }
        call.prompt(3, "What time is it?")
        let text = try #require(call.messages("send-text").first)
        #expect(text["data"]?["content"] == "What time is it?")
        #expect(text["data"]?["options"] == ["run_immediately": true, "audio_response": true])
        call.interrupt()
        call.receive(RTVIWire.interrupted)
        call.receive(RTVIWire.make("user-input", #"{"text":"What time is it?","input_type":"chat","final":true}"#))
        call.receive(RTVIWire.botStarted)
        call.speak([700])
        call.receive(RTVIWire.make("bot-tts-text", #"{"text":"Noon"}"#), RTVIWire.botStopped)
        call.session.advance(milliseconds: 300)
        #expect(call.samples(3) == [700] && call.session.answer(3) == "Noon")
        #expect(call.events(.speechStart, .turnEnd, .final, .partial).isEmpty)
        #expect(call.session.terminals(3).map(\.type) == [.done])
    }

    @Test func `ends a typed turn that the bot refuses`() throws {
        let call = try PipecatCall()
        defer { call.close() }
        call.prompt(3, "Hello?")
        let id = try #require(call.messages("send-text").first?["id"]?.string)
        call.receive(RTVIWire.make("error-response", #"{"error":"no model"}"#, id: id))
        #expect(call.session.terminals(3).map(\.type) == [.error])
        #expect(call.session.terminals(3).first?.text.contains("no model") == true)
        #expect(call.events(.error).count == 1)
    }

    @Test func `calls the host's tools and hands their results over; the bot's own it waits for`() throws {
        let call = try PipecatCall(call: #"{"tools":[{"name":"weather"}]}"#)
        defer { call.close() }
        let arguments = #""function_name":"weather","tool_call_id":"c1","arguments":{"place":"Bonn"}"#
        call.receive(RTVIWire.make("llm-function-call-in-progress", "{\(arguments)}"))
        call.prompt(1)
        call.receive(RTVIWire.make("llm-function-call-in-progress", #"{"tool_call_id":"c2","function_name":"db"}"#))
        call.receive(
            RTVIWire.make("llm-function-call", #"{"function_name":"time","tool_call_id":"c3","args":{}}"#)
        )
        let tools = call.events(.toolCall)
        #expect(tools.map(\.text) == ["weather", "time"])
        #expect(tools.map(\.json) == [#"{"place":"Bonn"}"#, "{}"])
        call.toolResult(tools[0].id, #"{"sky":"blue"}"#, generation: 1)
        call.toolResult(tools[1].id, "no clock", generation: 1, failed: true)
        let results = call.messages("llm-function-call-result").compactMap { $0["data"] }
        #expect(results.map { $0["tool_call_id"] } == ["c1", "c3"])
        #expect(results.map { $0["result"] } == [["sky": "blue"], ["error": "no clock"]])
        #expect(results.first?["arguments"] == ["place": "Bonn"])
        call.receive(RTVIWire.botStarted)
        call.speak([800])
        call.receive(RTVIWire.botStopped)
        call.session.advance(milliseconds: 300)
        #expect(call.session.terminals(1).isEmpty)
        call.receive(RTVIWire.make("llm-function-call-stopped", #"{"tool_call_id":"c2","cancelled":false}"#))
        call.session.advance(milliseconds: 300)
        #expect(call.session.terminals(1).map(\.type) == [.done])
        #expect(call.events(.turnEnd).count == 1 && call.samples(1) == [800])
    }

    private func calling(_ id: String) -> String {
        RTVIWire.make("llm-function-call", #"{"function_name":"time","tool_call_id":"\#(id)","args":{}}"#)
    }

    @Test func `tells the bot that a tool was interrupted when its answer is cancelled, however often`() throws {
        let call = try PipecatCall()
        defer { call.close() }
        for round in UInt64(1)...65 {
            call.receive(calling("c\(round)"))
            call.prompt(round)
            call.session.cancel(round)
            call.session.advance(milliseconds: 1_000)
        }
        let results = call.messages("llm-function-call-result").compactMap { $0["data"] }
        #expect(results.map { $0["tool_call_id"]?.string } == (1...65).map { "c\($0)" })
        #expect(results.allSatisfy { $0["result"] == ["error": "the caller interrupted"] })
        for tool in call.events(.toolCall) { call.toolResult(tool.id, "late", generation: 65) }
        #expect(call.messages("llm-function-call-result").count == 65)
        #expect(call.events(.error).isEmpty)
    }

    @Test func `tells the bot so when it breaks the answer off itself`() throws {
        let call = try PipecatCall()
        defer { call.close() }
        call.receive(calling("c1"))
        call.prompt(1)
        call.receive(RTVIWire.interrupted)
        #expect(call.messages("llm-function-call-result").map { $0["data"]?["tool_call_id"] } == ["c1"])
        #expect(call.session.terminals(1).map(\.type) == [.done])
    }

    @Test func `understands a bot that tells nothing but audio`() throws {
        let call = try PipecatCall(isReady: false)
        defer { call.close() }
        call.session.acceptSocket(call.socket)
        call.configure("{}")
        call.session.advance(milliseconds: 3_000)
        #expect(call.types == [.ready])
        #expect(call.host.logs.contains { $0.contains("RTVI") })
        call.speak([0, 1, -1])
        #expect(call.types == [.ready])
        call.speak([500, 0])
        call.prompt(1)
        for _ in 0..<20 {
            call.session.advance(milliseconds: 100)
            call.speak([600])
        }
        call.speak([0])
        #expect(call.session.terminals(1).isEmpty)
        call.session.advance(milliseconds: 1_800)
        #expect(call.samples(1) == [500, 0] + RTVIWire.sound(20, 600) + [0])
        #expect(call.session.terminals(1).map(\.type) == [.done])
        call.speak([700])
        call.interrupt()
        #expect(call.events(.speechStart).count == 1)
    }

    @Test func `mixes two channels down, and leaves a header out`() throws {
        let call = try PipecatCall()
        defer { call.close() }
        call.receive(RTVIWire.botStarted)
        call.prompt(1)
        call.deliver(ProtoWire.audio([100, 300, -200, -400], rate: 24_000, channels: 2))
        let header = Array("RIFF".utf8) + [UInt8](repeating: 0, count: 40)
        let frame = ProtoWire.field(3, header + [7, 0]) + ProtoWire.field(4, 24_000) + ProtoWire.field(5, 1)
        call.deliver(ProtoWire.field(2, frame))
        #expect(call.samples(1) == [200, -300, 7])
    }

    @Test func `passes keys on, and says goodbye`() throws {
        let call = try PipecatCall()
        var event = OutgoingEvent(.dtmfIn)
        event.text = "1a#"
        #expect(call.session.send(event) == .ok)
        #expect(call.messages("dtmf").first?["data"] == ["buttons": ["1", "#"]])
        call.close()
        #expect(call.messages.last?["type"] == "disconnect-bot")
        #expect(call.session.closing(call.socket)?.code == 1_000)
        #expect(call.session.eventsAfterClose == 0)

        let quiet = try PipecatCall(config: #"{"url":"ws://127.0.0.1:1","disconnect_bot":false}"#)
        quiet.close()
        #expect(quiet.messages("disconnect-bot").isEmpty)
    }

    @Test func `reports tokens`() throws {
        let call = try PipecatCall()
        defer { call.close() }
        call.receive(RTVIWire.make("metrics", #"{"tokens":[{"prompt_tokens":3,"completion_tokens":4}],"ttfb":[]}"#))
        #expect(call.events(.usage).map(\.json) == [#"{"input_tokens":3,"output_tokens":4}"#])
    }

    @Test func `survives every event, whatever is in it`() throws {
        let call = try PipecatCall()
        defer { call.close() }
        for type in UInt16(0)...300 {
            var event = OutgoingEvent(EventType(rawValue: type), generation: UInt64(type), id: .max)
            event.integer = .min
            event.number = .nan
            event.text = "\u{FFFD}"
            event.json = "{"
            call.session.send(event)
        }
        call.session.cancel(.max)
        call.session.takeAll()
    }
}
