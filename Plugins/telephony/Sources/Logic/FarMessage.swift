// SPDX-License-Identifier: Apache-2.0
internal import SyrinxPlugin

/// What the vendor says over the stream's socket. Whatever is not here is ignored.
enum FarMessage: Equatable {
    /// Known, and nothing to do.
    case noted
    case start(StreamStart)
    /// Audio of the caller; chunk = its number, where there is one.
    case media(stream: String?, chunk: Int64?, audio: [UInt8])
    case key(Character)
    case played(String)
    /// The caller or the vendor has ended the stream.
    case stop
    /// The vendor complains.
    case complaint(String)

    /// - Returns: nil when it is no message of this dialect.
    static func parse(_ text: String, _ dialect: Dialect) -> FarMessage? {
        guard let json = try? JSONValue(parsing: text, maximumDepth: 16), let event = json["event"]?.string else {
            return nil
        }
        switch event {
        case "connected", "clearedAudio": return .noted
        case "start": return StreamStart(json, dialect).map { .start($0) }
        case "media": return media(json, dialect)
        case "dtmf":
            let digit = json["dtmf"]?["digit"]?.string?.uppercased() ?? ""
            guard digit.utf8.count == 1, let key = digit.first, DTMF.isKey(key) else { return nil }
            return .key(key)
        case dialect.played:
            return (dialect.nestsMark ? json["mark"]?["name"] : json["name"])?.string.map { .played($0) }
        case "stop": return .stop
        case "error":
            let words = json["payload"]?["detail"]?.string ?? json["payload"]?["title"]?.string ?? "no reason"
            return .complaint(String(words.prefix(200)))
        default: return nil
        }
    }

    private static func media(_ json: JSONValue, _ dialect: Dialect) -> FarMessage? {
        guard let media = json["media"], let payload = media["payload"]?.string, let audio = Base64.decode(payload)
        else {
            return nil
        }
        // With both tracks on, the other one is what the caller hears.
        if let track = media["track"]?.string, !track.hasPrefix("inbound") { return .noted }
        return .media(stream: json[dialect.stream]?.string, chunk: media["chunk"]?.number, audio: audio)
    }
}

/// The beginning of a stream.
struct StreamStart: Equatable {
    let stream: String
    let call: String
    let encoding: String
    let rate: Int64
    let from: String?
    let to: String?
    let metadata: [String: String]

    private static let longestName = 256
    private static let mostParameters = 32
    private static let longestValue = 1_024

    init?(_ json: JSONValue, _ dialect: Dialect) {
        guard let start = json["start"], let stream = (json[dialect.stream] ?? start[dialect.stream])?.string,
            !stream.isEmpty, stream.utf8.count <= Self.longestName
        else { return nil }
        self.stream = stream
        call = String((start[dialect.call]?.string ?? "").prefix(Self.longestName))
        let format = start[dialect.format]
        encoding = String((format?["encoding"]?.string ?? "").prefix(64))
        rate = format?[dialect.rate]?.number ?? Int64(Dialect.sampleRate)
        var parameters = Self.parameters(start[dialect.parameters] ?? json[dialect.parameters])
        from = parameters.removeValue(forKey: "From") ?? start["from"]?.string
        to = parameters.removeValue(forKey: "To") ?? start["to"]?.string
        parameters["CallSid"] = nil
        metadata = parameters
    }

    /// An object, a list of names and values, or "name=value;name=value".
    private static func parameters(_ json: JSONValue?) -> [String: String] {
        var pairs: [(String, String)] = []
        switch json {
        case .object(let members):
            pairs = members.sorted { $0.key < $1.key }.compactMap { key, value in value.string.map { (key, $0) } }
        case .array(let elements):
            pairs = elements.compactMap { element in
                guard let name = element["name"]?.string, let value = element["value"]?.string else { return nil }
                return (name, value)
            }
        case .string(let text):
            if let inner = try? JSONValue(parsing: text, maximumDepth: 4), inner.object != nil {
                return parameters(inner)
            }
            pairs = text.split { $0 == ";" || $0 == "," }.compactMap { pair in
                let parts = pair.split(separator: "=", maxSplits: 1)
                return parts.count == 2 ? (String(parts[0]), String(parts[1])) : nil
            }
        default: break
        }
        let admitted = pairs.filter { $0.0.utf8.count <= longestName && $0.1.utf8.count <= longestValue }
        return Dictionary(admitted.prefix(mostParameters)) { $1 }
    }
}

extension JSONValue {
    /// A number, also one that is written as a text, as Twilio does.
    fileprivate var number: Int64? { int ?? string.flatMap { Int64($0) } }
}
