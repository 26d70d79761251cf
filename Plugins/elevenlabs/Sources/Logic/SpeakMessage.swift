// SPDX-License-Identifier: Apache-2.0
internal import SyrinxPlugin

/// What the vendor says over the socket.
enum SpeakMessage: Sendable, Equatable {
    /// The next audio of a context, with the times of its characters when they are known.
    case audio(context: String?, [UInt8], Alignment?, isLast: Bool)
    /// Nothing more comes of a context.
    case final(context: String?)
    /// Something went wrong; without a context with the whole connection.
    case failed(context: String?, PluginError)
    /// Known, and nothing to do.
    case noted

    /// - Returns: nil when it is no message of the vendor.
    static func parse(_ text: String) -> SpeakMessage? {
        guard let json = try? JSONValue(parsing: text, maximumBytes: 8 << 20), json.object != nil else { return nil }
        let context = json["contextId"]?.string ?? json["context_id"]?.string
        if let audio = json["audio"]?.string {
            guard let bytes = Base64.decode(audio) else { return nil }
            let isLast = json["isFinal"]?.bool == true
            return .audio(context: context, bytes, json["alignment"].flatMap(Alignment.init), isLast: isLast)
        }
        if let audio = json["audio"], !audio.isNull { return nil }
        if json["isFinal"]?.bool == true || json["is_final"]?.bool == true { return .final(context: context) }
        guard json["error"] != nil || json["message"] != nil || json["code"] != nil else {
            return json["isFinal"] != nil || json["audio"] != nil ? .noted : nil
        }
        return .failed(context: context, SpeakFailure.reported(json))
    }
}

/// When each character of a stretch of text is spoken, relative to the message's own audio.
struct Alignment: Sendable, Equatable {
    var characters: [String]
    /// In milliseconds.
    var starts: [Double]

    /// Nil for what is not an alignment; a list that is too long loses its end.
    init?(_ json: JSONValue) {
        guard let characters = json["chars"]?.array ?? json["characters"]?.array,
            let starts = json["charStartTimesMs"]?.array ?? json["char_start_times_ms"]?.array
        else { return nil }
        self.characters = []
        self.starts = []
        for (character, start) in zip(characters, starts) {
            guard let character = character.string, let start = start.double, start.isFinite else { return nil }
            self.characters.append(character)
            self.starts.append(min(max(start, 0), 1e7))
        }
    }
}
