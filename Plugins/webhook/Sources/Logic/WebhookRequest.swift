// SPDX-License-Identifier: Apache-2.0
internal import SyrinxPlugin

/// One POST of a turn, signed after Standard Webhooks, as the server's own webhooks are.
struct WebhookRequest: Sendable {
    /// Tells requests apart for the receiver: session, generation and step.
    let id: String
    /// Seconds since 1970.
    let timestamp: Int64
    let body: [UInt8]

    /// What the signature is over.
    var signed: [UInt8] { Array("\(id).\(timestamp).".utf8) + body }

    /// - Parameter digest: HMAC-SHA256 of ``signed``; nil = not signed.
    func network(_ config: WebhookConfig, digest: [UInt8]?, generation: UInt64) -> NetworkRequest {
        var request = NetworkRequest(url: config.url)
        request.method = "POST"
        request.headers = [
            (name: "Content-Type", value: "application/json"),
            (name: "Accept", value: "text/event-stream, application/x-ndjson, application/json, text/plain"),
            (name: "webhook-id", value: id),
            (name: "webhook-timestamp", value: "\(timestamp)"),
        ]
        if let digest { request.headers.append((name: "webhook-signature", value: "v1," + Base64.encode(digest))) }
        if let bearer = config.bearer, !bearer.isEmpty {
            request.headers.append((name: "Authorization", value: "Bearer " + bearer))
        }
        request.body = body
        request.generation = generation
        request.silenceMilliseconds = config.timeout
        return request
    }
}
