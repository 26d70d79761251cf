// SPDX-License-Identifier: Apache-2.0
internal import SyrinxPlugin

/// Builds `setup` (Google, "Live API WebSockets reference"), the first message and the only one of its kind.
struct SetupMessage {
    let config: GeminiConfig
    let options: SpeechConfiguration
    /// Of the session to go on with; nil = a new one.
    let handle: String?

    var json: JSONValue {
        var setup = config.setup?.object ?? [:]
        setup["model"] = .string(config.resource)
        setup["generationConfig"] = .object(generation(setup["generationConfig"]?.object ?? [:]))
        if let instructions = options.instructions ?? config.instructions {
            setup["systemInstruction"] = ["parts": [["text": .string(instructions)]]]
        }
        if !options.tools.isEmpty {
            setup["tools"] = [["functionDeclarations": .array(options.tools.map(FunctionDeclaration.json))]]
        }
        setup["realtimeInputConfig"] = .object(realtimeInput)
        setup["inputAudioTranscription"] = [:]
        setup["outputAudioTranscription"] = [:]
        if config.resumption ?? true {
            setup["sessionResumption"] = handle.map { ["handle": .string($0)] } ?? [:]
        }
        if config.contextCompression ?? true { setup["contextWindowCompression"] = ["slidingWindow": [:]] }
        return ["setup": .object(setup)]
    }

    private func generation(_ given: [String: JSONValue]) -> [String: JSONValue] {
        var generation = given
        generation["responseModalities"] = ["AUDIO"]
        var speech: [String: JSONValue] = [:]
        if let voice = options.voice ?? config.voice {
            speech["voiceConfig"] = ["prebuiltVoiceConfig": ["voiceName": .string(voice)]]
        }
        if let language = config.languageCode { speech["languageCode"] = .string(language) }
        if !speech.isEmpty { generation["speechConfig"] = .object(speech) }
        if let temperature = config.temperature { generation["temperature"] = .double(temperature) }
        if let limit = config.maxOutputTokens { generation["maxOutputTokens"] = .int(Int64(limit)) }
        return generation
    }

    private var realtimeInput: [String: JSONValue] {
        var input: [String: JSONValue] = ["automaticActivityDetection": config.activityDetection ?? [:]]
        let stops = config.interruptions ?? true
        input["activityHandling"] = stops ? "START_OF_ACTIVITY_INTERRUPTS" : "NO_INTERRUPTION"
        return input
    }
}

/// A tool in the vendor's words: its schemas are a part of JSON Schema, and an object without properties is none.
enum FunctionDeclaration {
    private static let kept: Set<String> = [
        "type", "format", "title", "description", "nullable", "enum", "items", "properties", "required", "minimum",
        "maximum", "minItems", "maxItems", "minLength", "maxLength", "pattern", "anyOf", "default",
    ]

    static func json(_ tool: SpeechConfiguration.Tool) -> JSONValue {
        var result: [String: JSONValue] = ["name": .string(tool.name)]
        if let about = tool.about { result["description"] = .string(about) }
        let properties = tool.parameters?["properties"]?.object ?? [:]
        if let parameters = tool.parameters, !properties.isEmpty { result["parameters"] = schema(parameters) }
        return .object(result)
    }

    private static func schema(_ value: JSONValue) -> JSONValue {
        guard let members = value.object else { return value }
        var result: [String: JSONValue] = [:]
        for (key, member) in members where kept.contains(key) {
            switch key {
            case "properties": result[key] = .object((member.object ?? [:]).mapValues(schema))
            case "anyOf": result[key] = .array((member.array ?? []).map(schema))
            case "items": result[key] = schema(member)
            default: result[key] = member
            }
        }
        return .object(result)
    }
}
