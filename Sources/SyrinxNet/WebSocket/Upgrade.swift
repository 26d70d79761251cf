// SPDX-License-Identifier: Apache-2.0

internal import Crypto
internal import Foundation
internal import NIOHTTP1
internal import SyrinxCore

/// The opening handshake of a WebSocket (RFC 6455, 4): what is asked, and whether the answer is one to it.
struct Upgrade {
    /// Headers that are the handshake's own.
    static let reserved: Set<String> = [
        "upgrade", "sec-websocket-key", "sec-websocket-version", "sec-websocket-extensions", "sec-websocket-accept",
    ]
    private static let guid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"

    let key: String
    /// Subprotocols that were offered.
    let offered: [String]

    init(_ request: NetworkRequest) {
        key = Data((0..<16).map { _ in UInt8.random(in: .min ... .max) }).base64EncodedString()
        offered = request.headers.filter { $0.name.lowercased() == "sec-websocket-protocol" }
            .flatMap { Self.tokens($0.value) }
    }

    var headers: [(String, String)] {
        [
            ("Upgrade", "websocket"), ("Connection", "Upgrade"), ("Sec-WebSocket-Key", key),
            ("Sec-WebSocket-Version", "13"),
        ]
    }

    static func accept(for key: String) -> String {
        Data(Insecure.SHA1.hash(data: Data((key + guid).utf8))).base64EncodedString()
    }

    /// The subprotocol that the other side chose, "" = none.
    /// - Throws: what is wrong with the answer, in a few words.
    func check(_ head: HTTPResponseHead) throws(Flaw) -> String {
        guard head.headers["Upgrade"].flatMap(Self.tokens).contains(where: { $0.lowercased() == "websocket" }) else {
            throw Flaw(text: "does not say Upgrade: websocket")
        }
        guard head.headers["Connection"].flatMap(Self.tokens).contains(where: { $0.lowercased() == "upgrade" }) else {
            throw Flaw(text: "does not say Connection: Upgrade")
        }
        guard head.headers["Sec-WebSocket-Accept"] == [Self.accept(for: key)] else {
            throw Flaw(text: "has a wrong Sec-WebSocket-Accept")
        }
        guard head.headers["Sec-WebSocket-Extensions"].allSatisfy(\.isEmpty) else {
            throw Flaw(text: "chooses an extension, and none was offered")
        }
        let chosen = head.headers["Sec-WebSocket-Protocol"]
        guard chosen.count <= 1, chosen.allSatisfy(offered.contains) else {
            throw Flaw(text: "chooses a subprotocol that was not offered")
        }
        return chosen.first ?? ""
    }

    struct Flaw: Error { let text: String }

    private static func tokens(_ value: String) -> [String] {
        value.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
    }
}
