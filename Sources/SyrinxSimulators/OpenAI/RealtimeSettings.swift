// SPDX-License-Identifier: Apache-2.0

internal import SyrinxCore

/// The session object of Realtime (openai-realtime, Objects), with what an update may change.
struct RealtimeSettings {
    private(set) var json: JSONValue
    /// Why an update is refused.
    struct Refusal: Error {
        var code: String
        var message: String
        var param: String?
    }

    private static let keys: Set<String> = [
        "type", "model", "instructions", "output_modalities", "audio", "tools", "tool_choice", "parallel_tool_calls",
        "max_output_tokens", "reasoning", "truncation", "tracing", "prompt", "include",
    ]
    /// Only the server sets these; clients that send them back are not blamed.
    private static let ours: Set<String> = ["object", "id", "expires_at"]

    init(model: String, number: Int, isTranscription: Bool, seconds: Int) {
        let input: JSONValue = [
            "format": ["type": "audio/pcm", "rate": 24000], "noise_reduction": nil, "transcription": nil,
            "turn_detection": [
                "type": "server_vad", "threshold": 0.5, "prefix_padding_ms": 300, "silence_duration_ms": 500,
                "create_response": true, "interrupt_response": true, "idle_timeout_ms": nil,
            ],
        ]
        let output: JSONValue = ["format": ["type": "audio/pcm", "rate": 24000], "voice": "marin", "speed": 1.0]
        json = [
            "object": isTranscription ? "realtime.transcription_session" : "realtime.session",
            "type": isTranscription ? "transcription" : "realtime", "id": "sess_\(number)", "model": .string(model),
            "expires_at": .int(OpenAIClock.seconds + Int64(seconds)), "instructions": "You are a helpful assistant.",
            "output_modalities": ["audio"], "audio": ["input": input, "output": output], "tools": [],
            "tool_choice": "auto", "max_output_tokens": "inf", "truncation": "auto", "tracing": nil, "prompt": nil,
            "include": nil,
        ]
    }

    /// Only the keys given change, also within `audio`.
    mutating func update(_ update: JSONValue?, hasSpoken: Bool) throws(Refusal) {
        guard let members = update?.object else {
            throw Refusal(
                code: "missing_required_parameter", message: "Missing required parameter: 'session'.", param: "session")
        }
        guard let type = members["type"]?.string else {
            throw Refusal(
                code: "missing_required_parameter", message: "Missing required parameter: 'session.type'.",
                param: "session.type")
        }
        for key in members.keys where !Self.keys.contains(key) && !Self.ours.contains(key) {
            throw Refusal(
                code: "unknown_parameter", message: "Unknown parameter: 'session.\(key)'.", param: "session.\(key)")
        }
        guard type == json["type"]?.string else {
            throw Refusal(code: "invalid_value", message: "The type cannot change.", param: "session.type")
        }
        if let model = members["model"]?.string, model != json["model"]?.string {
            throw Refusal(code: "cannot_update_model", message: "The model cannot change.", param: "session.model")
        }
        let voice = members["audio"]?["output"]?["voice"]
        if hasSpoken, let voice, voice != json["audio"]?["output"]?["voice"] {
            throw Refusal(
                code: "cannot_update_voice",
                message: "Cannot update a conversation's voice if assistant audio is present.",
                param: "session.audio.output.voice")
        }
        json = Self.merged(json, .object(members.filter { !Self.ours.contains($0.key) }), depth: 0)
    }

    /// The session, `audio`, and its two sides are groups; what is in them is replaced.
    private static func merged(_ old: JSONValue, _ new: JSONValue, depth: Int) -> JSONValue {
        guard let before = old.object, let after = new.object else { return new }
        var result = before
        for (key, value) in after {
            let isGroup = depth == 0 && key == "audio" || depth == 1
            result[key] = isGroup ? merged(before[key] ?? nil, value, depth: depth + 1) : value
        }
        return .object(result)
    }

    // MARK: what the session needs of it

    private var input: JSONValue? { json["audio"]?["input"] }

    var isTranscription: Bool { json["type"]?.string == "transcription" }
    var inputFormat: String { input?["format"]?["type"]?.string ?? "audio/pcm" }
    var outputFormat: String { json["audio"]?["output"]?["format"]?["type"]?.string ?? "audio/pcm" }
    var speed: Double { json["audio"]?["output"]?["speed"]?.double ?? 1 }
    var transcribes: Bool { isTranscription || !(input?["transcription"]?.isNull ?? true) }
    /// nil = the client ends turns itself.
    var turnDetection: JSONValue? { input?["turn_detection"].flatMap { $0.isNull ? nil : $0 } }
    var silenceMilliseconds: Int {
        Int(clamping: turnDetection?["silence_duration_ms"]?.int ?? 500)
    }
    var prefixMilliseconds: Int { min(max(0, Int(clamping: turnDetection?["prefix_padding_ms"]?.int ?? 300)), 10_000) }
    var createsResponse: Bool { !isTranscription && turnDetection?["create_response"]?.bool ?? true }
    var interrupts: Bool { turnDetection?["interrupt_response"]?.bool ?? true }

    static func rate(of format: String) -> Int { format == "audio/pcm" ? 24_000 : 8000 }

    static func decode(_ bytes: [UInt8], _ format: String) -> [Int16] {
        switch format {
        case "audio/pcmu": PCM.fromMulaw(bytes)
        case "audio/pcma": PCM.fromAlaw(bytes)
        default: PCM.samples(bytes)
        }
    }

    static func encode(_ samples: [Int16], _ format: String) -> [UInt8] {
        switch format {
        case "audio/pcmu": PCM.mulaw(samples)
        case "audio/pcma": PCM.alaw(samples)
        default: PCM.bytes(samples)
        }
    }
}
