// SPDX-License-Identifier: Apache-2.0
import SyrinxPlugin
import SyrinxPluginTesting
import Testing

@Suite("OpenAI Realtime: a conversation")
struct RealtimeConversationTests {
    @Test func `connects with the model in the query and the key as the host's placeholder`() throws {
        let call = try RealtimeCall(config: #"{"api_key":"${secret:api_key}","model":"gpt realtime"}"#, isReady: false)
        defer { call.close() }
        let request = call.session.requests[0]
        #expect(request.isSocket)
        #expect(request.url == "wss://api.openai.com/v1/realtime?model=gpt%20realtime")
        #expect(request.header("Authorization") == "Bearer ${secret:api_key}")
        #expect(request.header("OpenAI-Beta") == nil)
    }

    @Test(arguments: [
        ("ws://127.0.0.1:81", "ws://127.0.0.1:81/v1/realtime?model=m"),
        ("ws://h/", "ws://h/v1/realtime?model=m"), ("ws://h/a/b", "ws://h/a/b?model=m"),
        ("ws://h/a?x=1", "ws://h/a?x=1&model=m"), ("ws://h/a?model=n", "ws://h/a?model=n"),
    ])
    func `takes an origin, an endpoint, or one with its model`(url: String, expected: String) throws {
        let call = try RealtimeCall(config: #"{"url":"\#(url)","model":"m"}"#, isReady: false)
        defer { call.close() }
        #expect(call.session.requests[0].url == expected)
        #expect(call.session.requests[0].header("Authorization") == nil)
    }

    @Test func `tells instructions, tools, voice and history before anything else`() throws {
        let call = try RealtimeCall(
            config: #"""
                {"speed":1.25,"voice":"marin","noise_reduction":"near_field",
                 "turn_detection":{"type":"semantic_vad","eagerness":"high"}}
                """#,
            call: #"""
                {"instructions":"Be brief.","language":"de-DE","voice":"cedar",
                 "tools":[{"name":"weather","description":"of a place","parameters":{"type":"object"}}],
                 "history":[{"role":"user","text":"hi"},{"role":"assistant","text":"hello"}]}
                """#
        )
        defer { call.close() }
        let session = try #require(call.sent("session.update").first?["session"])
        #expect(session["type"] == "realtime")
        #expect(session["instructions"] == "Be brief.")
        #expect(session["tools"]?[0]?["type"] == "function")
        #expect(session["tools"]?[0]?["name"] == "weather")
        #expect(session["tool_choice"] == "auto")
        #expect(session["audio"]?["output"]?["voice"] == "cedar")
        #expect(session["audio"]?["output"]?["speed"] == 1.25)
        let input = session["audio"]?["input"]
        #expect(input?["format"] == ["type": "audio/pcm", "rate": 24_000])
        #expect(input?["noise_reduction"] == ["type": "near_field"])
        #expect(input?["transcription"]?["language"] == "de")
        #expect(
            input?["turn_detection"] == [
                "type": "semantic_vad", "eagerness": "high", "create_response": true, "interrupt_response": true,
            ]
        )
        let items = call.sent("conversation.item.create").compactMap { $0["item"] }
        #expect(items.map { $0["role"] } == ["user", "assistant"])
        #expect(items.map { $0["content"]?[0]?["type"] } == ["input_text", "output_text"])
        #expect(call.session.events.map(\.type) == [.ready])
    }

    @Test func `is ready only after the vendor has taken the configuration`() throws {
        let call = try RealtimeCall(isReady: false)
        defer { call.close() }
        call.session.acceptSocket(call.socket)
        call.receive(#"{"type":"session.created","session":{}}"#)
        #expect(call.session.events.isEmpty && call.sent.isEmpty)
        call.configure("{}")
        #expect(call.session.events.isEmpty)
        call.receive(#"{"type":"session.updated","session":{}}"#)
        #expect(call.session.events.map(\.type) == [.ready])
    }

    @Test func `hands the caller's audio on as it comes, in 24 kHz base64`() throws {
        let call = try RealtimeCall()
        defer { call.close() }
        call.session.sendAudio([1, -2, 3], sampleRate: 24_000)
        call.session.sendAudio([4], sampleRate: 24_000)
        let audio = call.session.sentTexts(call.socket).suffix(2).compactMap { try? JSONValue(parsing: $0) }
        #expect(audio.map { $0["type"] } == ["input_audio_buffer.append", "input_audio_buffer.append"])
        #expect(audio[0]["audio"]?.string == Base64.encode([1, -2, 3] as [Int16]))
    }

    @Test func `tells a whole turn when the host names the answer at once`() throws {
        let call = try RealtimeCall()
        defer { call.close() }
        call.session.sendAudio([Int16](repeating: 0, count: 24_000), sampleRate: 24_000)
        for message in RealtimeWire.turn {
            call.receive(message)
            if message == RealtimeWire.committed { call.prompt(7) }
        }
        #expect(
            call.story() == [
                .ready, .speechStart, .speechStop, .turnEnd, .partial, .final, .delta, .audioOut, .delta, .audioOut,
                .usage, .done,
            ]
        )
        #expect(call.events(.speechStart, .speechStop).map(\.integer) == [2_400, 21_600])
        #expect(call.events(.turnEnd).map(\.number) == [1])
        #expect(call.events(.final).map(\.text) == ["hello"])
        #expect(call.events(.final).map(\.generation) == [0])
        #expect(call.session.answer(7) == "Hi there.")
        #expect(call.samples(7) == [1, 2, 3, 4, 5])
        #expect(call.events(.audioOut).allSatisfy { $0.id == 1 && $0.format?.sampleRate == 24_000 })
        #expect(call.session.terminals(7).map(\.type) == [.done])
        let usage = try JSONValue(parsing: call.events(.usage)[0].json)
        #expect(usage["input_audio_tokens"] == 6 && usage["output_text_tokens"] == 5 && usage["total_tokens"] == 30)
    }

    @Test(arguments: 0..<RealtimeWire.turn.count)
    func `says the same wherever in the turn the host names the answer`(place: Int) throws {
        let call = try RealtimeCall()
        defer { call.close() }
        for (index, message) in RealtimeWire.turn.enumerated() {
            call.receive(message)
            if index == place { call.prompt(7) }
        }
        #expect(call.session.answer(7) == "Hi there.")
        #expect(call.samples(7) == [1, 2, 3, 4, 5])
        #expect(call.session.terminals(7).map(\.type) == [.done])
    }

    @Test func `asks for the answer to a typed turn`() throws {
        let call = try RealtimeCall()
        defer { call.close() }
        call.prompt(3, "What time is it?")
        let item = try #require(call.sent("conversation.item.create").first?["item"])
        #expect(item["content"]?[0] == ["type": "input_text", "text": "What time is it?"])
        let name = try #require(call.createdName)
        call.receive(RealtimeWire.created("r9", reply: name), RealtimeWire.words("r9", "Noon."))
        call.receive(RealtimeWire.done("r9"))
        #expect(call.session.answer(3) == "Noon.")
        #expect(call.session.terminals(3).map(\.type) == [.done])
        #expect(call.events(.turnEnd).isEmpty)
    }

    @Test func `says a given line without taking the order for words of the caller`() throws {
        let call = try RealtimeCall()
        defer { call.close() }
        call.prompt(3, "Say exactly: Welcome.", json: #"{"line":"Welcome."}"#)
        #expect(call.sent("conversation.item.create").isEmpty)
        let response = try #require(call.sent("response.create").first?["response"])
        #expect(response["instructions"] == "Say exactly: Welcome." && response["tool_choice"] == "none")
        call.receive(RealtimeWire.created("r1", reply: call.createdName), RealtimeWire.done("r1"))
        #expect(call.session.terminals(3).map(\.type) == [.done])
    }

    @Test func `survives every event, whatever is in it`() throws {
        let call = try RealtimeCall()
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

    @Test func `tells typed and spoken turns apart by what the vendor repeats`() throws {
        let call = try RealtimeCall()
        defer { call.close() }
        call.prompt(3, "Typed.")
        call.receive(RealtimeWire.committed)
        call.prompt(4)
        let name = try #require(call.createdName)
        call.receive(RealtimeWire.created("r4"), RealtimeWire.created("r3", reply: name))
        call.receive(RealtimeWire.words("r3", "three"), RealtimeWire.words("r4", "four"))
        call.receive(RealtimeWire.done("r4"), RealtimeWire.done("r3"))
        #expect(call.session.answer(3) == "three")
        #expect(call.session.answer(4) == "four")
    }

    @Test func `lets the host choose the turn by its number`() throws {
        let call = try RealtimeCall()
        defer { call.close() }
        for (name, text) in [("r1", "one"), ("r2", "two")] {
            call.receive(RealtimeWire.committed, RealtimeWire.created(name), RealtimeWire.words(name, text))
            call.receive(RealtimeWire.done(name))
        }
        let turns = call.events(.turnEnd).map(\.id)
        #expect(turns.count == 2)
        call.prompt(9, turn: turns[1])
        #expect(call.session.answer(9) == "two")
        #expect(call.session.terminals(9).map(\.type) == [.done])
    }

    @Test func `answers turn by turn when the host is late`() throws {
        let call = try RealtimeCall()
        defer { call.close() }
        for number in 1...2 {
            call.receive(RealtimeWire.committed, RealtimeWire.created("r\(number)"))
            call.receive(RealtimeWire.words("r\(number)", "\(number)"), RealtimeWire.done("r\(number)"))
        }
        call.prompt(11)
        call.prompt(12)
        #expect(call.session.answer(11) == "1")
        #expect(call.session.answer(12) == "2")
    }

    @Test func `does not mistake an answer that nobody wanted for a later one`() throws {
        let call = try RealtimeCall()
        defer { call.close() }
        call.receive(RealtimeWire.committed, RealtimeWire.created("r1"), RealtimeWire.words("r1", "stale"))
        call.session.advance(milliseconds: 20_000)
        call.receive(RealtimeWire.committed, RealtimeWire.created("r2"), RealtimeWire.words("r2", "fresh"))
        call.prompt(5)
        #expect(call.session.answer(5) == "fresh")
        #expect(call.sent("response.cancel").map { $0["response_id"] } == ["r1"])
    }

    @Test func `announces an answer that the vendor begins out of the blue`() throws {
        let call = try RealtimeCall()
        defer { call.close() }
        call.receive(RealtimeWire.created("r1"), RealtimeWire.words("r1", "Are you there?"), RealtimeWire.done("r1"))
        #expect(call.events(.turnEnd).count == 1)
        call.prompt(2)
        #expect(call.session.answer(2) == "Are you there?")
    }

    @Test func `speaks of its end a minute ahead, by the server's clock or after 59 minutes`() throws {
        let call = try RealtimeCall()
        defer { call.close() }
        call.session.advance(milliseconds: 3_539_000)
        #expect(call.events(.state).isEmpty)
        call.session.advance(milliseconds: 1_000)
        #expect(call.events(.state).map(\.text) == ["expiring"])
        #expect(call.events(.state).map(\.json) == [#"{"seconds":60}"#])

        let short = try RealtimeCall(isReady: false)
        defer { short.close() }
        short.session.acceptSocket(short.socket, headers: ["date": "Sun, 06 Nov 1994 08:49:37 GMT"])
        // 784111777 is that date.
        short.receive(#"{"type":"session.created","session":{"expires_at":784112077}}"#)
        short.configure("{}")
        short.receive(#"{"type":"session.updated","session":{}}"#)
        short.session.advance(milliseconds: 239_000)
        #expect(short.events(.state).isEmpty)
        short.session.advance(milliseconds: 1_000)
        #expect(short.events(.state).count == 1)
    }

    @Test func `is drained when its answers are`() throws {
        let call = try RealtimeCall()
        defer { call.close() }
        call.receive(RealtimeWire.committed, RealtimeWire.created("r1"))
        call.prompt(1)
        call.session.send(OutgoingEvent(.drain))
        #expect(call.events(.drained).isEmpty)
        call.receive(RealtimeWire.done("r1"))
        #expect(call.session.events.suffix(2).map(\.type) == [.done, .drained])
    }
}
