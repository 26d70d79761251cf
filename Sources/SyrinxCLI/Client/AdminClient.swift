// SPDX-License-Identifier: Apache-2.0

internal import Foundation
package import SyrinxCore

/// One request to a server's admin socket: HTTP/1.1, a connection each. Blocks.
package struct AdminClient {
    private static let limit = 16 << 20
    /// A change waits for models to load.
    private static let patience = 120
    private let socket: String

    package init(socket: String) { self.socket = socket }

    /// - Throws: `admin.unreachable`, or what the server answered.
    package func send(_ method: String, _ path: String) throws(SyrinxError) -> JSONValue {
        let answer = try exchange(method, path)
        guard answer.isSuccess else {
            throw SyrinxError(
                answer.json["code"]?.string ?? "admin.unreachable",
                answer.json["title"]?.string ?? "the server answered \(answer.status)",
                fix: answer.json["fix"]?.string, place: answer.json["place"]?.string)
        }
        return answer.json
    }

    /// Whatever the server answered.
    /// - Throws: `admin.unreachable`.
    package func exchange(_ method: String, _ path: String) throws(SyrinxError) -> Answer {
        let connection = try connect()
        defer { close(connection) }
        let head = "\(method) \(path) HTTP/1.1\r\nHost: syrinx\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
        guard write(Array(head.utf8), to: connection) else { throw unreachable("the connection broke") }
        return try Answer(read(connection), unreachable)
    }

    private func connect() throws(SyrinxError) -> Int32 {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        guard socket.utf8.count < MemoryLayout.size(ofValue: address.sun_path) else {
            throw unreachable("the path is longer than a socket's may be")
        }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(socket.utf8)) }
        let connection = Glibc.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        guard connection >= 0 else { throw unreachable(String(cString: strerror(errno))) }
        var limit = timeval(tv_sec: Self.patience, tv_usec: 0)
        setsockopt(connection, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        let isOpen = withUnsafePointer(to: &address) { address in
            address.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(connection, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0
            }
        }
        guard isOpen else {
            let why = String(cString: strerror(errno))
            close(connection)
            throw unreachable(why)
        }
        return connection
    }

    private func write(_ bytes: [UInt8], to connection: Int32) -> Bool {
        var left = bytes[...]
        while !left.isEmpty {
            let count = left.withUnsafeBytes {
                Glibc.send(connection, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return false }
            left = left.dropFirst(count)
        }
        return true
    }

    /// To the end of the connection.
    private func read(_ connection: Int32) throws(SyrinxError) -> [UInt8] {
        var all: [UInt8] = []
        var part = [UInt8](repeating: 0, count: 1 << 16)
        while all.count < Self.limit {
            let count = recv(connection, &part, part.count, 0)
            if count == 0 { return all }
            guard count > 0 else { throw unreachable(String(cString: strerror(errno))) }
            all += part.prefix(count)
        }
        throw unreachable("the answer is too large")
    }

    private func unreachable(_ why: String) -> SyrinxError {
        SyrinxError(
            "admin.unreachable", "no server answers at \(socket): \(why)",
            fix: "is it running, and is this its --admin-socket?", place: socket)
    }

    /// Status and body. The server sends a length, and closes behind it.
    package struct Answer {
        package var status: Int
        package var json: JSONValue
        package var isSuccess: Bool { (200..<300).contains(status) }

        fileprivate init(_ bytes: [UInt8], _ unreachable: (String) -> SyrinxError) throws(SyrinxError) {
            let text = String(decoding: bytes, as: UTF8.self)
            let status = text.split(separator: " ", maxSplits: 2).dropFirst().first.flatMap { Int($0) }
            guard let status, let body = text.firstRange(of: "\r\n\r\n") else {
                throw unreachable("what came is no HTTP answer")
            }
            self.status = status
            do {
                json = try JSONValue(parsing: String(text[body.upperBound...]))
            } catch {
                throw unreachable("what came is no JSON: \(error.message)")
            }
        }
    }
}
