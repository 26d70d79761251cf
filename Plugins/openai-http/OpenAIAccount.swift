// SPDX-License-Identifier: Apache-2.0

/// Where the API is, and as whom it is asked.
package struct OpenAIAccount: Sendable {
    /// Where the API begins; paths follow.
    package let url: String
    /// What every request says of the one who asks.
    package let headers: [(name: String, value: String)]

    /// - Parameters:
    ///   - url: Of any compatible server; nil = OpenAI's. Without a path `/v1` is meant, as vendors write it.
    ///   - key: What the host puts in the key's place at the socket; never the key itself.
    package init(url: String?, key: String?, organization: String?, project: String?) {
        self.url = Self.base(url ?? "https://api.openai.com/v1")
        var headers: [(name: String, value: String)] = []
        if let key, !key.isEmpty { headers.append(("Authorization", "Bearer " + key)) }
        if let organization { headers.append(("OpenAI-Organization", organization)) }
        if let project { headers.append(("OpenAI-Project", project)) }
        self.headers = headers
    }

    private static func base(_ url: String) -> String {
        var url = url
        while url.hasSuffix("/") { url.removeLast() }
        let host = url.firstRange(of: "://").map { url[$0.upperBound...] } ?? url[...]
        return host.contains("/") ? url : url + "/v1"
    }
}
