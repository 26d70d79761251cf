// SPDX-License-Identifier: Apache-2.0

internal import SyrinxCore

/// Gemini Live (gemini-live): BidiGenerateContent over a WebSocket, in all versions of its path.
///
/// A model whose name has `unknown` in it is not found. A turn with the words `go away` is answered as ever, and the
/// connection ends ten seconds later, as one does after ten minutes; sessions go on by their handle.
package struct GeminiSimulator: Simulator {
    package static let name = "gemini"
    package static let summary = "Gemini Live: speech to speech"
    package static let points = [
        "ready", "partial", "final", "speech_started", "audio", "delta", "tool_call", "cancellation", "interrupted",
        "generated", "done", "resumption", "go_away",
    ]

    package let settings: SimulatorSettings
    private let memory = GeminiMemory()

    package init(_ settings: SimulatorSettings) { self.settings = settings }

    /// In the header, in the query, or as an ephemeral token.
    package func accepts(key: String, _ request: SimulatedRequest) -> Bool {
        let token = request.credential(scheme: "token")
        return [request.header("x-goog-api-key"), request.query("key"), request.bearer, token].contains(key)
    }

    package func route(_ request: SimulatedRequest) -> SimulatedResponse {
        let isLive = request.path.hasSuffix(".BidiGenerateContent") || request.path.hasSuffix("/BidiGenerateContent")
        let isConstrained = request.path.hasSuffix(".BidiGenerateContentConstrained")
        guard request.isUpgrade, isLive || isConstrained else {
            return refuse(SimulatedFailure(status: 404, message: "\(request.path) is not here."), request)
        }
        return .socket(headers: []) { GeminiSession($0, memory) }
    }

    package func refuse(_ failure: SimulatedFailure, _ request: SimulatedRequest) -> SimulatedResponse {
        let error: JSONValue = [
            "code": .int(Int64(failure.status)), "message": .string(failure.message),
            "status": .string(failure.code.isEmpty ? Self.status(failure.status) : failure.code),
        ]
        return .json(["error": error], status: failure.status)
    }

    package func configuration(_ address: SimulatorAddress) -> String {
        let key = settings.key ?? "any"
        return """
            profiles:
              gemini:
                pipeline: s2s
                s2s: { provider: gemini_live, config: { url: "\(address.ws)", api_key: "\(key)" } }
            """
    }

    private static func status(_ code: Int) -> String {
        switch code {
        case 400: "INVALID_ARGUMENT"
        case 401: "UNAUTHENTICATED"
        case 403: "PERMISSION_DENIED"
        case 404: "NOT_FOUND"
        case 429: "RESOURCE_EXHAUSTED"
        case 503: "UNAVAILABLE"
        case 504: "DEADLINE_EXCEEDED"
        default: "INTERNAL"
        }
    }
}
