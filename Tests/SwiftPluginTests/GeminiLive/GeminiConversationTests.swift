// SPDX-License-Identifier: Apache-2.0
import SyrinxPlugin
import SyrinxPluginTesting
import Testing

@Suite("Gemini Live: a conversation")
struct GeminiConversationTests {
    @Test func `connects with the key as the host's placeholder and sets up first`() throws {
        let call = try GeminiCall(
            config: #"""
                {"api_key":"${secret:api_key}","model":"gemini-x","voice":"Puck","interruptions":false,
                 "activity_detection":{"silenceDurationMs":400},"setup":{"proactivity":{"proactiveAudio":true}}}
                """#,
            call: #"""
                {"instructions":"Be brief.",
                 "tools":[{"name":"weather","description":"of a place","parameters":{"type":"object",
                   "additionalProperties":false,"properties":{"place":{"type":"string","$comment":"x"}}}},
                  {"name":"time","parameters":{"type":"object","properties":{}}}],
                 "history":[{"role":"user","text":"hi"},{"role":"assistant","text":"hello"}]}
                """#
        )
        defer { call.close() }
        let request = call.session.requests[0]
        #expect(request.url.hasPrefix("wss://generativelanguage.googleapis.com/ws/"))
        #expect(request.header("x-goog-api-key") == "${secret:api_key}")
        let setup = try #require(call.sent().first?["setup"])
        #expect(setup["model"] == "models/gemini-x")
        #expect(setup["generationConfig"]?["responseModalities"] == ["AUDIO"])
        #expect(
            setup["generationConfig"]?["speechConfig"]?["voiceConfig"]?["prebuiltVoiceConfig"]?["voiceName"] == "Puck"
        )
        #expect(setup["systemInstruction"]?["parts"]?[0]?["text"] == "Be brief.")
        let functions = setup["tools"]?[0]?["functionDeclarations"]
        #expect(functions?[0]?["parameters"] == ["type": "object", "properties": ["place": ["type": "string"]]])
        #expect(functions?[1] == ["name": "time"])
        #expect(setup["realtimeInputConfig"]?["activityHandling"] == "NO_INTERRUPTION")
        #expect(setup["realtimeInputConfig"]?["automaticActivityDetection"] == ["silenceDurationMs": 400])
        #expect(setup["inputAudioTranscription"] == [:] && setup["outputAudioTranscription"] == [:])
        #expect(setup["sessionResumption"] == [:])
        #expect(setup["contextWindowCompression"] == ["slidingWindow": [:]])
        #expect(setup["proactivity"]?["proactiveAudio"] == true)
        let history = try #require(call.sent("clientContent").first)
        #expect(history["turnComplete"] == false)
        #expect(history["turns"]?.array?.map { $0["role"] } == ["user", "model"])
        #expect(call.session.events.map(\.type) == [.ready])
    }

    @Test func `sends nothing before setupComplete, and then what the caller said meanwhile`() throws {
        let call = try GeminiCall(isReady: false)
        defer { call.close() }
        call.session.acceptSocket(call.socket)
        call.configure("{}")
        for sample in 1...3 { call.session.sendAudio([Int16(sample)]) }
        call.prompt(1, "Hello?")
        #expect(call.session.sentTexts(call.socket).count == 1)
        call.receive(#"{"setupComplete":{}}"#)
        let texts = call.session.sentTexts(call.socket).dropFirst().compactMap { try? JSONValue(parsing: $0) }
        let data = texts.map { $0["realtimeInput"]?["audio"]?["data"]?.string ?? "turn" }
        #expect(data == ["AQA=", "AgA=", "AwA=", "turn"])
        #expect(texts[0]["realtimeInput"]?["audio"]?["mimeType"] == "audio/pcm;rate=16000")
    }

    @Test func `tells a whole turn: start by words, end by the model's first part`() throws {
        let call = try GeminiCall()
        defer { call.close() }
        for (index, message) in GeminiWire.turn.enumerated() {
            call.receive(message)
            if index == 2 { call.prompt(7) }
        }
        #expect(
            call.session.events.map(\.type) == [
                .ready, .speechStart, .partial, .partial, .speechStop, .turnEnd, .audioOut, .delta, .audioOut, .delta,
                .final, .done, .usage,
            ]
        )
        #expect(call.events(.final).map(\.text) == ["hello"])
        #expect(call.session.answer(7) == "Hi there.")
        #expect(call.samples(7) == [1, 2, 3, 4, 5])
        #expect(call.session.terminals(7).map(\.type) == [.done])
        let usage = try JSONValue(parsing: call.events(.usage)[0].json)
        #expect(usage["input_audio_tokens"] == 6 && usage["output_audio_tokens"] == 20 && usage["total_tokens"] == 30)
    }

    @Test(arguments: 0..<GeminiWire.turn.count)
    func `says the same wherever in the turn the host names the answer`(place: Int) throws {
        let call = try GeminiCall()
        defer { call.close() }
        for (index, message) in GeminiWire.turn.enumerated() {
            call.receive(message)
            if index == place { call.prompt(7) }
        }
        #expect(call.session.answer(7) == "Hi there.")
        #expect(call.samples(7) == [1, 2, 3, 4, 5])
        #expect(call.session.terminals(7).map(\.type) == [.done])
        #expect(call.events(.final).map(\.text) == ["hello"])
    }

    @Test func `believes the vendor's own word of activity`() throws {
        let call = try GeminiCall()
        defer { call.close() }
        call.receive(#"{"voiceActivity":{"voiceActivityType":"ACTIVITY_START","audioOffset":"1s"}}"#)
        call.receive(GeminiWire.heard("yes"))
        call.receive(#"{"voiceActivity":{"voiceActivityType":"ACTIVITY_END"}}"#, GeminiWire.audio([1]))
        #expect(call.events(.speechStart, .speechStop, .turnEnd).map(\.type) == [.speechStart, .speechStop, .turnEnd])
    }

    @Test func `takes two seconds without a word for the end of speech`() throws {
        let call = try GeminiCall()
        defer { call.close() }
        call.receive(GeminiWire.heard("hm"))
        call.session.advance(milliseconds: 1_900)
        call.receive(GeminiWire.heard("well"))
        call.session.advance(milliseconds: 1_900)
        #expect(call.events(.speechStop).isEmpty)
        call.session.advance(milliseconds: 100)
        #expect(call.events(.speechStop).count == 1)
    }

    @Test func `takes finished words for the end of the turn, so that its answer can be asked for again`() throws {
        let call = try GeminiCall()
        defer { call.close() }
        call.receive(GeminiWire.heard("hello", isFinished: true))
        #expect(
            call.session.events.dropFirst().map(\.type) == [.speechStart, .partial, .speechStop, .final, .turnEnd]
        )
        call.prompt(7)
        call.receive(GeminiWire.audio([1]), GeminiWire.complete)
        #expect(call.samples(7) == [1])
        #expect(call.session.terminals(7).map(\.type) == [.done])
        #expect(call.events(.final).count == 1 && call.events(.turnEnd).count == 1)

        call.receive(GeminiWire.heard("and", isFinished: true))
        call.prompt(8)
        call.session.cancel(8)
        call.receive(GeminiWire.heard("more"), GeminiWire.audio([2]), GeminiWire.complete)
        call.prompt(9)
        #expect(call.samples(9) == [2])
        #expect(call.events(.final).map(\.text) == ["hello", "and", "more"])

        call.receive(GeminiWire.heard("stop", isFinished: true))
        call.prompt(10)
        call.session.cancel(10)
        call.receive(GeminiWire.audio([3]), GeminiWire.complete)
        #expect(call.events(.turnEnd).count == 4)
        call.receive(GeminiWire.heard("he", isFinished: true))
        call.prompt(10)
        call.session.cancel(10)
        call.receive(GeminiWire.heard("hello?", isFinished: true))
        #expect(call.events(.turnEnd).count == 6)
        call.prompt(11)
        call.session.closeSocket(call.socket, code: 0, error: .unavailable("reset"))
        #expect(call.session.terminals(11).map(\.type) == [.error])
    }

    @Test func `waits a moment for the last words, not for the vendor's idea of playout`() throws {
        let call = try GeminiCall()
        defer { call.close() }
        call.receive(GeminiWire.audio([1]), GeminiWire.generated, GeminiWire.words("late"))
        call.prompt(7)
        #expect(call.session.terminals(7).isEmpty)
        call.session.advance(milliseconds: 300)
        #expect(call.session.answer(7) == "late")
        #expect(call.session.terminals(7).map(\.type) == [.done])
        call.receive(GeminiWire.complete, GeminiWire.words("very late"))
        #expect(call.events(.turnEnd).count == 1)
        #expect(call.session.terminals(7).count == 1)
    }

    @Test func `answers typed turns, which are nobody's speech`() throws {
        let call = try GeminiCall()
        defer { call.close() }
        call.prompt(3, "What time is it?")
        let turn = try #require(call.sent("clientContent").first)
        #expect(turn["turnComplete"] == true && turn["turns"]?[0]?["parts"]?[0]?["text"] == "What time is it?")
        call.receive(GeminiWire.interrupted, GeminiWire.words("Noon."), GeminiWire.audio([9]), GeminiWire.generated)
        call.receive(GeminiWire.complete)
        #expect(call.session.answer(3) == "Noon.")
        #expect(call.samples(3) == [9])
        #expect(call.events(.speechStart, .turnEnd, .final).isEmpty)
        #expect(call.session.terminals(3).map(\.type) == [.done])
    }

    @Test func `stops at an interruption, tells the caller's start, and answers the next turn`() throws {
        let call = try GeminiCall(queueLimit: 12)
        defer { call.close() }
        call.receive(GeminiWire.heard("go"), GeminiWire.audio([1]))
        call.prompt(7)
        for _ in 0..<30 { call.receive(GeminiWire.audio([Int16](repeating: 2, count: 2_400))) }
        call.receive(GeminiWire.interrupted, #"{"serverContent":{"turnComplete":true}}"#)
        call.session.cancel(7)
        for _ in 0..<20 { call.session.takeAll() }
        #expect(call.samples(7).count < 12 * 2_400)
        #expect(call.session.terminals(7).count == 1)
        #expect(call.events(.speechStart).count == 2)
        #expect(call.events(.final).map(\.text) == ["go"])
        call.receive(GeminiWire.heard("stop"), GeminiWire.audio([8]))
        call.prompt(8)
        call.receive(GeminiWire.complete)
        for _ in 0..<20 { call.session.takeAll() }
        #expect(call.samples(8) == [8])
        #expect(call.session.terminals(8).map(\.type) == [.done])
        #expect(call.events(.final).map(\.text) == ["go", "stop"])
    }

    @Test func `lets nothing of a cancelled answer through, though the vendor goes on`() throws {
        let call = try GeminiCall()
        defer { call.close() }
        call.receive(GeminiWire.heard("a"), GeminiWire.audio([1]))
        call.prompt(7)
        call.session.cancel(7)
        call.receive(GeminiWire.audio([2]), GeminiWire.words("x"), GeminiWire.generated, GeminiWire.complete)
        #expect(call.samples(7) == [1])
        #expect(call.session.terminals(7).map(\.type) == [.cancelled])
        call.receive(GeminiWire.heard("b"), GeminiWire.audio([3]), GeminiWire.complete)
        call.prompt(8)
        #expect(call.samples(8) == [3])
    }

    @Test func `calls tools in parallel, hands their results over together, and goes on in the same answer`() throws {
        let call = try GeminiCall()
        defer { call.close() }
        call.receive(GeminiWire.heard("weather?"))
        call.receive(GeminiWire.calls(("c1", "weather", #"{"place":"Bonn"}"#), ("c2", "time", "{}")))
        call.prompt(7)
        call.receive(GeminiWire.generated)
        let tools = call.events(.toolCall)
        #expect(tools.map(\.text) == ["weather", "time"])
        #expect(tools.map(\.json) == [#"{"place":"Bonn"}"#, "{}"])
        call.toolResult(tools[1].id, #"{"now":"noon"}"#, generation: 7)
        #expect(call.sent("toolResponse").isEmpty)
        call.toolResult(tools[0].id, "no such place", generation: 7, failed: true)
        let responses = try #require(call.sent("toolResponse").first?["functionResponses"]?.array)
        #expect(responses.map { $0["id"] } == ["c1", "c2"])
        #expect(responses.map { $0["response"] } == [["error": "no such place"], ["now": "noon"]])
        #expect(call.session.terminals(7).isEmpty)
        call.receive(GeminiWire.audio([5]), GeminiWire.words("Rain."), GeminiWire.generated, GeminiWire.complete)
        #expect(call.session.answer(7) == "Rain.")
        #expect(call.session.terminals(7).map(\.type) == [.done])
        #expect(call.events(.turnEnd).count == 1)
    }

    private func results(_ call: GeminiCall) -> [JSONValue] {
        call.sent("toolResponse").compactMap { $0["functionResponses"]?.array }.flatMap(\.self)
    }

    @Test func `lets the model go on after a cancel: calls without a result have an error as theirs`() throws {
        let call = try GeminiCall()
        defer { call.close() }
        call.receive(GeminiWire.heard("weather?"))
        call.receive(GeminiWire.calls(("c1", "weather", "{}"), ("c2", "time", "{}")))
        call.prompt(7)
        call.toolResult(call.events(.toolCall)[1].id, "noon", generation: 7)
        call.session.cancel(7)
        #expect(call.sent("toolResponse").count == 1)
        #expect(results(call).map { $0["id"] } == ["c1", "c2"])
        #expect(
            results(call).map { $0["response"] } == [["error": "the caller interrupted"], ["result": "noon"]]
        )
        // What the model still calls in that turn is not called, and does not hold it up.
        call.receive(GeminiWire.calls(("c3", "time", "{}")))
        #expect(results(call).map { $0["id"] } == ["c1", "c2", "c3"])
        #expect(call.events(.toolCall).count == 2)
        call.receive(GeminiWire.audio([5]), GeminiWire.generated, GeminiWire.complete)
        call.receive(GeminiWire.heard("thanks"), GeminiWire.audio([6]), GeminiWire.complete)
        call.prompt(8)
        #expect(call.samples(7).isEmpty && call.samples(8) == [6])
        #expect(call.session.terminals(8).map(\.type) == [.done])
    }

    @Test func `survives any number of tool calls whose answers are cancelled`() throws {
        let call = try GeminiCall()
        defer { call.close() }
        for round in UInt64(1)...65 {
            call.receive(GeminiWire.heard("again"), GeminiWire.calls(("c\(round)", "weather", "{}")))
            call.prompt(round)
            call.session.cancel(round)
            call.receive(GeminiWire.complete)
        }
        #expect(results(call).map { $0["id"]?.string } == (1...65).map { "c\($0)" })
        #expect(call.events(.error).isEmpty)
    }

    @Test func `forgets calls that the vendor takes back`() throws {
        let call = try GeminiCall()
        defer { call.close() }
        call.receive(GeminiWire.calls(("c1", "a", "{}"), ("c2", "b", "[]")))
        call.prompt(7)
        call.receive(#"{"toolCallCancellation":{"ids":["c1"]}}"#)
        for tool in call.events(.toolCall) { call.toolResult(tool.id, "done", generation: 7) }
        let responses = call.sent("toolResponse").compactMap { $0["functionResponses"]?.array }.flatMap(\.self)
        #expect(responses.map { $0["id"] } == ["c2"])
        #expect(responses.map { $0["response"] } == [["result": "done"]])
        call.receive(GeminiWire.interrupted)
        #expect(call.session.terminals(7).map(\.type) == [.done])
    }

    @Test func `survives every event, whatever is in it`() throws {
        let call = try GeminiCall()
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
