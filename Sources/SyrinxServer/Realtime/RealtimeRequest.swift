// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import NIOHTTP1
internal import SyrinxAccess
internal import SyrinxCore

/// `GET /v1/realtime?model=NAME`, or `/TENANT/v1/realtime?…`, as clients of the Realtime protocol send it.
struct RealtimeRequest {
    static let path = "/v1/realtime"
    static let protocolName = "realtime"

    /// The profile's name, if there is one of that name.
    var model: String?
    var visit: Visit
    /// Of the answer to the handshake.
    var headers: [(String, String)] = []

    static func matches(_ uri: String) -> Bool {
        let uri = TenantPath.split(uri)?.rest ?? uri
        return uri == path || uri.hasPrefix(path + "?")
    }

    /// Parameters that are of no use here are let pass, as other servers of the protocol do.
    /// - Throws: `request.query_invalid`, `realtime.unsupported`.
    init(_ head: HTTPRequestHead, peer: SocketAddress?) throws(SyrinxError) {
        var tokens: [String] = []
        for (name, value) in try HandshakeQuery.parse(head.uri) {
            switch name {
            case "model": model = value.isEmpty ? nil : value
            case "token": tokens.append(value)
            case "intent" where value == "transcription", "call_id":
                throw Self.unsupported("`\(name)` is not served here")
            default: break
            }
        }
        guard !head.headers["openai-beta"].contains(where: { $0.contains("realtime=v1") }) else {
            throw Self.unsupported("this is the protocol of 2025 and later, not the beta before it")
        }
        let offered = head.headers[canonicalForm: "sec-websocket-protocol"].map(String.init)
        var authorization = head.headers["authorization"]
        // What a browser can send instead of a header.
        let prefix = "openai-insecure-api-key."
        authorization += offered.filter { $0.hasPrefix(prefix) }.map { "Bearer " + $0.dropFirst(prefix.count) }
        visit = Visit(
            authorization: authorization.map(ClientSecret.asSessionToken), tokens: tokens,
            host: head.headers.first(name: "host"), origin: head.headers.first(name: "origin"),
            pathTenant: TenantPath.split(head.uri)?.tenant, peer: peer?.ipAddress.flatMap { PeerAddress($0) })
        if offered.contains(Self.protocolName) { headers = [("sec-websocket-protocol", Self.protocolName)] }
    }

    private static func unsupported(_ message: String) -> SyrinxError {
        SyrinxError(
            "realtime.unsupported", message, fix: "connect to `/v1/realtime?model=NAME` without the header OpenAI-Beta")
    }
}

extension Visit {
    /// The protocol's SDKs insist on a key: where some tenant asks for none, theirs means nothing.
    func withoutForeignKeys(_ policies: PolicyStore) -> Visit {
        guard !policies.current.access.unauthenticatedTenants.isEmpty else { return self }
        var visit = self
        visit.authorization.removeAll { header in
            let key = header.drop { $0 != " " }.drop { $0 == " " }
            return !key.hasPrefix("sy") && !key.contains(".")
        }
        return visit
    }
}

/// `ek_…`: a session token under the name that the protocol's clients know.
enum ClientSecret {
    static func named(_ token: String) -> String { "ek_" + token.dropFirst("syt_".count) }

    static func asSessionToken(_ header: String) -> String {
        let parts = header.split(separator: " ", maxSplits: 1)
        guard parts.count == 2, parts[1].hasPrefix("ek_") else { return header }
        return "\(parts[0]) syt_\(parts[1].dropFirst(3))"
    }
}
