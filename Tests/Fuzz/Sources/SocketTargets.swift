// SPDX-License-Identifier: Apache-2.0

internal import NIOCore

@testable internal import NetParts
@testable internal import ServerParts
@testable internal import SyrinxCore

/// A client's bytes on a WebSocket of the server. In pieces, of the first byte's size, they say what they say as a whole.
enum SocketTarget {
    private static let limit = 1_000

    static func run(_ bytes: [UInt8]) {
        let stream = Array(bytes.dropFirst())
        let whole = read(stream, piece: max(1, stream.count))
        let pieces = read(stream, piece: Int(bytes.first ?? 0) % 32 + 1)
        precondition(whole == pieces, "pieces are read in another way")
        for case .text(let text) in whole { precondition(text.utf8.count <= limit) }
        for case .binary(let bytes) in whole { precondition(bytes.readableBytes <= limit) }
    }

    private static func read(_ stream: [UInt8], piece: Int) -> [MessageAssembler.Result] {
        var frames = FrameReader()
        var messages = MessageAssembler()
        messages.limit = limit
        var results: [MessageAssembler.Result] = []
        for start in stride(from: 0, to: stream.count, by: piece) {
            var bytes = ByteBuffer(bytes: stream[start..<min(start + piece, stream.count)])
            while let step = frames.next(&bytes) {
                switch messages.take(step) {
                case .more: continue
                case .close(let code): return results + [.close(code)]
                case .violation(let code): return results + [.violation(code)]
                case let result: results.append(result)
                }
            }
            precondition(bytes.readableBytes == 0, "bytes are left")
        }
        return results
    }
}

/// A provider's bytes on a WebSocket that a plugin has opened.
enum ProviderSocketTarget {
    private static let limit = 1_000

    static func run(_ bytes: [UInt8]) {
        let stream = Array(bytes.dropFirst())
        let whole = read(stream, piece: max(1, stream.count))
        precondition(whole == read(stream, piece: Int(bytes.first ?? 0) % 32 + 1), "pieces are read in another way")
        var size = 0
        for case .data(let part, _, let isLast) in whole {
            size += part.count
            precondition(size <= limit)
            if isLast { size = 0 }
        }
    }

    private static func read(_ stream: [UInt8], piece: Int) -> [FrameParser.Part?] {
        var parser = FrameParser(limit: limit)
        var parts: [FrameParser.Part?] = []
        for start in stride(from: 0, to: stream.count, by: piece) {
            parser.feed(ByteBuffer(bytes: stream[start..<min(start + piece, stream.count)]))
            do throws(FrameParser.Violation) {
                while let part = try parser.next() {
                    parts.append(part)
                    if case .close = part { return parts }
                }
            } catch {
                return parts + [nil]
            }
        }
        return parts
    }
}

/// Somebody at a door: the method, the URI, and headers, a line each; behind an empty line what the plugin answers, its
/// headers first.
enum DoorTarget {
    static func run(_ bytes: [UInt8]) {
        let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).map { Array($0).text }
        let head = lines.prefix { !$0.isEmpty }
        let headers = head.dropFirst(2).map { line in
            let parts = line.split(separator: ":", maxSplits: 1)
            return (name: String(parts.first ?? ""), value: String(parts.dropFirst().first ?? ""))
        }
        ask(head.first ?? "", head.dropFirst().first ?? "", headers)
        let answer = lines.dropFirst(head.count + 1)
        guard let json = try? JSONValue(parsing: answer.first ?? "") else { return }
        let reply = DoorReply(status: 200, headers: json, body: "")
        precondition(reply.headers.count <= 32)
        for (name, value) in reply.headers {
            let breaksOut = (name + value).utf8.contains { $0 < 0x20 || $0 == 0x7f }
            precondition(!name.isEmpty && !breaksOut, "a header is more than one")
        }
    }

    private static func ask(_ method: String, _ uri: String, _ headers: [(name: String, value: String)]) {
        for isUpgrade in [false, true] {
            var request = DoorRequest(uri: uri, method: method, headers: headers, peer: "127.0.0.1")
            request?.isUpgrade = isUpgrade
            guard let request else { continue }
            precondition(DoorRequest.matches(uri) && !request.door.isEmpty && request.call?.isEmpty != true)
            let json = try? JSONValue(parsing: request.json)
            precondition(json?["method"]?.string == method && json?["path"]?.string == request.path)
            precondition(json?["url"]?.string?.hasPrefix(isUpgrade ? "ws" : "http") == true)
        }
    }
}

/// A form of `POST /v1/realtime/calls`: its `Content-Type` in the first line, the body behind it.
enum MultipartTarget {
    static func run(_ bytes: [UInt8]) {
        let parts = bytes.split(separator: UInt8(ascii: "\n"), maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, let form = MultipartForm(Array(parts[1]), contentType: Array(parts[0]).text) else {
            return
        }
        precondition(form.parts.count <= 16)
        for (name, content) in form.parts {
            precondition(content.count <= bytes.count)
            if let text = form.text(name) { precondition(Array(text.utf8) == content) }
        }
    }
}
