// SPDX-License-Identifier: Apache-2.0
internal import SyrinxPlugin

/// Builds the `session` of session.update (OpenAI, API reference, "Realtime").
struct SessionObject {
    let config: RealtimeConfig
    let options: SpeechConfiguration
    let locale: String

    var json: JSONValue {
        var session = config.session?.object ?? [:]
        session["type"] = "realtime"
        session["output_modalities"] = ["audio"]
        session["audio"] = ["input": .object(input), "output": .object(output)]
        if let instructions = options.instructions ?? config.instructions {
            session["instructions"] = .string(instructions)
        }
        if !options.tools.isEmpty {
            session["tools"] = .array(options.tools.map(Self.tool))
            session["tool_choice"] = config.toolChoice ?? "auto"
        }
        if let limit = config.maxOutputTokens { session["max_output_tokens"] = .int(Int64(limit)) }
        if let effort = config.reasoningEffort { session["reasoning"] = ["effort": .string(effort)] }
        return .object(session)
    }

    /// What a later CONFIG may still change: voice and model cannot.
    var change: JSONValue {
        let all = json.object ?? [:]
        return .object(all.filter { ["type", "instructions", "tools", "tool_choice"].contains($0.key) })
    }

    private static let pcm: JSONValue = ["type": "audio/pcm", "rate": .int(Int64(RealtimeConfig.sampleRate))]

    private var input: [String: JSONValue] {
        var input: [String: JSONValue] = ["format": Self.pcm, "turn_detection": turnDetection]
        input["transcription"] = transcription
        switch config.noiseReduction {
        case nil: break
        case "off"?: input["noise_reduction"] = .null
        case let type?: input["noise_reduction"] = ["type": .string(type)]
        }
        return input
    }

    private var output: [String: JSONValue] {
        var output: [String: JSONValue] = ["format": Self.pcm]
        if let voice = options.voice ?? config.voice { output["voice"] = .string(voice) }
        if let speed = config.speed { output["speed"] = .double(speed) }
        return output
    }

    /// The vendor always answers by itself: that is what the host counts on.
    private var turnDetection: JSONValue {
        var detection = config.turnDetection?.object ?? [:]
        if detection["type"] == nil { detection["type"] = "server_vad" }
        detection["create_response"] = true
        if detection["interrupt_response"] == nil { detection["interrupt_response"] = true }
        return .object(detection)
    }

    private var transcription: JSONValue {
        var transcription = config.transcription?.object ?? [:]
        if transcription["model"] == nil { transcription["model"] = "gpt-4o-mini-transcribe" }
        let tag = options.language ?? locale
        // The vendor takes ISO 639: the primary subtag of what the host says.
        if transcription["language"] == nil, let language = tag.split(separator: "-").first {
            transcription["language"] = .string(language.lowercased())
        }
        return .object(transcription)
    }

    private static func tool(_ tool: SpeechConfiguration.Tool) -> JSONValue {
        var result: [String: JSONValue] = ["type": "function", "name": .string(tool.name)]
        if let about = tool.about { result["description"] = .string(about) }
        result["parameters"] = tool.parameters ?? ["type": "object", "properties": [:]]
        return .object(result)
    }
}
