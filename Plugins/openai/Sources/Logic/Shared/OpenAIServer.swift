// SPDX-License-Identifier: Apache-2.0
internal import OpenAIHTTP
internal import SyrinxPlugin

/// Where requests go, and what they have in common.
struct OpenAIServer: Sendable {
    private let account: OpenAIAccount
    private let timeoutMilliseconds: UInt32

    /// - Parameters:
    ///   - key: What the host puts in the key's place at the socket; never the key itself.
    ///   - timeout: In milliseconds; nil = the host's default.
    init(url: String?, key: String?, organization: String?, project: String?, timeout: UInt32?) {
        account = OpenAIAccount(url: url, key: key, organization: organization, project: project)
        timeoutMilliseconds = timeout ?? 0
    }

    func prewarm(_ host: Host) { host.prewarm(account.url) }

    func post(
        _ path: String, contentType: String, accept: String, body: [UInt8], generation: UInt64
    ) -> NetworkRequest {
        var request = NetworkRequest(url: account.url + path)
        request.method = "POST"
        request.headers = [(name: "Content-Type", value: contentType), (name: "Accept", value: accept)]
        request.headers += account.headers
        request.body = body
        request.generation = generation
        request.silenceMilliseconds = timeoutMilliseconds
        return request
    }
}
