// SPDX-License-Identifier: Apache-2.0

internal import Foundation
package import SyrinxCore

/// What a client asked for: a plain request with its whole body, or an upgrade to a WebSocket.
package struct SimulatedRequest: Sendable {
    /// The largest body that is taken, in bytes.
    package static let maximumBody = 32 << 20

    package let method: String
    /// As sent, with its query.
    package let target: String
    /// Decoded, without the query.
    package let path: String
    /// Decoded, in the order sent; names may repeat.
    package let query: [(name: String, value: String)]
    /// In the order sent.
    package let headers: [(name: String, value: String)]
    /// Empty where it is streamed.
    package var body: [UInt8]
    /// Counts the requests of a server from one.
    package let connection: Int
    package let isHTTP2: Bool

    package init(
        method: String, target: String, headers: [(name: String, value: String)] = [], body: [UInt8] = [],
        connection: Int = 0, isHTTP2: Bool = false
    ) {
        let parts = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        self.method = method
        self.target = target
        path = parts.first.map { $0.removingPercentEncoding ?? String($0) } ?? ""
        query = parts.count > 1 ? Self.pairs(parts[1]) : []
        self.headers = headers
        self.body = body
        self.connection = connection
        self.isHTTP2 = isHTTP2
    }

    /// The first value of a name.
    package func query(_ name: String) -> String? { query.first { $0.name == name }?.value }

    package func queries(_ name: String) -> [String] { query.filter { $0.name == name }.map(\.value) }

    /// The first value of a header, whatever its case.
    package func header(_ name: String) -> String? {
        let name = name.lowercased()
        return headers.first { $0.name.lowercased() == name }?.value
    }

    /// What follows `Authorization: Bearer `.
    package var bearer: String? { credential(scheme: "bearer") }

    /// What follows the scheme in `Authorization`.
    package func credential(scheme: String) -> String? {
        let parts = header("authorization")?.split(separator: " ", maxSplits: 1) ?? []
        return parts.count == 2 && parts[0].lowercased() == scheme.lowercased() ? String(parts[1]) : nil
    }

    /// The body, where it is JSON.
    package var json: JSONValue? { try? JSONValue(parsing: body, maximumBytes: Self.maximumBody) }

    package var isUpgrade: Bool { header("upgrade")?.lowercased() == "websocket" }

    /// Those the client offers, in its order.
    package var subprotocols: [String] {
        (header("sec-websocket-protocol") ?? "").split(separator: ",")
            .map { $0.trimmingCharacters(in: .whitespaces) }
    }

    /// The parts of a `multipart/form-data` body; none where it is something else.
    package var form: [FormPart] { FormPart.parts(of: body, type: header("content-type") ?? "") }

    private static func pairs(_ text: Substring) -> [(name: String, value: String)] {
        text.split(separator: "&").map { pair in
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(decoded)
            return (parts.first ?? "", parts.count > 1 ? parts[1] : "")
        }
    }

    /// Forms write a space as `+` (WHATWG URL 5.1).
    private static func decoded(_ text: Substring) -> String {
        let spaced = text.replacing("+", with: " ")
        return spaced.removingPercentEncoding ?? String(spaced)
    }
}
