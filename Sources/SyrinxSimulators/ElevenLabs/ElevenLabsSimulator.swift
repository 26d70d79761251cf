// SPDX-License-Identifier: Apache-2.0

package import SyrinxCore

/// ElevenLabs: speech over HTTP and over both of its sockets, as its protocol page says.
///
/// Any voice is taken, but one whose name begins with `unknown`; of formats pcm, ulaw and alaw.
package struct ElevenLabsSimulator: Simulator {
    package static let name = "elevenlabs"
    package static let summary =
        "speech over HTTP, with and without times, and over sockets with one and with many contexts"
    package static let points = ["ready", "audio", "final", "done", "error"]

    package let settings: SimulatorSettings

    package init(_ settings: SimulatorSettings) { self.settings = settings }

    /// A socket may bring its key with the first message, which its session holds it to.
    package func accepts(key: String, _ request: SimulatedRequest) -> Bool {
        let offered = [request.header("xi-api-key"), request.bearer, request.query("authorization")]
        if request.isUpgrade, offered.allSatisfy({ $0 == nil }) { return true }
        return offered.contains(key)
    }

    package func route(_ request: SimulatedRequest) -> SimulatedResponse {
        let parts = request.path.split(separator: "/").map(String.init)
        switch (request.method, parts.count) {
        case ("GET", 2) where request.path == "/v1/models": return ElevenLabsLists.models
        case ("GET", 2) where request.path == "/v1/voices": return ElevenLabsLists.voices
        case (_, 3...) where parts[0] == "v1" && parts[1] == "text-to-speech":
            return speech(request, voice: parts[2], rest: parts[3...].joined(separator: "/"))
        default: return refuse(SimulatedFailure(status: 404, code: "not_found", message: request.path), request)
        }
    }

    private func speech(_ request: SimulatedRequest, voice: String, rest: String) -> SimulatedResponse {
        guard !voice.hasPrefix("unknown") else {
            let message = "A voice with the voice_id \(voice) was not found."
            return refuse(SimulatedFailure(status: 404, code: "voice_not_found", message: message), request)
        }
        guard let format = ElevenLabsFormat(request.query("output_format") ?? "mp3_44100_128") else {
            let message = "this simulator makes pcm, ulaw and alaw only"
            return refuse(SimulatedFailure(status: 400, code: "unsupported_output_format", message: message), request)
        }
        switch (request.method, rest) {
        case ("GET", "stream-input") where request.isUpgrade:
            return .socket(headers: []) { ElevenLabsSingle($0, format) }
        case ("GET", "multi-stream-input") where request.isUpgrade:
            return .socket(headers: []) { ElevenLabsMulti($0, format) }
        case ("POST", ""), ("POST", "stream"):
            return ElevenLabsHTTP.answer(request, format, self, isTimed: false)
        case ("POST", "with-timestamps"):
            return ElevenLabsHTTP.whole(request, format, self)
        case ("POST", "stream/with-timestamps"):
            return ElevenLabsHTTP.answer(request, format, self, isTimed: true)
        default: return refuse(SimulatedFailure(status: 404, code: "not_found", message: request.path), request)
        }
    }

    // MARK: errors

    package func refuse(_ failure: SimulatedFailure, _ request: SimulatedRequest) -> SimulatedResponse {
        guard failure.status != 422 else {
            let detail: JSONValue = ["loc": ["body", "text"], "msg": .string(failure.message), "type": "missing"]
            return .json(["detail": [detail]], status: 422)
        }
        let detail: JSONValue = ["status": .string(Self.code(failure)), "message": .string(failure.message)]
        return .json(["detail": detail], status: failure.status)
    }

    private static func code(_ failure: SimulatedFailure) -> String {
        guard failure.code.isEmpty else { return failure.code }
        return switch failure.status {
        case 401: "invalid_api_key"
        case 403: "only_for_creator+"
        case 429: "too_many_concurrent_requests"
        case 500...: "system_busy"
        default: "invalid_request"
        }
    }

    package func errorMessage(_ failure: SimulatedFailure, _ request: SimulatedRequest) -> JSONValue? {
        [
            "message": .string(failure.message), "error": .string(failure.code.isEmpty ? "system_busy" : failure.code),
            "code": 1008,
        ]
    }

    package func configuration(_ address: SimulatorAddress) -> String {
        let config = "url: \"\(address.ws)\", api_key: \"\(settings.key ?? "any")\", voice_id: anyone"
        return """
            profiles:
              elevenlabs:
                tts: { provider: elevenlabs, config: { \(config) } }
            """
    }
}

/// What of the vendor's lists its SDK asks for.
enum ElevenLabsLists {
    static var models: SimulatedResponse {
        .json([
            ["model_id": "eleven_flash_v2_5", "name": "Flash v2.5", "can_do_text_to_speech": true],
            ["model_id": "eleven_multilingual_v2", "name": "Multilingual v2", "can_do_text_to_speech": true],
        ])
    }

    static var voices: SimulatedResponse {
        .json(["voices": [["voice_id": "anyone", "name": "Anyone", "category": "premade"]]])
    }
}
