// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import NIOPosix
internal import SyrinxSimulators

/// A client of bytes: sees exactly what a simulator sends, also what no parser would take.
struct RawClient {
    let port: Int

    init(_ server: SimulatorServer) { port = server.address.port }

    /// Sends, and reads to the end of the connection or until it is enough.
    func exchange(_ request: [UInt8], until isEnough: ([UInt8]) -> Bool = { _ in false }) async throws -> [UInt8] {
        let channel = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .connect(host: "127.0.0.1", port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                }
            }
        return try await channel.executeThenClose { inbound, outbound in
            try await outbound.write(ByteBuffer(bytes: request))
            var received: [UInt8] = []
            for try await part in inbound {
                received += part.readableBytesView
                if isEnough(received) { break }
            }
            return received
        }
    }

    /// A request of its own connection; the answer with its head.
    func request(
        _ method: String = "GET", _ path: String, headers: [String] = [], body: String = ""
    ) async throws -> String {
        let lines = [
            "\(method) \(path) HTTP/1.1", "Host: x", "Connection: close", "Content-Length: \(body.utf8.count)",
        ]
        let text = (lines + headers).joined(separator: "\r\n") + "\r\n\r\n" + body
        return String(decoding: try await exchange(Array(text.utf8)), as: UTF8.self)
    }

    /// A WebSocket that sends these texts, and what came back until it closed or there were so many messages.
    func socket(
        _ path: String, headers: [String] = [], sends texts: [String] = [], count: Int = .max
    ) async throws -> Answer {
        let lines = [
            "GET \(path) HTTP/1.1", "Host: x", "Connection: Upgrade", "Upgrade: websocket",
            "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
        ]
        let head = (lines + headers).joined(separator: "\r\n") + "\r\n\r\n"
        let frames = texts.flatMap { Self.masked(Array($0.utf8)) }
        let bytes = try await exchange(Array(head.utf8) + frames) { bytes in
            let answer = Answer(bytes)
            return answer.messages.count >= count || answer.close != nil
        }
        return Answer(bytes)
    }

    /// A text frame with a mask of zeros.
    private static func masked(_ payload: [UInt8]) -> [UInt8] {
        let size = payload.count
        let length: [UInt8] = size < 126 ? [0x80 | UInt8(size)] : [0xFE, UInt8(size >> 8), UInt8(size & 255)]
        return [0x81] + length + [0, 0, 0, 0] + payload
    }

    /// What a server sent: its head, then frames.
    struct Answer {
        struct Frame: Equatable {
            var opcode: UInt8
            var payload: [UInt8]
            var text: String { String(decoding: payload, as: UTF8.self) }
        }

        var head = ""
        var frames: [Frame] = []
        /// Bytes of a frame that was not sent to its end.
        var rest = 0

        var messages: [String] { frames.filter { $0.opcode < 8 }.map(\.text) }

        /// Code and reason.
        var close: (code: Int, reason: String)? {
            guard let frame = frames.first(where: { $0.opcode == 8 }), frame.payload.count >= 2 else { return nil }
            let code = Int(frame.payload[0]) << 8 | Int(frame.payload[1])
            return (code, String(decoding: frame.payload.dropFirst(2), as: UTF8.self))
        }

        init(_ bytes: [UInt8]) {
            let gap = Array("\r\n\r\n".utf8)
            guard bytes.count >= 4,
                let end = (0...(bytes.count - 4)).first(where: { Array(bytes[$0..<$0 + 4]) == gap })
            else {
                rest = bytes.count
                return
            }
            head = String(decoding: bytes[..<end], as: UTF8.self)
            var left = bytes[(end + 4)...]
            while let frame = Self.take(&left) { frames.append(frame) }
            rest = left.count
        }

        private static func take(_ bytes: inout ArraySlice<UInt8>) -> Frame? {
            let all = Array(bytes)
            guard all.count >= 2 else { return nil }
            var size = Int(all[1] & 127)
            var at = 2
            if size >= 126 {
                let width = size == 126 ? 2 : 8
                guard all.count >= 2 + width else { return nil }
                size = all[2..<2 + width].reduce(0) { $0 << 8 | Int($1) }
                at += width
            }
            guard all.count >= at + size else { return nil }
            bytes = bytes.dropFirst(at + size)
            return Frame(opcode: all[0] & 15, payload: Array(all[at..<at + size]))
        }
    }
}
