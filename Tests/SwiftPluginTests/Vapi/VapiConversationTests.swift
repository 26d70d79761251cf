// SPDX-License-Identifier: Apache-2.0
import SyrinxPlugin
import SyrinxPluginTesting
import Testing

@Suite("Vapi: a conversation")
struct VapiConversationTests {
    @Test func `tells a whole turn, with words as the transcripts grow`() throws {
        let call = try VapiCall()
        defer { call.close() }
        call.session.sendAudio([5, -6])
        #expect(call.heard == VapiCall.bytes([5, -6]))
        call.receive(VapiWire.userStarted, VapiWire.transcript("user", "what", isFinal: false))
        call.receive(VapiWire.userStopped, VapiWire.transcript("user", "What time is it?"), VapiWire.botStarted)
        call.prompt(7)
        call.speak(VapiWire.sound(320))
        call.receive(VapiWire.transcript("assistant", "It is", isFinal: false))
        call.speak(VapiWire.sound(320, 2_000))
        call.receive(VapiWire.transcript("assistant", "It is noon."), VapiWire.botStopped)
        call.receive(VapiWire.transcript("assistant", "Bye."))
        call.session.advance(milliseconds: 599)
        #expect(call.session.terminals(7).isEmpty)
        call.session.advance(milliseconds: 1)
        #expect(
            call.types == [
                .ready, .speechStart, .partial, .speechStop, .partial, .final, .turnEnd, .audioOut, .delta, .audioOut,
                .delta, .delta, .done,
            ]
        )
        #expect(call.events(.final).map(\.text) == ["What time is it?"])
        #expect(call.session.answer(7) == "It is noon. Bye.")
        #expect(call.samples(7) == VapiWire.sound(320) + VapiWire.sound(320, 2_000))
    }

    @Test func `puts samples together that were cut between two messages`() throws {
        let call = try VapiCall()
        defer { call.close() }
        call.receive(VapiWire.botStarted)
        call.prompt(1)
        let bytes = VapiCall.bytes([1_000, 2_000, 3_000])
        call.session.deliverBinary(call.socket, Array(bytes[..<3]))
        call.session.deliverBinary(call.socket, Array(bytes[3...]))
        #expect(call.samples(1) == [1_000, 2_000, 3_000])
    }

    @Test func `carries mu-law where that is wanted`() throws {
        let config = #"{"api_key":"k","assistant_id":"a","audio_format":"mulaw","sample_rate":16000}"#
        let call = try VapiCall(config: config)
        defer { call.close() }
        let transport = try JSONValue(parsing: call.session.requests[0].bodyText)["transport"]
        #expect(transport?["audioFormat"] == ["format": "mulaw", "container": "raw", "sampleRate": 16_000])
        let samples: [Int16] = [0, 1_000, -1_000, 32_000]
        call.session.sendAudio(samples)
        #expect(call.heard == G711.muLaw.encode(samples))
        call.receive(VapiWire.botStarted)
        call.prompt(1)
        call.session.deliverBinary(call.socket, G711.muLaw.encode(samples))
        #expect(call.samples(1) == G711.muLaw.decode(G711.muLaw.encode(samples)))
    }

    @Test func `stops when the assistant was interrupted, and answers the next turn`() throws {
        let call = try VapiCall(queueLimit: 10)
        defer { call.close() }
        call.receive(VapiWire.botStarted)
        call.prompt(1)
        for _ in 0..<30 { call.speak(VapiWire.sound(320)) }
        call.receive(VapiWire.userStarted)
        #expect(call.events(.speechStart).isEmpty)
        call.receive(VapiWire.interrupted)
        for _ in 0..<5 { call.session.takeAll() }
        #expect(call.events(.speechStart).count == 1)
        #expect(call.session.terminals(1).map(\.type) == [.done])
        #expect(call.samples(1).count < 30 * 320)
        call.session.cancel(1)
        call.receive(VapiWire.botStopped, VapiWire.userStopped, VapiWire.transcript("user", "stop"))
        call.receive(VapiWire.botStarted)
        call.prompt(2)
        call.speak([3_000])
        for _ in 0..<5 { call.session.takeAll() }
        #expect(call.samples(2) == [3_000])
        #expect(call.events(.final).last?.text == "stop")
    }

    @Test func `takes an assistant that stops for the caller for interrupted, though it does not say so`() throws {
        let call = try VapiCall()
        defer { call.close() }
        call.receive(VapiWire.botStarted)
        call.prompt(1)
        call.speak([1_000])
        call.receive(VapiWire.userStarted, VapiWire.botStopped)
        #expect(call.types.suffix(2) == [.speechStart, .done])
    }

    @Test func `lets nothing of a cancelled answer through, though the vendor goes on`() throws {
        let call = try VapiCall()
        defer { call.close() }
        call.receive(VapiWire.botStarted)
        call.prompt(1)
        call.speak([1_000])
        call.session.cancel(1)
        call.speak([2_000])
        call.receive(VapiWire.transcript("assistant", "More."), VapiWire.botStopped)
        #expect(call.samples(1) == [1_000])
        #expect(call.session.terminals(1).map(\.type) == [.cancelled])
        call.session.advance(milliseconds: 600)
        call.receive(VapiWire.botStarted)
        call.prompt(2)
        call.speak([3_000])
        #expect(call.samples(2) == [3_000])
    }

    @Test func `has typed turns answered and lines said, which are nobody's speech`() throws {
        let call = try VapiCall()
        defer { call.close() }
        call.prompt(1, "Say exactly this: Welcome.", line: "Welcome.")
        #expect(call.messages("say") == [["type": "say", "content": "Welcome.", "endCallAfterSpoken": false]])
        call.receive(VapiWire.botStarted)
        call.speak([500])
        call.receive(VapiWire.botStopped)
        call.session.advance(milliseconds: 600)
        call.prompt(2, "What time is it?")
        let message = try #require(call.messages("add-message").first)
        #expect(message["message"] == ["role": "user", "content": "What time is it?"])
        #expect(message["triggerResponseEnabled"] == true)
        call.receive(VapiWire.botStarted)
        call.speak([600])
        call.receive(VapiWire.botStopped)
        call.session.advance(milliseconds: 600)
        #expect(call.samples(1) == [500] && call.samples(2) == [600])
        #expect(call.events(.speechStart, .turnEnd, .final).isEmpty)
        #expect(call.events(.done).map(\.generation) == [1, 2])
    }

    @Test func `calls the host's tools, and lets the assistant know what came of it`() throws {
        let call = try VapiCall(call: #"{"tools":[{"name":"weather"},{"name":"time"}]}"#)
        defer { call.close() }
        call.receive(
            #"""
            {"type":"tool-calls","toolCallList":[
              {"id":"t1","type":"function","function":{"name":"weather","arguments":"{\"place\":\"Bonn\"}"}},
              {"id":"t2","function":{"name":"elsewhere","arguments":{}}},
              {"id":"t3","name":"time","parameters":{"zone":"CET"}}]}
            """#
        )
        call.prompt(1)
        let tools = call.events(.toolCall)
        #expect(tools.map(\.text) == ["weather", "time"])
        #expect(tools.map(\.json) == [#"{"place":"Bonn"}"#, #"{"zone":"CET"}"#])
        call.toolResult(tools[0].id, "rain", generation: 1)
        call.toolResult(tools[1].id, "no clock", generation: 1, failed: true)
        let told = call.messages("add-message").compactMap { $0["message"] }
        #expect(told.map { $0["role"] } == ["system", "system"])
        #expect(told.map { $0["content"] } == ["The tool weather answered: rain", "The tool time failed: no clock"])
        call.receive(VapiWire.botStarted)
        call.speak([700])
        call.receive(VapiWire.botStopped)
        call.session.advance(milliseconds: 600)
        #expect(call.samples(1) == [700])
        #expect(call.session.terminals(1).map(\.type) == [.done] && call.events(.turnEnd).count == 1)
    }

    @Test func `lets the assistant know of tools whose answer was cancelled, without a word about it`() throws {
        let call = try VapiCall(call: #"{"tools":[{"name":"weather"}]}"#)
        defer { call.close() }
        for round in UInt64(1)...65 {
            call.receive(#"{"type":"tool-calls","toolCallList":[{"id":"t\#(round)","name":"weather"}]}"#)
            call.prompt(round)
            call.session.cancel(round)
        }
        let told = call.messages("add-message")
        #expect(told.count == 65)
        #expect(told.allSatisfy { $0["message"]?["content"] == "The tool weather failed: the caller interrupted" })
        #expect(told.allSatisfy { $0["triggerResponseEnabled"] == false })
        #expect(call.events(.error).isEmpty)
    }

    @Test func `takes the words from the conversation where there are no transcripts`() throws {
        let call = try VapiCall()
        defer { call.close() }
        func update(_ lines: String...) {
            let list = lines.joined(separator: ",")
            call.receive(#"{"type":"conversation-update","messagesOpenAIFormatted":[\#(list)]}"#)
        }
        let system = #"{"role":"system","content":"Be brief."}"#
        let user = #"{"role":"user","content":"Hello?"}"#
        let bot = #"{"role":"assistant","content":"Hi."}"#
        call.receive(VapiWire.userStarted, VapiWire.userStopped)
        update(system, user)
        call.receive(VapiWire.botStarted)
        call.prompt(1)
        update(system, user, bot)
        update(system, user, bot)
        #expect(call.events(.final).map(\.text) == ["Hello?"])
        #expect(call.session.answer(1) == "Hi.")

        let both = try VapiCall()
        defer { both.close() }
        both.receive(VapiWire.transcript("user", "Hello?"), VapiWire.botStarted)
        both.prompt(1)
        both.receive(VapiWire.transcript("assistant", "Hi."))
        both.receive(#"{"type":"conversation-update","messagesOpenAIFormatted":[\#(user),\#(bot)]}"#)
        #expect(both.session.answer(1) == "Hi." && both.events(.final).count == 1)
    }

    @Test func `survives every event, whatever is in it`() throws {
        let call = try VapiCall()
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
