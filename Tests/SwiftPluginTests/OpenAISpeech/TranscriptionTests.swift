// SPDX-License-Identifier: Apache-2.0
import SyrinxPlugin
import SyrinxPluginTesting
import Testing

@Suite("openai recognises")
struct TranscriptionTests {
    private func form(_ request: FakeRequest) throws -> [(head: String, body: [UInt8])] {
        let type = try #require(request.header("content-type"))
        let boundary = try #require(type.split(separator: "boundary=").last)
        let mark = Array("--\(boundary)".utf8)
        var parts: [(String, [UInt8])] = []
        for part in request.body.split(separator: mark).map(Array.init) where part != Array("--\r\n".utf8) {
            let end = try #require(part.firstRange(of: Array("\r\n\r\n".utf8)))
            let head = String(decoding: part[..<end.lowerBound], as: UTF8.self)
            parts.append(
                (head.split(separator: "\r\n").joined(separator: "|"), Array(part[end.upperBound...].dropLast(2))))
        }
        return parts
    }

    @Test func `sends an utterance as a WAV file with what is known of it`() throws {
        let host = FakeHost()
        let config = #"""
            {"api_key":"${secret:api_key}","language":"en-GB","prompt":"A call.","hints":["Syrinx","Nørrebro"],
            "temperature":0.2,"project":"p","extra":{"chunking_strategy":"auto","response_format":null}}
            """#
        let desk = try SpeechDesk(.stt, config: config, rate: 8_000, host: host)
        #expect(host.prewarmed == ["https://api.openai.com/v1"])
        for _ in 0..<10 {
            desk.session.sendAudio([Int16](repeating: 0x0102, count: 160), generation: 3, sampleRate: 8_000)
        }
        desk.session.sendAudio([9, 9], generation: 0, sampleRate: 8_000)
        #expect(desk.session.requests.isEmpty)
        desk.session.send(OutgoingEvent(.endOfInput, generation: 3))
        let request = desk.request
        #expect(request.method == "POST" && request.generation == 3 && request.silenceMilliseconds == 15_000)
        #expect(request.url == "https://api.openai.com/v1/audio/transcriptions")
        #expect(request.header("authorization") == "Bearer ${secret:api_key}")
        #expect(request.header("openai-project") == "p")
        let parts = try form(request)
        #expect(
            parts.dropLast().map {
                "\($0.head.split(separator: "=").last ?? "")\(String(decoding: $0.body, as: UTF8.self))"
            }
                == [
                    "\"model\"gpt-4o-mini-transcribe", "\"language\"en", "\"prompt\"A call. Syrinx, Nørrebro",
                    "\"temperature\"0.2", "\"stream\"true", "\"chunking_strategy\"auto",
                ])
        let file = try #require(parts.last)
        #expect(
            file.head
                == "Content-Disposition: form-data; name=\"file\"; filename=\"utterance.wav\"|Content-Type: audio/wav")
        #expect(file.body.count == 44 + 3_200)
        #expect(
            Array(file.body[..<48])
                == Array("RIFF".utf8) + [0xA4, 0x0C, 0, 0] + Array("WAVEfmt ".utf8)
                + [16, 0, 0, 0, 1, 0, 1, 0, 0x40, 0x1F, 0, 0, 0x80, 0x3E, 0, 0, 2, 0, 16, 0]
                + Array("data".utf8) + [0x80, 0x0C, 0, 0] + [2, 1, 2, 1])
        desk.close()
    }

    @Test func `leaves out what is not known, and does not ask whisper to stream`() throws {
        let desk = try SpeechDesk(
            .stt, config: #"{"url":"http://127.0.0.1:9/","model":"whisper-1"}"#, options: #"{"language":""}"#)
        desk.utter(1)
        #expect(desk.request.url == "http://127.0.0.1:9/v1/audio/transcriptions")
        #expect(desk.request.header("authorization") == nil)
        #expect(try form(desk.request).count == 3)
        desk.close()
    }

    static let heard: [(config: String, answer: String, json: String)] = [
        (#"{"detect_language":true}"#, "german", #"{"language":"de"}"#),
        (#"{"detect_language":true,"language":"en"}"#, "De", #"{"language":"de"}"#),
        (#"{"language":"","model":"whisper-1"}"#, "pt-BR", #"{"language":"pt-BR"}"#),
        (#"{"detect_language":true}"#, "klingon", ""), (#"{"detect_language":true}"#, "", ""),
        // It was told: that it says so again is no news.
        (#"{"language":"de"}"#, "german", ""),
    ]

    @Test(arguments: heard) func `tells the language that an answer names, where it was left open`(
        config: String, answer: String, json: String
    ) throws {
        let desk = try SpeechDesk(.stt, config: config)
        desk.utter(1)
        let parts = try form(desk.request).map { "\($0.head) \(String(decoding: $0.body.prefix(20), as: UTF8.self))" }
        if config.contains("detect") {
            #expect(parts.contains { $0.hasSuffix("\"response_format\" verbose_json") })
            #expect(!parts.contains { $0.contains("\"language\"") || $0.contains("\"stream\"") })
        }
        desk.session.respond(desk.request.id, body: #"{"text":"ja bitte","language":"\#(answer)","duration":1.5}"#)
        #expect(desk.session.terminals(1).map(\.text) == ["ja bitte"])
        #expect(desk.session.terminals(1).map(\.json) == [json])
        desk.close()
    }

    @Test(arguments: ["{\"text\":\"ja\",\"language\":7}", "{\"text\":\"ja\",\"language\":null}"])
    func `a language that is none costs no words`(body: String) throws {
        let desk = try SpeechDesk(.stt, config: #"{"detect_language":true}"#)
        desk.utter(1)
        desk.session.respond(desk.request.id, body: body)
        #expect(desk.session.terminals(1).map(\.text) == ["ja"] && desk.session.terminals(1).map(\.json) == [""])
        desk.close()
    }

    @Test(arguments: [1, 2, 3, 50, 9_999]) func `tells the text as it is recognised`(pieceBytes: Int) throws {
        let desk = try SpeechDesk(.stt)
        desk.utter(2)
        desk.stream(
            desk.request.id,
            [
                #"{"type":"transcript.text.delta","delta":"Grüß"}"#,
                #"{"type":"transcript.text.delta","delta":" Gott "}"#, #"{"type":"transcript.text.other"}"#,
                #"{"type":"transcript.text.done","text":" Grüß Gott. ","usage":{"type":"tokens","input_tokens":14,"output_tokens":3}}"#,
            ],
            pieceBytes: pieceBytes)
        #expect(desk.session.events.map(\.type) == [.partial, .partial, .usage, .final])
        #expect(desk.session.events.map(\.text) == ["Grüß", "Grüß Gott", "", "Grüß Gott."])
        #expect(desk.session.events[2].json == #"{"input_tokens":14,"output_tokens":3}"#)
        desk.close()
    }

    static let answers: [(String, String, String)] = [
        (#"{"text":" Hello. "}"#, "application/json", "Hello."),
        (#"{"text":"","usage":{"type":"duration","seconds":2}}"#, "application/json", ""),
        ("Hello.\n", "text/plain; charset=utf-8", "Hello."),
        ("data: {\"type\":\"transcript.text.delta\",\"delta\":\"Hello.\"}\n\n", "text/event-stream", "Hello."),
        ("data: {\"text\":\"Hello.\"}\n\ndata: [DONE]\n\n", "text/event-stream", "Hello."),
    ]

    @Test(arguments: answers) func `reads whatever form the text comes in`(
        body: String, type: String, text: String
    ) throws {
        let desk = try SpeechDesk(.stt)
        desk.utter(1)
        desk.session.respond(desk.request.id, headers: ["Content-Type": type], body: body)
        #expect(desk.session.terminals(1).map(\.type) == [.final])
        #expect(desk.session.terminals(1).map(\.text) == [text])
        desk.close()
    }

    @Test func `hears nothing in less than a tenth of a second, without asking`() throws {
        let desk = try SpeechDesk(.stt)
        desk.session.send(OutgoingEvent(.endOfInput, generation: 1))
        desk.utter(2, samples: 1_599)
        #expect(desk.session.requests.isEmpty)
        #expect(desk.session.events.map(\.type) == [.final, .final])
        #expect(desk.session.events.map(\.text) == ["", ""])
        desk.utter(3, samples: 1_600)
        #expect(desk.session.requests.count == 1)
        desk.close()
    }

    @Test func `hears the next utterance while the last one is recognised`() throws {
        let desk = try SpeechDesk(.stt)
        desk.utter(1)
        desk.utter(2)
        desk.session.respond(desk.id(1), body: #"{"text":"two"}"#)
        desk.session.respond(desk.id(0), body: #"{"text":"one"}"#)
        #expect(desk.session.events.map(\.text) == ["two", "one"])
        #expect(desk.session.events.map(\.generation) == [2, 1])
        desk.close()
    }

    @Test func `keeps no more than it may`() throws {
        let desk = try SpeechDesk(.stt)
        let second = [Int16](repeating: 1, count: 1 << 20)
        for _ in 0..<13 { desk.session.sendAudio(second, generation: 1) }
        desk.session.send(OutgoingEvent(.endOfInput, generation: 1))
        #expect(desk.session.terminals(1).map(\.integer) == [Int64(Status.invalid.rawValue)])
        for utterance in UInt64(2)...40 { desk.session.sendAudio([1], generation: utterance) }
        desk.utter(40)
        #expect(desk.session.requests.count == 1)
        desk.close()
    }

    @Test func `fits its hints into the prompt`() throws {
        let hints = (0..<2_000).map { "\"word\($0)\"" }.joined(separator: ",")
        let desk = try SpeechDesk(.stt, config: "{\"hints\":[\(hints)]}")
        desk.utter(1)
        let prompt = try #require(form(desk.request).first { $0.head.contains("prompt") }).body
        #expect((900...1_000).contains(prompt.count))
        desk.close()
    }

    static let refusals: [(Int, Status, Bool)] = [
        (400, .invalid, false), (401, .unauthenticated, false), (403, .notPermitted, false), (404, .notFound, false),
        (408, .deadlineExceeded, true), (409, .unavailable, true), (413, .invalid, false),
        (429, .quotaExceeded, true), (500, .unavailable, true), (503, .unavailable, true),
    ]

    @Test(arguments: refusals) func `fails by class`(code: Int, status: Status, isRetryable: Bool) throws {
        let desk = try SpeechDesk(.stt)
        desk.utter(1)
        let body = #"{"error":{"message":"sk-1 is bad"}}"#
        desk.session.respond(desk.request.id, status: code, headers: ["Retry-After": "1"], body: body)
        let error = try #require(desk.session.terminals(1).first)
        #expect(error.integer == Int64(status.rawValue) && error.isRetryable == isRetryable)
        #expect(error.json == #"{"retry_after_ms":1000,"vendor_code":\#(code)}"#)
        #expect(code != 401 || !error.text.contains("sk-1"))
        desk.close()
    }

    static let broken: [(String, Status)] = [
        ("", .internalError), ("{\"text\":", .internalError), ("{\"text\":5}", .internalError), ("{}", .internalError),
        ("data: {\"type\":\"transcript.text.delta\",\"delta\":5}\n\n", .internalError),
        ("data: {\"type\":\"transc", .internalError), ("data: [1e999]\n\n", .internalError),
        ("<html>", .internalError), ("data: {\"error\":{\"message\":\"x\"}}\n\n", .unavailable),
        ("{\"error\":\"x\"}", .unavailable),
    ]

    @Test(arguments: broken) func `fails when the answer is malformed`(body: String, status: Status) throws {
        let desk = try SpeechDesk(.stt)
        desk.utter(1)
        desk.session.respond(desk.request.id, body: body)
        #expect(desk.session.terminals(1).map(\.integer) == [Int64(status.rawValue)])
        #expect(desk.session.terminals(1).count == 1)
        desk.close()
    }

    @Test func `takes a text without end for a broken server`() throws {
        let desk = try SpeechDesk(.stt)
        desk.utter(1)
        let deltas = [String](repeating: String(repeating: "a", count: 4_096), count: 16) + ["a"]
        desk.stream(desk.request.id, deltas.map { #"{"type":"transcript.text.delta","delta":"\#($0)"}"# })
        let partials = desk.session.events.filter { $0.type == .partial }
        #expect(partials.last?.text.utf8.count == 65_536)
        let error = try #require(desk.session.terminals(1).first)
        #expect(error.integer == Int64(Status.internalError.rawValue) && error.text.contains("its length"))
        desk.close()
    }

    @Test(arguments: [0, 1, 2]) func `fails with the connection`(cut: Int) throws {
        let desk = try SpeechDesk(.stt)
        if cut == 2 { desk.session.refusal = PluginError(.notPermitted, "no") }
        desk.utter(1)
        if cut == 1 {
            desk.session.answer(desk.request.id, status: 200)
            desk.session.deliver(desk.request.id, "{\"text\":")
        }
        if cut < 2 { desk.session.finish(desk.request.id, error: .unavailable("reset")) }
        let status: Status = cut == 2 ? .notPermitted : .unavailable
        #expect(desk.session.terminals(1).map(\.integer) == [Int64(status.rawValue)])
        desk.close()
    }

    @Test func `ends once when cancelled, and owes nothing for what nobody asked`() throws {
        let desk = try SpeechDesk(.stt)
        desk.session.sendAudio([Int16](repeating: 1, count: 9_000), generation: 1)
        desk.session.cancel(1)
        #expect(desk.session.events.isEmpty)
        desk.utter(2)
        desk.session.cancel(2)
        desk.session.respond(desk.request.id, body: #"{"text":"late"}"#)
        #expect(desk.session.terminals(2).map(\.type) == [.cancelled])
        #expect(desk.session.events.count == 1)
        desk.close()
        #expect(desk.session.eventsAfterClose == 0)
    }

    @Test func `ends every request at a host that takes one event at a time`() throws {
        let desk = try SpeechDesk(.stt, queueLimit: 1)
        desk.utter(1)
        let deltas = (0..<3_000).map { _ in #"{"type":"transcript.text.delta","delta":"a"}"# }
        desk.stream(desk.request.id, deltas + [#"{"type":"transcript.text.done","text":"done"}"#])
        desk.session.send(OutgoingEvent(.drain))
        for _ in 0..<10 { desk.session.takeAll() }
        #expect(desk.session.events.suffix(2).map(\.type) == [.final, .drained])
        desk.close()
    }
}
