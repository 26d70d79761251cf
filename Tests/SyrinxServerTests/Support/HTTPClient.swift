// SPDX-License-Identifier: Apache-2.0

/// Requests over a connection of their own.
struct HTTPClient: Sendable {
    let port: Int

    func get(_ path: String) async throws -> HTTPReply { try await send("GET", path) }

    func send(
        _ method: String, _ path: String, fields: [String] = [], body: String = ""
    ) async throws -> HTTPReply {
        let length = body.isEmpty ? [] : ["Content-Length: \(body.utf8.count)"]
        let head =
            ["\(method) \(path) HTTP/1.1", "Host: 127.0.0.1:\(port)"] + length + fields + ["Connection: close", "", ""]
        let replies = try await replies(1, to: Array((head.joined(separator: "\r\n") + body).utf8))
        return replies[0]
    }

    /// Sends raw bytes and reads so many answers.
    func replies(_ count: Int, to bytes: [UInt8]) async throws -> [HTTPReply] {
        let connection = try await Connection.open(port: port)
        await connection.send(bytes)
        var incoming = ServerBytes()
        var replies: [HTTPReply] = []
        while replies.count < count {
            if let reply = try incoming.reply() {
                replies.append(reply)
                continue
            }
            let more = try await connection.read(within: .seconds(20))
            guard !more.isEmpty else { throw ServerBytes.Malformed(why: "closed after \(replies.count) answers") }
            incoming.add(more)
        }
        await connection.close()
        return replies
    }
}
