// SPDX-License-Identifier: Apache-2.0
internal import OpenAIHTTP
internal import SyrinxPlugin

/// The provider's configuration; what a session may set too is optional, and the session's wins.
public struct ChatConfig: Decodable, Sendable {
    var url: String?
    /// What the host puts in the key's place at the socket; never the key itself.
    var apiKey: String?
    var organization: String?
    var project: String?
    var offersTools: Bool?
    var maximumSteps: Int?
    var canHangUp: Bool?
    var extra: JSONValue?
    var timeoutMilliseconds: UInt32?
    var model: String?
    var instructions: String?
    var temperature: Double?
    var maximumTokens: Int?

    private enum CodingKeys: String, CodingKey {
        case url
        case apiKey = "api_key"
        case organization, project
        case offersTools = "tools"
        case maximumSteps = "max_steps"
        case canHangUp = "can_hang_up"
        case extra
        case timeoutMilliseconds = "timeout_ms"
        case model, instructions, temperature
        case maximumTokens = "max_tokens"
    }
}

/// What the requests of one session have in common.
struct ChatSettings: Sendable {
    let url: String
    let headers: [(name: String, value: String)]
    let model: String
    let instructions: String
    let temperature: Double?
    let maximumTokens: Int?
    let extra: [String: JSONValue]
    let offersTools: Bool
    let maximumSteps: Int
    let canHangUp: Bool
    let timeoutMilliseconds: UInt32

    init(_ config: ChatConfig, options: ChatConfig) {
        let account = OpenAIAccount(
            url: config.url, key: config.apiKey, organization: config.organization, project: config.project)
        url = account.url + "/chat/completions"
        headers = [("Content-Type", "application/json"), ("Accept", "text/event-stream")] + account.headers
        model = options.model ?? config.model ?? "gpt-4o-mini"
        instructions = options.instructions ?? config.instructions ?? ""
        temperature = options.temperature ?? config.temperature
        maximumTokens = options.maximumTokens ?? config.maximumTokens
        extra = config.extra?.object ?? [:]
        offersTools = config.offersTools ?? true
        maximumSteps = config.maximumSteps ?? 3
        canHangUp = config.canHangUp ?? false
        timeoutMilliseconds = config.timeoutMilliseconds ?? 8_000
    }

    /// OpenAI's newer models know only the new name, other servers often only the old one.
    var tokenLimitKey: String {
        url.hasPrefix("https://api.openai.com/") ? "max_completion_tokens" : "max_tokens"
    }
}
