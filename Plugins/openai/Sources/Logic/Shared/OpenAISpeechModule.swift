// SPDX-License-Identifier: Apache-2.0
public import SyrinxPlugin

/// The plugin's table: a recogniser and a speaker, both called `openai`.
public let openAISpeechModule = Module([
    ProviderDescription(
        TranscriptionProvider.self,
        kind: .stt,
        id: "openai",
        version: "1.0.0",
        name: "OpenAI transcriptions",
        vendor: "Syrinx",
        configSchema: ProviderDescription.schema([
            server(timeout: 15_000), transcription(model: "gpt-4o-mini-transcribe"),
        ]),
        sessionSchema: ProviderDescription.schema([transcription()]),
        capabilities: #"{\#(formats("[16000,24000,8000,48000]")),"audio":"utterance","languages":["*"]}"#,
        traits: .untrustedInput
    ),
    ProviderDescription(
        SpeechProvider.self,
        kind: .tts,
        id: "openai",
        version: "1.0.0",
        name: "OpenAI speech",
        vendor: "Syrinx",
        configSchema: ProviderDescription.schema([
            server(timeout: 8_000), speech(model: "gpt-4o-mini-tts", voice: "alloy"),
        ]),
        sessionSchema: ProviderDescription.schema([speech()]),
        capabilities: #"{\#(formats("[24000]")),"streaming":true,"languages":["*"],"voices":\#(voices)}"#,
        traits: .untrustedInput
    ),
])

private let voices = #"""
    ["alloy","ash","ballad","coral","echo","fable","onyx","nova","sage","shimmer","verse","marin","cedar"]
    """#

private func formats(_ rates: String) -> String {
    #""formats":[{"format":"s16","rates":\#(rates),"channels":[1]}]"#
}

private func preset(_ value: String?) -> String {
    value.map { #","default":"\#($0)""# } ?? ""
}

private func server(timeout: Int) -> String {
    #"""
    "url": {"type": "string", "format": "uri", "default": "https://api.openai.com/v1",
            "description": "Where the API begins; any compatible server will do."},
    "api_key": {"type": "string", "x-secret": true,
                "description": "Sent as a bearer token. A server of your own may need none."},
    "organization": {"type": "string", "maxLength": 200, "description": "OpenAI-Organization, for keys of several."},
    "project": {"type": "string", "maxLength": 200, "description": "OpenAI-Project, for keys of several."},
    "extra": {"type": "object", "default": {}, "description": "Further fields of each request."},
    "timeout_ms": {"type": "integer", "minimum": 100, "maximum": 120000, "default": \#(timeout),
                   "description": "The longest silence of the server."}
    """#
}

/// A session that says nothing keeps what the provider was given; so only the provider's schema fills in defaults.
private func transcription(model: String? = nil) -> String {
    #"""
    "model": {"type": "string", "minLength": 1, "maxLength": 256\#(preset(model)), "description": "Its name there."},
    "language": {"type": "string", "maxLength": 35,
                 "description": "What is spoken, such as en; the session's language unless set, empty = let it guess."},
    "detect_language": {"type": "boolean",
        "description": "Let it guess the language and say which: the call may follow. For whisper-1 and servers that answer verbose_json."},
    "prompt": {"type": "string", "maxLength": 4000, "description": "Guides spelling and style."},
    "hints": {"type": "array", "maxItems": 2000, "items": {"type": "string", "maxLength": 400},
              "description": "Words and phrases that may be said; they follow the prompt, as far as there is room."},
    "temperature": {"type": "number", "minimum": 0, "maximum": 1, "description": "How freely it guesses."},
    "stream": {"type": "boolean",
               "description": "Text while it is being recognised; unless set, for all models but whisper's."}
    """#
}

private func speech(model: String? = nil, voice: String? = nil) -> String {
    #"""
    "model": {"type": "string", "minLength": 1, "maxLength": 256\#(preset(model)), "description": "Its name there."},
    "voice": {"type": "string", "minLength": 1, "maxLength": 256\#(preset(voice)), "description": "Who speaks."},
    "speed": {"type": "number", "minimum": 0.25, "maximum": 4, "description": "1 is as usual."},
    "instructions": {"type": "string", "maxLength": 4000, "description": "How to speak; not for tts-1."}
    """#
}
