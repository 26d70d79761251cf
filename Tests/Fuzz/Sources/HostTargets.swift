// SPDX-License-Identifier: Apache-2.0

@testable internal import ServerParts
@testable internal import SyrinxAudio
@testable internal import SyrinxConversation
@testable internal import SyrinxCore
@testable internal import SyrinxRealtime

/// A client of `/v1/realtime`; each line is an event, some time after the one before.
enum RealtimeTarget {
    static func run(_ bytes: [UInt8]) {
        let setup = RealtimeTranslator.Setup(id: "fuzz", model: "default", options: Options(), expires: 1)
        var translator = RealtimeTranslator(setup)
        check(translator.open())
        check(translator.begin())
        var now = Instant.zero
        for line in bytes.lines.prefix(64) {
            now = now + .milliseconds(20)
            check(translator.receive(line, at: now))
            while translator.hasWork { check(translator.work(at: now)) }
            check(translator.tick(at: now))
        }
    }

    private static func check(_ effects: [RealtimeTranslator.Effect]) {
        for case .send(let event) in effects {
            guard event["type"]?.string != nil, (try? JSONValue(parsing: event.text)) == event else {
                fatalError("an event is not what it says: \(event.text)")
            }
        }
    }
}

/// A client of `/v1/talk`: the first line is the handshake's URI, the others are messages.
enum TalkTarget {
    static func run(_ bytes: [UInt8]) {
        let lines = bytes.lines
        _ = try? HandshakeQuery.parse(lines.first ?? "")
        for line in lines.dropFirst() { _ = try? ClientMessage.parse(line, rate: 24_000) }
    }
}

/// In pieces it is what Swift thinks of the whole.
enum UTF8Target {
    static func run(_ bytes: [UInt8]) {
        let size = Int(bytes.first ?? 0) % 16 + 1
        let text = Array(bytes.dropFirst())
        var validator = UTF8Validator()
        var isText = true
        for start in stride(from: 0, to: text.count, by: size) where isText {
            isText = text[start..<min(start + size, text.count)].withUnsafeBytes { validator.take($0) }
        }
        precondition((isText && validator.isComplete) == (String(validating: text, as: UTF8.self) != nil))
    }
}

enum JSONTarget {
    static func run(_ bytes: [UInt8]) {
        guard let value = try? JSONValue(parsing: bytes) else { return }
        precondition((try? JSONValue(parsing: value.text)) == value)
    }
}

/// A schema in the first line, a value for it in the second.
enum SchemaTarget {
    static func run(_ bytes: [UInt8]) {
        let lines = bytes.lines
        guard let schema = try? JSONSchema(parsing: lines.first ?? "") else { return }
        _ = schema.secretPaths
        guard lines.count > 1, let value = try? JSONValue(parsing: lines[1]) else { return }
        for issue in schema.validate(value) { _ = issue.description }
        _ = schema.validate(schema.fillingDefaults(value))
    }
}

enum URLTarget {
    static func run(_ bytes: [UInt8]) {
        guard let url = NetworkURL(bytes.text) else { return }
        precondition(NetworkURL(url.origin + url.target) == url)
        _ = IPAddress.parse(url.host)
    }
}

enum WAVTarget {
    static func run(_ bytes: [UInt8]) {
        guard let audio = try? WAVReader.read(bytes) else { return }
        var encoder = WAVEncoder(rate: audio.rate)
        let body = encoder.encode(audio.samples)
        precondition((try? WAVReader.read(encoder.header + body)) == audio)
    }
}
