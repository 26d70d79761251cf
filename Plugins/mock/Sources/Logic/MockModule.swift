// SPDX-License-Identifier: Apache-2.0
public import SyrinxPlugin

/// The plugin's table: five providers, all called `mock`.
public let mockModule = Module([
    ProviderDescription(
        MockSTTProvider.self,
        kind: .stt,
        id: "mock",
        version: "1.0.0",
        name: "Mock recogniser",
        vendor: "Syrinx",
        configSchema: schema(lines(default: #","default":["hello"]"#) + "," + heardLanguages),
        sessionSchema: schema(lines() + "," + heardLanguages),
        capabilities: #"{\#(formats),"streaming":true,"languages":["*"]}"#,
        traits: .untrustedInput
    ),
    ProviderDescription(
        MockAgentProvider.self,
        kind: .agent,
        id: "mock",
        version: "1.0.0",
        name: "Mock agent",
        vendor: "Syrinx",
        configSchema: schema(reply(default: #","default":"This is a scripted reply.""#)),
        sessionSchema: schema(reply()),
        capabilities: #"{"streaming":true,"languages":["*"],"tools":false}"#,
        traits: .untrustedInput
    ),
    ProviderDescription(
        MockTTSProvider.self,
        kind: .tts,
        id: "mock",
        version: "1.0.0",
        name: "Mock speaker",
        vendor: "Syrinx",
        configSchema: schema(tone(lengthDefault: #","default":1000"#, frequencyDefault: #","default":440"#)),
        sessionSchema: schema(tone()),
        capabilities: #"{\#(formats),"streaming":true,"languages":["*"],"voices":["tone"]}"#,
        traits: .untrustedInput
    ),
    ProviderDescription(
        MockS2SProvider.self,
        kind: .s2s,
        id: "mock",
        version: "1.0.0",
        name: "Mock speech-to-speech model",
        vendor: "Syrinx",
        configSchema: schema(speech(isPreset: true)),
        sessionSchema: schema(speech(isPreset: false)),
        capabilities: #"{\#(formats),"streaming":true,"languages":["*"],"voices":["tone"],"tools":true}"#,
        traits: .untrustedInput
    ),
    ProviderDescription(
        MockTransportProvider.self,
        kind: .transport,
        id: "mock",
        version: "1.0.0",
        name: "Mock transport",
        vendor: "Syrinx",
        capabilities: #"{\#(formats),"events":true,"number_field":"to"}"#,
        traits: .untrustedInput
    ),
])

private let formats = #""formats":[{"format":"s16","rates":[8000,16000,24000,48000],"channels":[1]}]"#

/// A session that says nothing keeps what the provider was given; so only the provider's schema fills in defaults.
private func schema(_ properties: String) -> String {
    #"{"type":"object","additionalProperties":false,"properties":{\#(properties)}}"#
}

private func lines(default preset: String = "") -> String {
    #"""
    "lines": {"type": "array", "minItems": 1, "items": {"type": "string"}\#(preset),
              "description": "The transcripts, taken in turns by the utterances of a session."}
    """#
}

private let heardLanguages = #"""
    "languages": {"type": "array", "items": {"type": "string", "maxLength": 35},
                  "description": "BCP 47 tags that the lines are told to be in, taken in turns with them."}
    """#

private func reply(default preset: String = "") -> String {
    #"""
    "reply": {"type": "string"\#(preset), "description": "The answer to every prompt."}
    """#
}

private func tone(lengthDefault: String = "", frequencyDefault: String = "") -> String {
    #"""
    "reply_ms": {"type": "integer", "minimum": 0, "maximum": 600000\#(lengthDefault),
                 "description": "Length of the tone of one response, in milliseconds."},
    "frequency": {"type": "integer", "minimum": 20, "maximum": 20000\#(frequencyDefault),
                  "description": "The tone's frequency, in hertz."}
    """#
}

private func speech(isPreset: Bool) -> String {
    let milliseconds = #""type": "integer", "minimum": 0, "maximum": 86400000"#
    func preset(_ value: String) -> String { isPreset ? #","default":\#(value)"# : "" }
    return [
        lines(default: preset(#"["hello"]"#)), reply(default: preset(#""This is a scripted reply.""#)),
        tone(lengthDefault: preset("1000"), frequencyDefault: preset("440")),
        #""tool": {"type": "string", "description": "A tool that is called before each answer, if the session has it."}"#,
        #""tool_arguments": {"type": "string", "description": "An object of JSON; without, the number of the turn."}"#,
        #""late_words": {"type": "boolean", "description": "The caller's words are told after the answer."}"#,
        #""silence_ms": {\#(milliseconds), "description": "Silence that ends a turn."}"#,
        #""connect_ms": {\#(milliseconds), "description": "How long a session takes to become ready."}"#,
        #""expire_after_ms": {\#(milliseconds), "description": "When a session ends by itself; 0 = never."}"#,
        #""notice_ms": {\#(milliseconds), "description": "How long before that it tells of it."}"#,
        #""break_at_turn": {"type": "integer", "minimum": 0, "description": "The turn at which a session breaks off."}"#,
        #""breaks_for_good": {"type": "boolean", "description": "After that, no session can be opened any more."}"#,
    ].joined(separator: ",")
}
