// SPDX-License-Identifier: Apache-2.0
internal import SyrinxPlugin

/// Reads the server messages ("Server messages"); keys may come together, unknown ones are ignored.
extension GeminiMachine {
    mutating func read(_ bytes: [UInt8]) {
        guard let message = try? JSONValue(parsing: bytes), let members = message.object else {
            return failProtocol("the server sent what is no message")
        }
        if let error = members["error"] { return fail(LiveFailure.error(error)) }
        if members["setupComplete"] != nil { setupComplete() }
        if let update = members["sessionResumptionUpdate"] { resumptionUpdated(update) }
        if let activity = members["voiceActivity"] { voiceActivity(activity) }
        if let content = members["serverContent"] { read(content: content) }
        if let calls = members["toolCall"] { callTools(calls) }
        if let cancellation = members["toolCallCancellation"] { cancelCalls(cancellation) }
        if let usage = members["usageMetadata"] { reportUsage(usage) }
        if let message = members["goAway"] { goAway(message) }
    }

    /// An interruption is about what came before, the end about what came with it.
    private mutating func read(content: JSONValue) {
        if content["interrupted"]?.bool == true { interrupted() }
        if let transcription = content["inputTranscription"] { callerSaid(transcription) }
        if let text = content["outputTranscription"]?["text"]?.string, !text.isEmpty { modelSaid(text) }
        for part in content["modelTurn"]?["parts"]?.array ?? [] where !isOver { modelSent(part) }
        guard !isOver else { return }
        if content["generationComplete"]?.bool == true { generationComplete() }
        if content["turnComplete"]?.bool == true { turnComplete() }
    }

    private mutating func reportUsage(_ usage: JSONValue) {
        var counts: [String: Int64] = [:]
        func count(_ name: String, _ value: JSONValue?) {
            if let number = value?.int { counts[name] = number }
        }
        count("input_tokens", usage["promptTokenCount"])
        count("output_tokens", usage["responseTokenCount"])
        count("total_tokens", usage["totalTokenCount"])
        count("cached_tokens", usage["cachedContentTokenCount"])
        for (side, details) in [("input", "promptTokensDetails"), ("output", "responseTokensDetails")] {
            for detail in usage[details]?.array ?? [] {
                guard let kind = detail["modality"]?.string, ["AUDIO", "TEXT"].contains(kind) else { continue }
                count("\(side)_\(kind.lowercased())_tokens", detail["tokenCount"])
            }
        }
        answers.report(usage: counts, of: current?.reply)
    }
}
