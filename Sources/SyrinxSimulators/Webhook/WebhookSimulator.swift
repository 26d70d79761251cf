// SPDX-License-Identifier: Apache-2.0

internal import Crypto
internal import Foundation
package import SyrinxCore

/// An endpoint as the agent `webhook` posts turns to; it answers with server-sent events.
///
/// With `--key SECRET` it checks the signature of each request, as Standard Webhooks has it.
package struct WebhookSimulator: Simulator {
    package static let name = "webhook"
    package static let summary = "an endpoint for the agent webhook; --key SECRET checks its signatures"
    package static let points = ["delta", "tool_call", "done", "error"]

    package let settings: SimulatorSettings

    package init(_ settings: SimulatorSettings) { self.settings = settings }

    package func accepts(key: String, _ request: SimulatedRequest) -> Bool {
        guard let key = SigningSecret.key(key), let id = request.header("webhook-id"),
            let timestamp = request.header("webhook-timestamp"), let given = request.header("webhook-signature")
        else { return false }
        let signed = Array("\(id).\(timestamp).".utf8) + request.body
        let code = HMAC<SHA256>.authenticationCode(for: signed, using: SymmetricKey(data: key))
        return given.split(separator: " ").contains { $0 == "v1,\(Data(code).base64EncodedString())" }
    }

    package func route(_ request: SimulatedRequest) -> SimulatedResponse {
        guard request.method == "POST", let turn = request.json, let text = turn["text"]?.string else {
            return refuse(SimulatedFailure(status: 400, message: "this is no turn"), request)
        }
        let answer = answer(text, turn)
        return .stream(status: 200, headers: [("content-type", "text/event-stream")]) { stream in
            switch answer {
            case .text(let text):
                let words = SimulatedText.words(text)
                stream.play(words.count, every: 0) {
                    stream.event(["delta": .string(words[$0])], at: "delta")
                } end: {
                    finish(stream)
                }
            case .calls(let calls):
                let list = calls.map { call -> JSONValue in ["name": .string(call.name), "arguments": call.arguments] }
                stream.event(["tool_calls": .array(list)], at: "tool_call")
                finish(stream)
            }
        }
    }

    private func finish(_ stream: SimulatedStream) {
        stream.event(data: "[DONE]", at: "done")
        stream.finish()
    }

    private func answer(_ text: String, _ turn: JSONValue) -> SimulatedMind.Answer {
        let results = (turn["tool_results"]?.array ?? []).compactMap { $0["text"]?.string }
        if !results.isEmpty { return settings.mind.answer(toolResults: results) }
        let tools = (turn["tools"]?.array ?? []).compactMap { tool in
            tool["name"]?.string.map { SimulatedTool(name: $0, parameters: tool["parameters"] ?? [:]) }
        }
        return settings.mind.answer(text, tools: tools)
    }

    package func refuse(_ failure: SimulatedFailure, _ request: SimulatedRequest) -> SimulatedResponse {
        .json(["error": .string(failure.message)], status: failure.status)
    }

    package func errorMessage(_ failure: SimulatedFailure, _ request: SimulatedRequest) -> JSONValue? {
        ["error": ["message": .string(failure.message)]]
    }

    package func configuration(_ address: SimulatorAddress) -> String {
        let secret = settings.key.map { ", secret: \"\($0)\"" } ?? ""
        return """
            profiles:
              webhook:
                agent: { provider: webhook, config: { url: "\(address.http)/turn"\(secret) } }
            """
    }
}
