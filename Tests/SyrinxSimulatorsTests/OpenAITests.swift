// SPDX-License-Identifier: Apache-2.0

internal import SyrinxCore
internal import SyrinxSimulators
internal import Testing

/// What the vendor's SDK would never send. (What it sends is in Tests/Integration/providers.)
@Suite struct OpenAITests {
    private func with<Value>(_ body: (RawClient) async throws -> Value) async throws -> Value {
        let server = try await SimulatorServer.start(OpenAISimulator(SimulatorSettings()))
        do {
            let value = try await body(RawClient(server))
            await server.stop()
            return value
        } catch {
            await server.stop()
            throw error
        }
    }

    private static let chats: [(body: String, status: Int)] = [
        ("", 400), ("{", 400), ("[]", 400), ("{}", 400), (#"{"model":7}"#, 400), (#"{"model":"m"}"#, 400),
        (#"{"model":"m","messages":{}}"#, 400), (#"{"model":"m","messages":[7,null,"x"]}"#, 200),
        (#"{"model":"m","messages":[{"role":"user","content":[{"type":"text"}]}]}"#, 200),
        (#"{"model":"m","messages":[{"role":"user","content":"hi"}],"max_tokens":-9223372036854775808}"#, 200),
        (#"{"model":"m","messages":[{"role":"user","content":"hi"}],"max_tokens":1e300}"#, 200),
        (#"{"model":"m","messages":[{"role":"tool"}],"tools":[{"function":{"name":"f","parameters":7}}]}"#, 200),
        (#"{"model":"m","messages":[{"role":"user","content":"f"}],"tools":[{"function":{"name":"f"}}]}"#, 200),
    ]

    @Test(arguments: Self.chats)
    func `strange prompts are answered or refused`(body: String, status: Int) async throws {
        let answer = try await with { try await $0.request("POST", "/v1/chat/completions", body: body) }
        #expect(answer.hasPrefix("HTTP/1.1 \(status)"))
    }

    private static let speeches = [
        "{}", #"{"model":"m","voice":"alloy","input":""}"#, #"{"model":"m","voice":7,"input":"x"}"#,
        #"{"model":"m","voice":"alloy","input":"x","speed":1e300}"#, #"{"model":"m","voice":"alloy","input":"x"}"#,
    ]

    @Test(arguments: Self.speeches)
    func `speech that cannot be made is refused`(body: String) async throws {
        let answer = try await with { try await $0.request("POST", "/v1/audio/speech", body: body) }
        #expect(answer.hasPrefix("HTTP/1.1 400"))
    }

    private static let files = ["RIFF", "RIFF\0\0\0\0WAVEdata", "RIFF\0\0\0\0WAVEfmt \u{10}\0\0\0", "mp3", ""]

    @Test(arguments: Self.files)
    func `files that are no recordings are refused`(file: String) async throws {
        let body =
            "--X\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\nm\r\n"
            + "--X\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\n\(file)\r\n--X--\r\n"
        let answer = try await with {
            try await $0.request(
                "POST", "/v1/audio/transcriptions", headers: ["Content-Type: multipart/form-data; boundary=X"],
                body: body)
        }
        #expect(answer.hasPrefix("HTTP/1.1 400"))
    }

    private static let events = [
        "", "{", "[]", "7", "{}", #"{"type":7}"#, #"{"type":"session.update"}"#,
        #"{"type":"session.update","session":[]}"#,
        #"{"type":"session.update","session":{"type":"realtime","audio":7}}"#,
        #"{"type":"input_audio_buffer.append","audio":{}}"#,
        #"{"type":"conversation.item.create","item":{"type":"x"}}"#,
        #"{"type":"conversation.item.create","item":{"type":"message","role":"user","content":"x"}}"#,
        #"{"type":"conversation.item.truncate","item_id":"x","audio_end_ms":-9223372036854775808,"content_index":0}"#,
        #"{"type":"response.cancel"}"#, #"{"type":"input_audio_buffer.commit"}"#,
    ]

    @Test
    func `events that no client sends are errors, and the session lives`() async throws {
        let strange =
            #"{"type":"session.update","session":{"type":"realtime","max_output_tokens":-5,"audio":{"input":"#
            + #"{"turn_detection":{"silence_duration_ms":-9223372036854775808,"prefix_padding_ms":-9e18}}}}}"#
        let tone = Base64Text.encode(Array(repeating: 0x22, count: 48_000))
        let speech = #"{"type":"input_audio_buffer.append","audio":"\#(tone)"}"#
        let ask = #"{"type":"response.create","response":{"output_modalities":["text"],"max_output_tokens":-1}}"#
        let answer = try await with { client in
            try await client.socket("/v1/realtime?model=m", sends: Self.events + [strange, speech, ask], count: 40)
        }
        let types = answer.messages.map { (try? JSONValue(parsing: $0))?["type"]?.string }
        #expect(types.first == "session.created")
        #expect(types.contains("response.done"))
        let errors = types.filter { $0 == "error" }
        #expect(errors.count >= Self.events.count - 2)
    }
}
