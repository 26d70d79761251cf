// SPDX-License-Identifier: Apache-2.0
import SyrinxPlugin
import SyrinxPluginTesting
import Testing

@testable import AmazonNova

@Suite("Amazon Nova: conversations")
struct NovaConversationTests {
    @Test func `a whole conversation`() throws {
        let bench = try NovaBench()
        #expect(bench.session.requests.isEmpty, "nothing is asked before CONFIG")
        bench.configure(#"{"instructions":"Be brief.","voice":"amy","language":"en"}"#)
        let request = try bench.request
        #expect(request.requiresHTTP2 && request.streamsBody && request.method == "POST" && request.generation == 0)
        #expect(
            request.url.hasSuffix(".amazonaws.com/model/amazon.nova-2-sonic-v1%3A0/invoke-with-bidirectional-stream"))
        #expect(bench.told.isEmpty)
        try bench.accept()
        for _ in 0..<8 { bench.session.sendAudio([Int16](repeating: 7, count: 320)) }
        try bench.hear("what time is it")
        try bench.plan("It is nine.")
        #expect(bench.told == ["ready", "speech", "final what time is it", "silence", "turn end"])
        bench.prompt(5)
        try bench.audio([1, -2, 3])
        try bench.spoken("It is nine.")
        try bench.say("usageEvent", ["totalInputTokens": 12, "totalOutputTokens": 30, "totalTokens": 42])
        try bench.say("completionEnd", ["stopReason": "END_TURN"])
        #expect(
            bench.told.suffix(4) == [
                "5: It is nine.", "5: audio 3", "5: done",
                #"usage {"input_tokens":12,"output_tokens":30,"total_tokens":42}"#,
            ])
        // It counts from the session's beginning; told is what is new.
        try bench.say("usageEvent", ["totalInputTokens": 20, "totalOutputTokens": 31, "totalTokens": 51])
        #expect(bench.told.last == #"usage {"input_tokens":8,"output_tokens":1,"total_tokens":9}"#)
        let audio = try #require(bench.session.events.first { $0.type == .audioOut })
        #expect(audio.samples == [1, -2, 3] && audio.id == 1 && audio.format?.sampleRate == 24_000)
        bench.session.send(OutgoingEvent(.drain))
        #expect(bench.session.bodyIsComplete(request.id))
        bench.session.finish(request.id)
        #expect(bench.told.last == "drained")
        try #expect(
            bench.sentNames() == [
                "sessionStart", "promptStart", "contentStart", "textInput", "contentEnd", "contentStart", "audioInput",
                "contentEnd", "promptEnd", "sessionEnd", "\"end\"",
            ])
        bench.end()
    }

    /// Every event of the opening, as the protocol page has it.
    @Test func `the events that open a session`() throws {
        let config = #"""
            {"access_key_id":"AKIDEXAMPLE","secret_access_key":"${secret:secret_access_key}","endpointing":"high",
             "max_tokens":512,"top_p":0.5,"temperature":0}
            """#
        let conversation = #"""
            {"instructions":"Be \"brief\".","tools":[{"name":"weather","description":"Tells the weather",
              "parameters":{"type":"object","properties":{"city":{"type":"string"}}}},{"name":"time"}],
             "history":[{"role":"assistant","text":"Hi."},{"role":"user","text":"Hello"},{"role":"tool","text":"x"},
              {"role":"assistant","text":""},{"role":"assistant","text":"Yes?"}]}
            """#
        let bench = try NovaBench.opened(config: config, conversation: conversation)
        let audio = #""audioType":"SPEECH","channelCount":1,"encoding":"base64","mediaType":"audio/lpcm""#
        func block(_ name: String, _ role: String, _ text: String) -> [String] {
            [
                #"{"event":{"contentStart":{"contentName":"\#(name)","interactive":false,"promptName":"prompt","#
                    + #""role":"\#(role)","textInputConfiguration":{"mediaType":"text/plain"},"type":"TEXT"}}}"#,
                #"{"event":{"textInput":{"content":"\#(text)","contentName":"\#(name)","promptName":"prompt"}}}"#,
                #"{"event":{"contentEnd":{"contentName":"\#(name)","promptName":"prompt"}}}"#,
            ]
        }
        let opening = [
            #"{"event":{"sessionStart":{"inferenceConfiguration":{"maxTokens":512,"temperature":0.0,"topP":0.5},"#
                + #""turnDetectionConfiguration":{"endpointingSensitivity":"HIGH"}}}}"#,
            #"{"event":{"promptStart":{"audioOutputConfiguration":{\#(audio),"sampleRateHertz":24000,"#
                + #""sampleSizeBits":16,"voiceId":"matthew"},"promptName":"prompt","textOutputConfiguration":"#
                + #"{"mediaType":"text/plain"},"toolConfiguration":{"tools":[{"toolSpec":{"description":"#
                + #""Tells the weather","inputSchema":{"json":"{\"properties\":{\"city\":{\"type\":\"string\"}},"#
                + #"\"type\":\"object\"}"},"name":"weather"}},{"toolSpec":{"description":"time","inputSchema":{"json":"#
                + #""{\"properties\":{},\"type\":\"object\"}"},"name":"time"}}]},"toolUseOutputConfiguration":"#
                + #"{"mediaType":"application/json"}}}}"#,
        ]
        let start =
            #"{"event":{"contentStart":{"audioInputConfiguration":{\#(audio),"sampleRateHertz":16000,"#
            + #""sampleSizeBits":16},"contentName":"audio","interactive":true,"promptName":"prompt","role":"USER","#
            + #""type":"AUDIO"}}}"#
        let history = block("history-1", "USER", "Hello") + block("history-2", "ASSISTANT", "Yes?")
        try #expect(bench.sent() == opening + block("system", "SYSTEM", #"Be \"brief\"."#) + history + [start])
        bench.end()
    }

    @Test func `the caller's audio goes in pieces of 32 ms, and silence where none comes`() throws {
        let bench = try NovaBench.opened()
        for _ in 0..<16 { bench.session.sendAudio([Int16](repeating: 9, count: 160)) }
        func pieces() throws -> [[UInt8]] {
            try bench.sent().compactMap { try JSONValue(parsing: $0)["event"]?["audioInput"]?["content"]?.string }
                .compactMap(Base64.decode)
        }
        try #expect(pieces().count == 5)
        try #expect(pieces().allSatisfy { $0.count == 1_024 && $0.prefix(2) == [9, 0] })
        bench.session.advance(milliseconds: 1_000)
        let all = try pieces()
        #expect((30...36).contains(all.count), "\(all.count)")
        #expect(all.last?.allSatisfy { $0 == 0 } == true)
        bench.end()
    }

    @Test func `sentences are joined, what was really spoken is not said twice`() throws {
        let bench = try NovaBench.opened()
        try bench.hear("hello")
        try bench.plan("One.")
        bench.prompt(1)
        try bench.audio([1], "PARTIAL_TURN")
        try bench.spoken("One.")
        try bench.plan("Two.")
        try bench.audio([2])
        try bench.spoken("Two.")
        #expect(bench.session.answer(1) == "One. Two.")
        #expect(bench.told.suffix(2) == ["1: audio 1", "1: done"])
        bench.expectOneTerminal(1)
        try bench.hear("again")
        try bench.audio([3], nil)
        bench.prompt(2)
        try bench.spoken("Spoken without a plan.")
        try bench.end("a", "AUDIO", "END_TURN")
        #expect(bench.session.answer(2) == "Spoken without a plan.")
        bench.expectOneTerminal(2)
        bench.end()
    }

    @Test func `the end of a completion ends its answer, and no other`() throws {
        let bench = try NovaBench.opened()
        func plan(_ completion: String) throws {
            let fields: JSONValue = [
                "contentId": "p", "type": "TEXT", "role": "ASSISTANT", "completionId": .string(completion),
                "additionalModelFields": #"{"generationStage":"SPECULATIVE"}"#,
            ]
            try bench.say("contentStart", fields)
            try bench.say("textOutput", ["contentId": "p", "content": .string(completion)])
            try bench.end("p", "TEXT", "PARTIAL_TURN")
        }
        bench.prompt(1, "one")
        try plan("a")
        try bench.say("completionEnd", ["completionId": "a"])
        bench.prompt(2, "two")
        try plan("b")
        try bench.say("completionEnd", ["completionId": "a"])
        #expect(bench.told == ["ready", "1: a", "1: done", "2: b"])
        try bench.say("completionEnd", ["stopReason": "END_TURN"])
        #expect(bench.told.last == "2: done")
        bench.end()
    }

    @Test func `the host hears of speech when it begins, and of interruptions from the model alone`() throws {
        let bench = try NovaBench.opened()
        func speak(_ level: Int16, _ frames: Int) {
            for _ in 0..<frames { bench.session.sendAudio([Int16](repeating: level, count: 512)) }
        }
        speak(2_000, 4)
        speak(10, 30)
        #expect(bench.told == ["ready"], "a click")
        speak(2_000, 10)
        #expect(bench.told == ["ready", "speech"])
        speak(10, 21)
        #expect(bench.told == ["ready", "speech", "silence"])
        try bench.hear("hello")
        try bench.plan("Yes?")
        bench.prompt(1)
        try bench.audio([Int16](repeating: 1, count: 24_000))
        #expect(bench.told.contains("1: done"))
        let told = bench.told
        #expect(told[2...5] == ["silence", "final hello", "turn end", "1: Yes?"])
        speak(2_000, 10)
        #expect(bench.told == told, "a second of the answer is still to be played")
        speak(10, 30)
        bench.session.advance(milliseconds: 1_100)
        speak(2_000, 10)
        #expect(bench.told == told + ["speech"])
        bench.end()
    }

    @Test func `a turn without words is told as one`() throws {
        let bench = try NovaBench.opened()
        try bench.plan("Are you there?")
        #expect(bench.told == ["ready", "turn end", "final "])
        bench.end()
    }

    @Test func `a typed turn asks for an answer of its own`() throws {
        let bench = try NovaBench.opened()
        #expect(bench.prompt(3, "say hello") == .ok)
        try #expect(bench.sentNames().suffix(3) == ["contentStart", "textInput", "contentEnd"])
        let start = try bench.sent().suffix(3).first
        #expect(start?.contains(#""interactive":true,"promptName":"prompt","role":"USER""#) == true)
        try bench.answer("Hello!")
        #expect(bench.told == ["ready", "3: Hello!", "3: audio 4", "3: done"])
        bench.end()
        let config = NovaBench.config.replacing("}\"}", with: "}\",\"model\":\"amazon.nova-sonic-v1:0\"}")
        let first = try NovaBench.opened(config: config)
        #expect(first.prompt(3, "say hello") == .unsupported)
        first.end()
    }

    @Test func `a sample may lie across two pieces of audio`() throws {
        let bench = try NovaBench.opened()
        bench.prompt(1, "x")
        try bench.start("a", "AUDIO", "ASSISTANT")
        for piece: [UInt8] in [[1], [0, 2], [0, 3, 0, 4]] {
            try bench.say("audioOutput", ["contentId": "a", "content": .string(Base64.encode(piece))])
        }
        try bench.end("a", "AUDIO", "END_TURN")
        #expect(bench.session.events.flatMap(\.samples) == [1, 2, 3])
        bench.end()
    }

    @Test func `history begins with the caller and keeps to the vendor's limits`() {
        func line(_ role: String, _ count: Int) -> ConversationConfig.Line {
            .init(role: role, text: String(repeating: "ä", count: count))
        }
        let kept = SessionSetup.history(
            [line("user", 5)] + (0..<6).flatMap { _ in [line("assistant", 10_000), line("user", 60_000)] }
        )
        #expect(kept.first?.role == .user)
        #expect(kept.allSatisfy { $0.text.utf8.count <= SessionSetup.maximumMessage })
        #expect(kept.reduce(0) { $0 + $1.text.utf8.count } <= SessionSetup.maximumHistory)
        #expect(kept.count >= 3)
        #expect(SessionSetup.history([line("assistant", 3), line("assistant", 3)]).isEmpty)
    }
}
