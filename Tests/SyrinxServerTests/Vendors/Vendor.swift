// SPDX-License-Identifier: Apache-2.0

import SyrinxConversation
import SyrinxCore
import SyrinxHost
import SyrinxRuntime
import SyrinxSimulators
import Testing

/// A bundled provider that speaks with a vendor, and the vendor's simulator.
enum Vendor: String, CaseIterable, CustomTestStringConvertible {
    case deepgram = "stt deepgram"
    case openaiSTT = "stt openai"
    case elevenlabs = "tts elevenlabs"
    case elevenlabsHTTP = "tts elevenlabs over HTTP"
    case openaiTTS = "tts openai"
    case openaiChat = "agent openai_chat"
    case webhook = "agent webhook"
    case openaiRealtime = "s2s openai_realtime"
    case geminiLive = "s2s gemini_live"
    case amazonNova = "s2s amazon_nova"

    var testDescription: String { rawValue }

    var kind: PluginKind {
        switch self {
        case .deepgram, .openaiSTT: .stt
        case .elevenlabs, .elevenlabsHTTP, .openaiTTS: .tts
        case .openaiChat, .webhook: .agent
        case .openaiRealtime, .geminiLive, .amazonNova: .s2s
        }
    }

    /// What the turn fails with when the host has waited long enough.
    var impatience: String {
        switch kind {
        case .stt: "transcript.timeout"
        case .tts: "speech.timeout"
        default: "agent.timeout"
        }
    }

    /// Nova is not spoken without TLS.
    var needsTLS: Bool { self == .amazonNova }

    /// What each of them takes for its key.
    static let key = "AKIDEXAMPLE:secret:token"

    func simulator(_ plan: String) throws -> any Simulator {
        let settings = SimulatorSettings(
            key: self == .webhook ? nil : Self.key, lines: SimulatedLines(["hello there"]),
            faults: try FaultPlan(plan), voice: SimulatedVoice(millisecondsPerCharacter: 10))
        return switch self {
        case .deepgram: DeepgramSimulator(settings)
        case .elevenlabs, .elevenlabsHTTP: ElevenLabsSimulator(settings)
        case .openaiSTT, .openaiTTS, .openaiChat, .openaiRealtime: OpenAISimulator(settings)
        case .webhook: WebhookSimulator(settings)
        case .geminiLive: GeminiSimulator(settings)
        case .amazonNova: AmazonNovaSimulator(settings)
        }
    }

    /// The mock pipeline with this provider in it. A voice has more time than usual: a loaded machine must not hide why
    /// its vendor failed.
    func profile(_ name: String, at address: SimulatorAddress) -> Profile {
        var profile = BuiltInProfiles.mock
        profile.name = name
        profile.tenant = name
        profile.queryOptions = [:]
        profile.conversation.timeouts.speechFirstByte = .seconds(4)
        let plan = StagePlan(kind, ProviderReference(id: provider), config: config(address))
        switch kind {
        case .stt: profile.stt = plan
        case .agent: profile.agent = plan
        case .tts: profile.tts = plan
        default:
            (profile.vad, profile.stt, profile.agent, profile.tts, profile.s2s) = (nil, nil, nil, nil, plan)
            profile.conversation.pipeline = .s2s
            profile.conversation.turnMode = .s2s
        }
        return profile
    }

    private var provider: String {
        switch self {
        case .elevenlabsHTTP: "elevenlabs"
        case .openaiSTT, .openaiTTS: "openai"
        default: String(rawValue.split(separator: " ")[1])
        }
    }

    private func config(_ address: SimulatorAddress) -> JSONValue {
        let key = JSONValue.string(Self.key)
        return switch self {
        case .deepgram: ["url": .string(address.ws), "api_key": key]
        case .elevenlabs: ["url": .string(address.ws), "api_key": key, "voice_id": "anyone"]
        case .elevenlabsHTTP: ["url": .string(address.http), "api_key": key, "voice_id": "anyone", "transport": "http"]
        case .openaiSTT, .openaiTTS, .openaiChat: ["url": .string("\(address.http)/v1"), "api_key": key]
        case .webhook: ["url": .string("\(address.http)/turn"), "timeout_ms": 4000]
        case .openaiRealtime, .geminiLive: ["url": .string(address.ws), "api_key": key]
        case .amazonNova:
            [
                "url": .string(address.http), "access_key_id": "AKIDEXAMPLE", "secret_access_key": "secret",
                "session_token": "token",
            ]
        }
    }
}
