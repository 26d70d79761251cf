// SPDX-License-Identifier: Apache-2.0

@testable internal import SyrinxPlugin

enum SDKJSONTarget {
    static func run(_ bytes: [UInt8]) {
        guard let value = try? JSONValue(parsing: bytes) else { return }
        precondition((try? JSONValue(parsing: value.text)) == value)
    }
}

/// However a stream is cut, its events are the same; the first byte says how.
enum ServerSentEventsTarget {
    static func run(_ bytes: [UInt8]) {
        let size = Int(bytes.first ?? 0) + 1
        let body = Array(bytes.dropFirst())
        precondition(
            read([body])
                == read(
                    stride(from: 0, to: body.count, by: size).map {
                        Array(body[$0..<min($0 + size, body.count)])
                    }))
    }

    private static func read(_ pieces: [[UInt8]]) -> [ServerSentEvent]? {
        var reader = ServerSentEvents(limit: 256)
        var events: [ServerSentEvent] = []
        do {
            for piece in pieces { events += try reader.feed(piece) }
            return events + reader.end()
        } catch {
            return nil
        }
    }
}

enum Base64Target {
    static func run(_ bytes: [UInt8]) {
        precondition(Base64.decode(Base64.encode(bytes)) == bytes)
        guard let decoded = Base64.decode(bytes.text) else { return }
        precondition(Base64.decode(Base64.encode(decoded)) == decoded)
    }
}
