// SPDX-License-Identifier: Apache-2.0

extension ConfigKind {
    /// A value of the kind as it may stand in a file, for keys that have neither an example nor a default.
    var example: String {
        switch self {
        case .text(let form): form.example ?? "\"…\""
        case .words(let words): words.first ?? ""
        case .flag: "true"
        case .integer(let range): String(range.lowerBound)
        case .number(let range): String(range.upperBound)
        case .bytes: "1MiB"
        case .duration: "30s"
        case .list(let form): "[\(form.example ?? "\"…\"")]"
        case .wordList(let words, _): "[\(words.joined(separator: ", "))]"
        case .stage: "{ provider: flite@1, config: {} }"
        case .stages: "[webrtc]"
        case .section, .named, .options: "{}"
        case .values(let kind, _): "{ NAME: \(kind.example) }"
        }
    }
}
