// SPDX-License-Identifier: Apache-2.0

internal import SyrinxConversation
internal import SyrinxCore

/// The session object. What is accepted because clients send it, and has no effect here, is shown as what holds.
struct RealtimeSettings: Equatable {
    let model: String
    /// Nil: the profile's own.
    var instructions: String?
    var speaks = true
    var inputFormat = AudioFormat.pcm
    var outputFormat = AudioFormat.pcm
    /// As the client gave it; null = it wants no transcripts.
    var transcription = JSONValue.null
    var turnDetection: TurnDetection?
    var tools: [RealtimeTool] = []
    var toolChoice = "auto"
    private let profileDetection: TurnDetection
    private let providerDecides: Bool

    init(model: String, options: Options) {
        self.model = model
        profileDetection = TurnDetection(options)
        turnDetection = options.turnMode == .manual ? nil : profileDetection
        providerDecides = options.turnMode == .s2s
    }

    /// What is not said stays as it is.
    func updated(_ session: Fields) throws(RealtimeError) -> RealtimeSettings {
        guard try session.required("type", limit: 64) == "realtime" else {
            throw .unsupported("session.type", "must be realtime: there are no transcription sessions here")
        }
        var result = self
        _ = try session.text("model", limit: 256)
        result.instructions = try session.text("instructions") ?? result.instructions
        result.speaks = try Modalities.read(session) ?? result.speaks
        result.tools = try RealtimeTool.list(session) ?? result.tools
        result.toolChoice = try RealtimeTool.choice(session) ?? result.toolChoice
        try Self.checkUnused(session)
        guard let audio = try session.fields("audio") else { return result }
        if let input = try audio.fields("input") { try result.update(input: input) }
        if let output = try audio.fields("output") {
            result.outputFormat = try Self.format(output) ?? result.outputFormat
            _ = try output.number("speed", 0.25...1.5)
            if let voice = output.value("voice"), voice.string == nil, voice.object == nil {
                throw .wrongType(output.place("voice"), "a string")
            }
        }
        return result
    }

    private mutating func update(input: Fields) throws(RealtimeError) {
        inputFormat = try Self.format(input) ?? inputFormat
        if let noise = try input.fields("noise_reduction") { _ = try noise.required("type", limit: 64) }
        if input.isNull("transcription") { transcription = .null }
        if let wanted = try input.fields("transcription") {
            _ = try wanted.text("model", limit: 256)
            transcription = .object(wanted.object)
        }
        if input.isNull("turn_detection") {
            guard !providerDecides else {
                throw .unsupported(input.place("turn_detection"), "cannot be null: this model decides turns itself")
            }
            turnDetection = nil
        }
        if let wanted = try input.fields("turn_detection") {
            turnDetection = try (turnDetection ?? profileDetection).updated(
                wanted, profile: profileDetection, providerDecides: providerDecides)
        }
    }

    private static func format(_ fields: Fields) throws(RealtimeError) -> AudioFormat? {
        guard let wanted = try fields.fields("format") else { return nil }
        guard let format = AudioFormat(rawValue: try wanted.required("type", limit: 64)) else {
            throw .invalid(wanted.place("type"), "must be audio/pcm, audio/pcmu or audio/pcma")
        }
        if let rate = try wanted.whole("rate", 1...1_000_000), rate != (format == .pcm ? 24_000 : 8000) {
            throw .invalid(wanted.place("rate"), "must be \(format == .pcm ? 24_000 : 8000)")
        }
        return format
    }

    /// Right in form, without effect.
    private static func checkUnused(_ session: Fields) throws(RealtimeError) {
        if let limit = session.value("max_output_tokens"), limit.int == nil, limit != "inf" {
            throw .wrongType(session.place("max_output_tokens"), "a whole number or \"inf\"")
        }
        _ = try session.truth("parallel_tool_calls")
        _ = try session.list("include", limit: 16)
    }

    func json(id: String, expires: Int64) -> JSONValue {
        [
            "object": "realtime.session", "type": "realtime", "id": .string(id), "expires_at": .int(expires),
            "model": .string(model), "instructions": .string(instructions ?? ""),
            "output_modalities": Modalities.json(speaks: speaks), "tools": .array(tools.map(\.json)),
            "tool_choice": .string(toolChoice), "max_output_tokens": "inf", "truncation": "auto", "tracing": .null,
            "prompt": .null, "include": .null,
            "audio": [
                "input": [
                    "format": inputFormat.json, "noise_reduction": .null, "transcription": transcription,
                    "turn_detection": turnDetection?.json ?? .null,
                ],
                "output": ["format": outputFormat.json, "voice": "default", "speed": 1],
            ],
        ]
    }

    // MARK: as the session takes it

    func adjustment(profile: Options) -> Adjustment {
        var adjustment = Adjustment()
        adjustment.speaksAnswers = speaks
        guard let turnDetection else {
            adjustment.turnMode = .manual
            adjustment.answersTurns = false
            return adjustment
        }
        turnDetection.adjust(&adjustment, profile: profile)
        return adjustment
    }

    var offeredTools: [RealtimeTool] { toolChoice == "none" ? [] : tools }
}
