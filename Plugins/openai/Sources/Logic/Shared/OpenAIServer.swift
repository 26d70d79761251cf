// SPDX-License-Identifier: Apache-2.0
internal import SyrinxPlugin

/// Where requests go, and what they have in common.
struct OpenAIServer: Sendable {
    private let url: String
    private let headers: [(name: String, value: String)]
    private let timeoutMilliseconds: UInt32

    /// - Parameters:
    ///   - key: What the host puts in the key's place at the socket; never the key itself.
    ///   - timeout: In milliseconds; nil = the host's default.
    init(url: String?, key: String?, organization: String?, project: String?, timeout: UInt32?) {
        self.url = Self.base(url ?? "https://api.openai.com/v1")
        var headers: [(name: String, value: String)] = []
        if let key, !key.isEmpty { headers.append(("Authorization", "Bearer " + key)) }
        if let organization { headers.append(("OpenAI-Organization", organization)) }
        if let project { headers.append(("OpenAI-Project", project)) }
        self.headers = headers
        timeoutMilliseconds = timeout ?? 0
    }

    /// An address without a path means `/v1`, as vendors write it.
    private static func base(_ url: String) -> String {
        var url = url
        while url.hasSuffix("/") { url.removeLast() }
        let host = url.firstRange(of: "://").map { url[$0.upperBound...] } ?? url[...]
        return host.contains("/") ? url : url + "/v1"
    }

    func prewarm(_ host: Host) { host.prewarm(url) }

    func post(
        _ path: String, contentType: String, accept: String, body: [UInt8], generation: UInt64
    ) -> NetworkRequest {
        var request = NetworkRequest(url: url + path)
        request.method = "POST"
        request.headers = [(name: "Content-Type", value: contentType), (name: "Accept", value: accept)] + headers
        request.body = body
        request.generation = generation
        request.silenceMilliseconds = timeoutMilliseconds
        return request
    }
}
