// SPDX-License-Identifier: Apache-2.0
import SyrinxPlugin
import Testing

@Suite("Server-sent events")
struct ServerSentEventsTests {
    /// The examples of WHATWG HTML 9.2.6, and what vendors send.
    static let streams: [(String, [ServerSentEvent])] = [
        ("data: YHOO\ndata: +2\ndata: 10\n\n", [ServerSentEvent(data: "YHOO\n+2\n10")]),
        (
            ": test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\ndata:  third event\n\n",
            [
                ServerSentEvent(data: "first event", id: "1"), ServerSentEvent(data: "second event"),
                ServerSentEvent(data: " third event"),
            ]
        ),
        ("data\n\ndata\ndata\n\n", [ServerSentEvent(data: ""), ServerSentEvent(data: "\n")]),
        ("data:test\r\n\r\ndata: test\r\r", [ServerSentEvent(data: "test"), ServerSentEvent(data: "test")]),
        ("\u{FEFF}event: add\ndata: {\"ä\":1}\n\n", [ServerSentEvent(name: "add", data: "{\"ä\":1}")]),
        ("event: empty\n\nretry: 10\ndata: x\n\n", [ServerSentEvent(data: "x")]),
    ]

    @Test(arguments: streams.indices, [1, 2, 7, 1000])
    func `are read however they are cut`(index: Int, pieceBytes: Int) throws {
        let (text, events) = Self.streams[index]
        var reader = ServerSentEvents()
        let bytes = Array(text.utf8)
        var found: [ServerSentEvent] = []
        for start in stride(from: 0, to: bytes.count, by: pieceBytes) {
            found += try reader.feed(Array(bytes[start..<min(start + pieceBytes, bytes.count)]))
        }
        #expect(found == events)
        #expect(reader.end() == [])
    }

    @Test func `may lack the last blank line when the body is complete`() throws {
        var reader = ServerSentEvents()
        #expect(try reader.feed(Array("data: a\n\ndata: b".utf8)) == [ServerSentEvent(data: "a")])
        #expect(reader.end() == [ServerSentEvent(data: "b")])
    }

    @Test(arguments: ["data: 0123456789", "data: 0123\ndata: 4567\ndata: 89\n"])
    func `have a limit`(text: String) {
        var reader = ServerSentEvents(limit: 10)
        #expect { try reader.feed(Array(text.utf8)) } throws: { ($0 as? PluginError)?.status == .internalError }
    }
}

@Suite("Base64")
struct Base64Tests {
    @Test(arguments: [
        ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="),
    ])
    func `follows RFC 4648`(plain: String, encoded: String) {
        #expect(Base64.encode(Array(plain.utf8)) == encoded)
        #expect(Base64.decode(encoded) == Array(plain.utf8))
        #expect(Base64.decode(encoded.filter { $0 != "=" }) == Array(plain.utf8))
    }

    @Test(arguments: ["Z", "Zg=", "Zg===", "Z===", "Zm9v=", "Zm 9v", "Zm-v", "====", "Zm9vY", "Zg==Zg=="])
    func `refuses anything else`(text: String) {
        #expect(Base64.decode(text) == nil)
    }

    @Test func `carries samples as little-endian bytes`() {
        #expect(Base64.encode([1, -2] as [Int16]) == Base64.encode([1, 0, 0xFE, 0xFF] as [UInt8]))
        let bytes = (0..<1000).map { UInt8(truncatingIfNeeded: $0 * 7) }
        #expect(Base64.decode(Base64.encode(bytes)) == bytes)
    }
}

@Suite("Errors of vendors")
struct VendorErrorTests {
    @Test(arguments: [
        (401, Status.unauthenticated, false), (402, .quotaExceeded, false), (403, .notPermitted, false),
        (404, .notFound, false), (400, .invalid, false), (422, .invalid, false), (418, .invalid, false),
        (408, .deadlineExceeded, true), (504, .deadlineExceeded, true), (409, .unavailable, true),
        (425, .unavailable, true), (429, .quotaExceeded, true), (500, .unavailable, true), (503, .unavailable, true),
        (302, .internalError, false), (-1, .internalError, false),
    ])
    func `have a class`(code: Int, status: Status, isRetryable: Bool) {
        let error = VendorError.http(status: code, message: "m", retryAfterMilliseconds: 9)
        #expect(error.status == status && error.isRetryable == isRetryable)
        #expect(error.vendorCode == Int64(code) && error.retryAfterMilliseconds == 9)
    }

    @Test(arguments: [
        (401, "m; set `token` to a valid key"), (403, "m; check what the account of `token` may use"),
        (404, "m; check `url`, and the names in the configuration"),
        (402, "m; check the credit of the account of `token`"), (429, "m"), (400, "m"), (503, "m"),
    ])
    func `say what to do about a refusal`(code: Int, message: String) {
        let error = VendorError.http(status: code, message: "m", retryAfterMilliseconds: 9)
        #expect(error.advising(key: "token").message == message)
        #expect(error.advising(key: "token").status == error.status)
        let long = VendorError.http(status: code, message: String(repeating: "ö", count: 115)).advising(key: "token")
        #expect(long.message.utf8.count <= 231 && long.message.hasSuffix(message.dropFirst()))
    }

    static let waits: [([String: String], UInt32?)] = [
        (["retry-after": "2"], 2000), (["retry-after-ms": "250", "retry-after": "9"], 250),
        (["retry-after": "soon"], nil), (["retry-after": "-1"], nil), (["retry-after": "1e300"], 86_400_000),
        ([:], nil),
        (["retry-after": "nan"], nil), (["retry-after-ms": "inf"], nil),
    ]

    @Test(arguments: waits)
    func `say how long to wait`(headers: [String: String], milliseconds: UInt32?) {
        #expect(VendorError.retryAfterMilliseconds(headers) == milliseconds)
    }
}
