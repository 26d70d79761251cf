// SPDX-License-Identifier: Apache-2.0

internal import SyrinxCore

/// Vapi: calls over its WebSocket transport (vapi), created by REST.
///
/// An assistant whose id begins with `unknown` is not found. Who says goodbye is answered, and the assistant hangs up.
/// Two requests with the same `Idempotency-Key` create one call. Live control, recordings and webhooks are not here.
package struct VapiSimulator: Simulator {
    package static let name = "vapi"
    package static let summary = "calls over the WebSocket transport: an assistant that hears, thinks and speaks"
    package static let points = [
        "ready", "speech_started", "speech_stopped", "partial", "final", "audio", "words", "interrupted", "tool_call",
        "done", "ended",
    ]

    package let settings: SimulatorSettings
    private let calls = VapiCalls()

    package init(_ settings: SimulatorSettings) { self.settings = settings }

    /// A call's socket is its secret by itself.
    package func accepts(key: String, _ request: SimulatedRequest) -> Bool {
        request.isUpgrade || request.bearer == key
    }

    package func route(_ request: SimulatedRequest) -> SimulatedResponse {
        let parts = request.path.split(separator: "/").map(String.init)
        switch (request.method, parts.first ?? "", parts.count) {
        case ("POST", "call", 1): return create(request)
        case ("GET", "call", 1): return .json(.array(calls.all.map(\.json)))
        case ("GET", "call", 2): return calls[parts[1]].map { .json($0.json) } ?? notFound("call", request)
        case ("GET", _, 2) where parts[1] == "transport" && request.isUpgrade:
            guard let call = calls[parts[0]], call.status != "ended" else { return notFound("call", request) }
            return .socket(headers: []) { VapiSession($0, call, calls) }
        default: return notFound(request.path, request)
        }
    }

    private func create(_ request: SimulatedRequest) -> SimulatedResponse {
        let body = request.json ?? .null
        let flaws = VapiCall.flaws(of: body)
        guard flaws.isEmpty else {
            let messages = JSONValue.array(flaws.map { .string($0) })
            return .json(["message": messages, "error": "Bad Request", "statusCode": 400], status: 400)
        }
        guard body["assistantId"]?.string?.hasPrefix("unknown") != true else { return notFound("assistant", request) }
        let host = request.header("host") ?? "127.0.0.1"
        let call = calls.create(body, host: host, key: request.header("idempotency-key"))
        return .json(call.json, status: 201)
    }

    private func notFound(_ what: String, _ request: SimulatedRequest) -> SimulatedResponse {
        refuse(SimulatedFailure(status: 404, message: "Couldn't find \(what)."), request)
    }

    package func refuse(_ failure: SimulatedFailure, _ request: SimulatedRequest) -> SimulatedResponse {
        let error: JSONValue = [
            "message": .string(failure.message), "error": .string(Self.word(failure.status)),
            "statusCode": .int(Int64(failure.status)),
        ]
        return .json(error, status: failure.status)
    }

    package func configuration(_ address: SimulatorAddress) -> String {
        let config = "base_url: \"\(address.http)\", api_key: \"\(settings.key ?? "any")\", assistant_id: anyone"
        return """
            profiles:
              vapi:
                pipeline: s2s
                s2s: { provider: vapi, config: { \(config) } }
            """
    }

    private static func word(_ status: Int) -> String {
        switch status {
        case 400: "Bad Request"
        case 401: "Unauthorized"
        case 402: "Payment Required"
        case 403: "Forbidden"
        case 404: "Not Found"
        case 429: "Too Many Requests"
        case 503: "Service Unavailable"
        default: "Internal Server Error"
        }
    }
}
