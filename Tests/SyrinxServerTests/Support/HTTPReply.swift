// SPDX-License-Identifier: Apache-2.0

import SyrinxCore

/// An HTTP answer of the server.
struct HTTPReply: Error, Sendable, CustomStringConvertible {
    let status: Int
    private let fields: [String: String]
    var body: [UInt8] = []

    init(head: String) throws {
        let lines = head.split(separator: "\r\n")
        guard let words = lines.first?.split(separator: " "), words.count >= 2, words[0] == "HTTP/1.1",
            let status = Int(words[1])
        else { throw ServerBytes.Malformed(why: head) }
        self.status = status
        fields = lines.dropFirst().reduce(into: [:]) { fields, line in
            let halves = line.split(separator: ":", maxSplits: 1)
            guard halves.count == 2 else { return }
            fields[halves[0].lowercased()] = String(halves[1].drop { $0 == " " })
        }
    }

    /// A field, by its name in lower case.
    subscript(name: String) -> String? { fields[name] }

    var json: JSONValue { (try? JSONValue(parsing: body)) ?? .null }

    /// The code of a problem document, if it is one (RFC 9457).
    var problem: String? {
        guard self["content-type"] == "application/problem+json", json["status"]?.int == Int64(status),
            json["title"]?.string?.isEmpty == false
        else { return nil }
        return json["code"]?.string
    }

    var description: String { "\(status) \(fields) \(String(decoding: body, as: UTF8.self))" }
}
