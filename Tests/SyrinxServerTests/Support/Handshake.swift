// SPDX-License-Identifier: Apache-2.0

/// The request that opens a WebSocket (RFC 6455 4.1), field by field, so that a test may break one.
struct Handshake: Sendable {
    var target: String
    var method = "GET"
    var fields = [
        ("Host", "127.0.0.1"), ("Connection", "Upgrade"), ("Upgrade", "websocket"),
        ("Sec-WebSocket-Version", "13"), ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="),
    ]

    /// - Parameter more: further fields, `Name: value`.
    init(target: String, more: [String] = []) {
        self.target = target
        fields += more.map { line in
            let halves = line.split(separator: ":", maxSplits: 1)
            return (String(halves[0]), halves.count == 2 ? String(halves[1].drop { $0 == " " }) : "")
        }
    }

    /// The same with another value of a field; nil leaves it out.
    func with(_ name: String, _ value: String?) -> Handshake {
        var changed = self
        changed.fields.removeAll { $0.0 == name }
        if let value { changed.fields.append((name, value)) }
        return changed
    }

    var bytes: [UInt8] {
        let lines = ["\(method) \(target) HTTP/1.1"] + fields.map { "\($0.0): \($0.1)" } + ["", ""]
        return Array(lines.joined(separator: "\r\n").utf8)
    }
}
