// SPDX-License-Identifier: Apache-2.0

package import SyrinxCore

/// OpenAI, as of the GA protocols: chat completions, speech, transcriptions and Realtime (openai-http, openai-realtime).
///
/// Any model is taken, but one whose name begins with `unknown`.
package struct OpenAISimulator: Simulator {
    package static let name = "openai"
    package static let summary = "chat completions, speech, transcriptions, Realtime"
    package static let points = [
        "ready", "speech_started", "partial", "final", "turn_end", "created", "delta", "audio", "tool_call", "usage",
        "done", "error",
    ]

    package let settings: SimulatorSettings

    package init(_ settings: SimulatorSettings) { self.settings = settings }

    /// Of browsers the key comes among the subprotocols.
    package func accepts(key: String, _ request: SimulatedRequest) -> Bool {
        let offered = [request.bearer] + request.subprotocols.map { $0.split(separator: "key.").last.map(String.init) }
        return offered.contains { $0 == key || $0 == "ek_\(key)" }
    }

    package func route(_ request: SimulatedRequest) -> SimulatedResponse {
        let response: SimulatedResponse =
            switch (request.method, request.path) {
            case ("GET", "/v1/models"): OpenAIModels.list
            case ("POST", "/v1/chat/completions"): OpenAIChat.answer(request, self)
            case ("POST", "/v1/audio/speech"): OpenAISpeech.answer(request, self)
            case ("POST", "/v1/audio/transcriptions"): OpenAITranscription.answer(request, self)
            case ("GET", "/v1/realtime"): realtime(request)
            case ("POST", "/v1/realtime/client_secrets"): secret(request)
            default:
                refuse(
                    SimulatedFailure(status: 404, message: "Unknown request URL: \(request.method) \(request.path)"),
                    request)
            }
        return response.adding("x-request-id", "req_\(request.connection)")
    }

    private func realtime(_ request: SimulatedRequest) -> SimulatedResponse {
        guard request.query("model") != nil || request.query("intent") != nil || request.query("call_id") != nil else {
            return refuse(SimulatedFailure(status: 400, code: "missing_model", message: "`model` is missing"), request)
        }
        let chosen = request.subprotocols.contains("realtime") ? [("Sec-WebSocket-Protocol", "realtime")] : []
        return .socket(headers: chosen) { RealtimeSession($0) }
    }

    private func secret(_ request: SimulatedRequest) -> SimulatedResponse {
        .json([
            "value": .string("ek_\(settings.key ?? "simulated")"), "expires_at": .int(OpenAIClock.seconds + 600),
            "session": request.json?["session"] ?? [:],
        ])
    }

    package func refuse(_ failure: SimulatedFailure, _ request: SimulatedRequest) -> SimulatedResponse {
        .json(["error": OpenAIError.body(failure)], status: failure.status)
    }

    package func errorMessage(_ failure: SimulatedFailure, _ request: SimulatedRequest) -> JSONValue? {
        guard request.isUpgrade else { return ["error": OpenAIError.body(failure)] }
        return ["type": "error", "event_id": "event_fault", "error": OpenAIError.body(failure)]
    }

    package func configuration(_ address: SimulatorAddress) -> String {
        let config = "url: \"\(address.http)/v1\", api_key: \"\(settings.key ?? "any")\""
        let socket = "url: \"\(address.ws)/v1/realtime\", api_key: \"\(settings.key ?? "any")\""
        return """
            profiles:
              openai:
                stt: { provider: openai, config: { \(config) } }
                agent: { provider: openai_chat, config: { \(config) } }
                tts: { provider: openai, config: { \(config) } }
              realtime:
                pipeline: s2s
                s2s: { provider: openai_realtime, config: { \(socket) } }
            """
    }
}

/// Error objects: `{"message", "type", "param", "code"}`.
enum OpenAIError {
    static func body(_ failure: SimulatedFailure, param: String? = nil) -> JSONValue {
        let (type, code) = names(failure)
        return [
            "message": .string(failure.message), "type": .string(type),
            "param": param.map { .string($0) } ?? nil, "code": code.map { .string($0) } ?? nil,
        ]
    }

    private static func names(_ failure: SimulatedFailure) -> (type: String, code: String?) {
        let code = failure.code.isEmpty ? nil : failure.code
        return switch failure.status {
        case 401: ("invalid_request_error", code ?? "invalid_api_key")
        case 404: ("invalid_request_error", code)
        case 429: (code == "insufficient_quota" ? "insufficient_quota" : "requests", code ?? "rate_limit_exceeded")
        case 500...: ("server_error", code ?? (failure.status == 503 ? "overloaded" : "server_error"))
        default: ("invalid_request_error", code)
        }
    }
}

enum OpenAIModels {
    static var list: SimulatedResponse {
        let names = ["gpt-5-mini", "gpt-4o-mini-tts", "gpt-4o-transcribe", "gpt-realtime"]
        return .json(["object": "list", "data": .array(names.map(model))])
    }

    private static func model(_ name: String) -> JSONValue {
        ["id": .string(name), "object": "model", "created": 1_700_000_000, "owned_by": "simulator"]
    }

    /// A refusal, where the model is missing or `unknown…`.
    static func refusal(
        of model: String?, _ simulator: OpenAISimulator, _ request: SimulatedRequest
    ) -> SimulatedResponse? {
        guard let model else {
            let message = "you must provide a model parameter"
            return simulator.refuse(SimulatedFailure(status: 400, message: message), request)
        }
        guard model.hasPrefix("unknown") else { return nil }
        let message = "The model `\(model)` does not exist or you do not have access to it."
        return simulator.refuse(SimulatedFailure(status: 404, code: "model_not_found", message: message), request)
    }
}
