// SPDX-License-Identifier: Apache-2.0

internal import SyrinxCore

/// What `setup` asks for, as far as the simulator heeds it.
struct GeminiSetup {
    var model: String
    var speaks: Bool
    var tools: [SimulatedTool]
    /// The server tells by itself when the caller speaks.
    var detectsActivity: Bool
    var silenceMilliseconds: Int
    var interrupts: Bool
    var transcribesInput: Bool
    var transcribesOutput: Bool
    var reportsActivity: Bool
    var isResumable: Bool
    var handle: String?

    /// Nil, with why, for what the vendor would refuse.
    init(_ json: JSONValue) throws(GeminiRefusal) {
        guard let model = json["model"]?.string, model.contains("/") else {
            throw GeminiRefusal(1_007, "Request contains an invalid argument: setup.model")
        }
        guard !model.contains("unknown") else {
            throw GeminiRefusal(1_008, "\(model) is not found for API version v1beta, or is not supported")
        }
        self.model = model
        let modalities = json["generationConfig"]?["responseModalities"]?.array?.compactMap(\.string) ?? ["AUDIO"]
        guard modalities.count == 1, modalities == ["AUDIO"] || modalities == ["TEXT"] else {
            throw GeminiRefusal(1_007, "Request contains an invalid argument: responseModalities")
        }
        speaks = modalities == ["AUDIO"]
        tools = (json["tools"]?.array ?? []).flatMap { $0["functionDeclarations"]?.array ?? [] }.compactMap { tool in
            guard let name = tool["name"]?.string else { return nil }
            return SimulatedTool(name: name, parameters: tool["parameters"] ?? tool["parametersJsonSchema"] ?? [:])
        }
        let input = json["realtimeInputConfig"]
        let detection = input?["automaticActivityDetection"]
        detectsActivity = !(detection?["disabled"]?.bool ?? false)
        silenceMilliseconds = Int(clamping: min(max(detection?["silenceDurationMs"]?.int ?? 500, 20), 10_000))
        interrupts = input?["activityHandling"]?.string != "NO_INTERRUPTION"
        transcribesInput = json["inputAudioTranscription"]?.object != nil
        transcribesOutput = json["outputAudioTranscription"]?.object != nil
        reportsActivity = json["explicitVadSignal"]?.bool ?? false
        isResumable = json["sessionResumption"]?.object != nil
        handle = json["sessionResumption"]?["handle"]?.string
    }
}

/// How the vendor refuses: by closing ("Limits").
struct GeminiRefusal: Error {
    let code: Int
    let reason: String

    init(_ code: Int, _ reason: String) {
        self.code = code
        self.reason = reason
    }
}

/// Clients mix camelCase with snake_case, and the vendor takes both.
enum GeminiKeys {
    /// What users name is left as it is.
    private static let verbatim: Set<String> = ["response", "args", "properties", "parametersJsonSchema"]

    static func camelCased(_ value: JSONValue) -> JSONValue {
        switch value {
        case .object(let members):
            let pairs = members.map { key, member -> (String, JSONValue) in
                let key = camelCased(key)
                return (key, verbatim.contains(key) ? member : camelCased(member))
            }
            return .object(Dictionary(pairs) { $1 })
        case .array(let elements): return .array(elements.map(camelCased))
        default: return value
        }
    }

    private static func camelCased(_ key: String) -> String {
        let words = key.split(separator: "_")
        guard words.count > 1 else { return key }
        return String(words[0]) + words.dropFirst().map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined()
    }
}
