// SPDX-License-Identifier: Apache-2.0
internal import SyrinxPlugin

/// Which of its words the bot has spoken. It says the same in up to four ways; the one that is closest to what is heard
/// counts: `bot-output`, else `bot-tts-text`, else what its model wrote.
struct BotWords {
    private static let maximumSegments = 64
    private static let maximumText = 65_536

    private var tellsOutput = false
    private var tellsSpeech = false
    /// What was told of each segment of this answer.
    private var segments: [Int64: String] = [:]
    private var endsInSpace = true
    /// What the model wrote, as long as nothing else says what is spoken.
    private var written = ""

    /// `bot-output` of RTVI 2: the part of a segment that was spoken since the last one.
    mutating func output(_ data: JSONValue?) -> String {
        guard let data, let progress = data["spoken_progress"], data["will_be_spoken"]?.bool ?? true,
            data["spoken_status"]?.string != nil
        else { return "" }
        tellsOutput = true
        let spoken = progress["accumulated_text"]?.string ?? ""
        let segment = data["segment_id"]?.int ?? 0
        let told = segments[segment] ?? ""
        guard spoken.utf8.count > told.utf8.count, spoken.hasPrefix(told) else { return "" }
        if segments.count >= Self.maximumSegments, segments[segment] == nil { segments = [:] }
        segments[segment] = spoken
        return spaced(String(spoken.dropFirst(told.count)), isNew: told.isEmpty)
    }

    /// `bot-tts-text`: a word or a sentence.
    mutating func spoken(_ text: String) -> String {
        guard !tellsOutput else { return "" }
        tellsSpeech = true
        return spaced(text, isNew: true)
    }

    /// `bot-llm-text`: a piece of what the model writes.
    mutating func wrote(_ text: String) {
        guard !tellsOutput, !tellsSpeech, written.utf8.count < Self.maximumText else { return }
        written += text
    }

    /// The bot has stopped: the words of which nothing else was said.
    mutating func finish() -> String {
        let rest = tellsOutput || tellsSpeech ? "" : written
        reset()
        return rest
    }

    /// Whatever comes belongs to another answer.
    mutating func reset() {
        segments = [:]
        written = ""
        endsInSpace = true
    }

    private mutating func spaced(_ text: String, isNew: Bool) -> String {
        guard let first = text.first, let last = text.last else { return "" }
        let joined = isNew && !endsInSpace && !first.isWhitespace && !first.isPunctuation ? " " + text : text
        endsInSpace = last.isWhitespace
        return joined
    }
}
