// SPDX-License-Identifier: Apache-2.0
import AudioSocketTransport
import Deepgram
import EchoAgent
import ElevenLabs
import LexicalTurn
import LocalBackend
import MockProviders
import OpenAIChat
import OpenAISpeech
import Pipecat
import ScriptAgent
import SyrinxABI
import SyrinxPlugin
import SyrinxPluginTesting
import Telephony
import Testing
import Vapi
import WebRTCTransport
import WebhookAgent

@Suite("Every plugin written in Swift")
struct AllPluginsTests {
    struct Case: CustomTestStringConvertible, Sendable {
        let module: Module
        let kind: PluginKind
        let id: String
        var config = "{}"
        /// Of what it speaks, in hertz.
        var rate: UInt32 = 16_000
        /// Of what it hears, in hertz.
        var inputRate: UInt32 = 16_000
        var testDescription: String { "\(kind) \(id)" }
    }

    static let cases = [
        Case(module: lexicalTurnModule, kind: .turn, id: "lexical"),
        Case(module: scriptAgentModule, kind: .agent, id: "script"),
        Case(module: echoAgentModule, kind: .agent, id: "echo"),
        Case(module: mockModule, kind: .stt, id: "mock"),
        Case(module: mockModule, kind: .agent, id: "mock"),
        Case(module: mockModule, kind: .tts, id: "mock"),
        Case(module: localBackendModule, kind: .backend, id: "local"),
        Case(module: deepgramModule, kind: .stt, id: "deepgram"),
        Case(module: deepgramModule, kind: .tts, id: "deepgram"),
        Case(module: elevenLabsModule, kind: .tts, id: "elevenlabs"),
        Case(module: openAIChatModule, kind: .agent, id: "openai_chat"),
        Case(module: webhookAgentModule, kind: .agent, id: "webhook", config: #"{"url":"https://example.com"}"#),
        Case(module: openAISpeechModule, kind: .stt, id: "openai"),
        Case(module: openAISpeechModule, kind: .tts, id: "openai", rate: 24_000),
        Case(module: pipecatModule, kind: .s2s, id: "pipecat", config: #"{"url":"ws://127.0.0.1:1"}"#),
        Case(module: pipecatModule, kind: .backend, id: "pipecat", config: #"{"url":"ws://127.0.0.1:1"}"#),
        Case(module: vapiModule, kind: .s2s, id: "vapi", config: #"{"assistant_id":"a"}"#),
        Case(module: vapiModule, kind: .backend, id: "vapi"),
        Case(module: webRTCModule, kind: .transport, id: "webrtc"),
        Case(module: audioSocketModule, kind: .transport, id: "audiosocket"),
        phone("twilio", #"{"auth_token":"x"}"#), phone("telnyx", #"{"token":"12345678"}"#),
        phone("plivo", #"{"verify":false,"allow_unsigned":true}"#),
    ]

    private static func phone(_ id: String, _ config: String) -> Case {
        Case(module: telephonyModule, kind: .transport, id: id, config: config, rate: 8_000, inputRate: 8_000)
    }

    @Test(arguments: cases)
    func `survives every event, with and without its fields`(plugin: Case) throws {
        let provider = try FakeHost().open(plugin.module.table, plugin.kind, plugin.id, config: plugin.config)
        let session = try provider.openSession(
            input: AudioFormat(sampleRate: plugin.inputRate),
            output: AudioFormat(sampleRate: plugin.rate),
            queueLimit: 50
        )
        var event = syx_event()
        event.struct_size = UInt32(MemoryLayout<syx_event>.size)
        let broken: [CChar] = [-1, -64, 0x41, -128]
        broken.withUnsafeBufferPointer { bytes in
            for type in UInt16(0)...300 {
                event.type = type
                event.generation = UInt64(type)
                event.i0 = .min
                event.f0 = .nan
                event.text = syx_str(ptr: bytes.baseAddress, len: bytes.count)
                event.json = syx_str(ptr: nil, len: .max)
                _ = session.sendRaw(&event)
            }
        }
        session.cancel(.max)
        session.takeAll()
        session.close()
        #expect(session.eventsAfterClose == 0)
        provider.close()
    }

    @Test(arguments: cases)
    func `states schemas and capabilities that are JSON objects`(plugin: Case) throws {
        let table = plugin.module.table.pointee
        for index in 0..<Int(table.n_plugins) {
            let description = try #require(table.plugins?[index]?.pointee)
            let texts = [description.config_schema, description.session_schema, description.caps_json]
            for text in texts.compactMap({ $0 }) {
                _ = try JSON.decode([String: AnyJSON].self, from: String(cString: text))
            }
        }
    }

    /// Any JSON value; only its syntax matters here.
    private struct AnyJSON: Decodable {
        init(from decoder: any Decoder) throws {}
    }
}
