// SPDX-License-Identifier: Apache-2.0

package import SyrinxCore

/// Deepgram: live and recorded transcription (v1), Flux (v2), speech (v1), as its protocol page says.
///
/// Any model is taken, but one whose name begins with `unknown`.
package struct DeepgramSimulator: Simulator {
    package static let name = "deepgram"
    package static let summary = "live transcription (Nova, Flux), transcription of files, speech"
    package static let points = [
        "ready", "speech_started", "partial", "final", "finalized", "utterance_end", "turn_end", "audio", "flushed",
        "usage", "done", "error",
    ]

    package let settings: SimulatorSettings

    package init(_ settings: SimulatorSettings) { self.settings = settings }

    /// Keys come as `Token`, short-lived ones as `Bearer`, those of browsers among the subprotocols.
    package func accepts(key: String, _ request: SimulatedRequest) -> Bool {
        let offered = request.subprotocols.first == "token" ? request.subprotocols.dropFirst().first : nil
        return [request.credential(scheme: "token"), request.bearer, offered].contains(key)
    }

    package func route(_ request: SimulatedRequest) -> SimulatedResponse {
        answer(request).adding("dg-request-id", Self.identifier(request))
    }

    private func answer(_ request: SimulatedRequest) -> SimulatedResponse {
        if request.query("model")?.hasPrefix("unknown") == true {
            return refuse("No such model/version combination found.", "INVALID_QUERY_PARAMETER", request)
        }
        switch (request.method, request.path) {
        case ("GET", "/v1/listen") where request.isUpgrade: return listen(request)
        case ("GET", "/v2/listen") where request.isUpgrade: return flux(request)
        case ("GET", "/v1/speak") where request.isUpgrade: return speak(request)
        case ("POST", "/v1/listen"): return DeepgramRecording.answer(request, self)
        case ("POST", "/v1/speak"): return DeepgramReading.answer(request, self)
        case ("POST", "/v1/auth/grant"):
            return .json(["access_token": .string(settings.key ?? "simulated"), "expires_in": 30])
        default:
            return refuse(
                SimulatedFailure(status: 404, code: "NOT_FOUND", message: "\(request.method) \(request.path)"), request)
        }
    }

    private func listen(_ request: SimulatedRequest) -> SimulatedResponse {
        guard let audio = DeepgramAudio(request) else {
            return refuse("encoding and sample_rate must be given for raw audio", "INVALID_QUERY_PARAMETER", request)
        }
        if let end = request.query("utterance_end_ms").flatMap({ Int($0) }) {
            guard end >= 1_000, request.query("interim_results") == "true" else {
                return refuse("utterance_end_ms needs 1000 and interim_results", "INVALID_QUERY_PARAMETER", request)
            }
        }
        return .socket(headers: chosen(request)) { DeepgramEar($0, audio) }
    }

    private func flux(_ request: SimulatedRequest) -> SimulatedResponse {
        guard request.query("model")?.hasPrefix("flux-") == true else {
            return refuse("model is required, and of the flux family", "INVALID_QUERY_PARAMETER", request)
        }
        guard let audio = DeepgramAudio(request) else {
            return refuse("encoding and sample_rate must be given for raw audio", "INVALID_QUERY_PARAMETER", request)
        }
        return .socket(headers: chosen(request)) { DeepgramFlux($0, audio) }
    }

    private func speak(_ request: SimulatedRequest) -> SimulatedResponse {
        guard let sound = DeepgramSound(request) else {
            return refuse("this encoding is not simulated over a socket", "INVALID_QUERY_PARAMETER", request)
        }
        return .socket(headers: chosen(request)) { DeepgramMouth($0, sound) }
    }

    private func chosen(_ request: SimulatedRequest) -> [(String, String)] {
        request.subprotocols.contains("token") ? [("Sec-WebSocket-Protocol", "token")] : []
    }

    // MARK: errors

    func refuse(_ message: String, _ code: String, _ request: SimulatedRequest) -> SimulatedResponse {
        refuse(SimulatedFailure(status: 400, code: code, message: message), request)
    }

    package func refuse(_ failure: SimulatedFailure, _ request: SimulatedRequest) -> SimulatedResponse {
        .json(
            [
                "err_code": .string(Self.code(failure)), "err_msg": .string(failure.message),
                "request_id": .string(Self.identifier(request)),
            ], status: failure.status, headers: [("dg-error", failure.message)])
    }

    private static func code(_ failure: SimulatedFailure) -> String {
        guard failure.code.isEmpty else { return failure.code }
        return switch failure.status {
        case 401: "INVALID_AUTH"
        case 402: "ASR_PAYMENT_REQUIRED"
        case 403: "INSUFFICIENT_PERMISSIONS"
        case 429: "TOO_MANY_REQUESTS"
        default: "ERROR"
        }
    }

    package func errorMessage(_ failure: SimulatedFailure, _ request: SimulatedRequest) -> JSONValue? {
        [
            "type": "Error", "code": .string(failure.code.isEmpty ? "NET-0000" : failure.code),
            "description": .string(failure.message),
        ]
    }

    /// The same for all that belongs to a request.
    static func identifier(_ request: SimulatedRequest) -> String {
        let number = String(request.connection, radix: 16)
        return "00000000-0000-4000-8000-" + String(repeating: "0", count: max(0, 12 - number.count)) + number
    }

    package func configuration(_ address: SimulatorAddress) -> String {
        let config = "url: \"\(address.ws)\", api_key: \"\(settings.key ?? "any")\""
        return """
            profiles:
              deepgram:
                stt: { provider: deepgram, config: { \(config) } }
                tts: { provider: deepgram, config: { \(config) } }
            """
    }
}
