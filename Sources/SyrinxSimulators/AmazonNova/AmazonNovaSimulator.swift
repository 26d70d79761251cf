// SPDX-License-Identifier: Apache-2.0

package import SyrinxCore

/// Amazon Nova Sonic on Bedrock: one bidirectional event stream over HTTP/2 (amazon-nova-sonic).
///
/// With `--key ID:SECRET[:TOKEN]` it checks the request's signature, and each event's. Clients speak HTTP/2 over TLS alone: give
/// it a certificate.
package struct AmazonNovaSimulator: Simulator {
    package static let name = "amazon_nova"
    package static let summary = "speech to speech by Bedrock's bidirectional stream; --key ID:SECRET[:TOKEN], --tls"
    package static let points = [
        "ready", "final", "delta", "tool_call", "audio", "done", "spoken", "interrupted", "usage", "completion",
        "error",
    ]

    package let settings: SimulatorSettings

    package init(_ settings: SimulatorSettings) { self.settings = settings }

    package func accepts(key: String, _ request: SimulatedRequest) -> Bool {
        NovaSignatures.Key(key).flatMap { NovaSignatures(request, key: $0) } != nil
    }

    package func streamsBody(_ request: SimulatedRequest) -> Bool { model(request) != nil }

    package func route(_ request: SimulatedRequest) -> SimulatedResponse {
        guard let model = model(request) else {
            return refuse(SimulatedFailure(status: 404, message: "no such operation: \(request.path)"), request)
        }
        guard model.hasPrefix("amazon.nova-"), model.contains("sonic") else {
            let message = "The provided model identifier is invalid."
            return refuse(SimulatedFailure(status: 400, message: message), request)
        }
        guard request.isHTTP2 else {
            return refuse(SimulatedFailure(status: 400, message: "this operation takes HTTP/2 only"), request)
        }
        let headers = [("content-type", "application/vnd.amazon.eventstream"), ("x-amzn-requestid", "simulated")]
        return .stream(status: 200, headers: headers) { stream in
            let signatures = settings.key.flatMap(NovaSignatures.Key.init).flatMap { NovaSignatures(request, key: $0) }
            NovaStreamSession(stream, model: model, signatures: signatures).begin()
        }
    }

    package func refuse(_ failure: SimulatedFailure, _ request: SimulatedRequest) -> SimulatedResponse {
        // Amazon knows no 401: a key that is wrong is forbidden.
        let status = failure.status == 401 ? 403 : failure.status
        let type = failure.code.isEmpty ? Self.type(failure.status) : failure.code
        return .json(["message": .string(failure.message)], status: status, headers: [("x-amzn-errortype", type)])
    }

    package func errorMessage(_ failure: SimulatedFailure, _ request: SimulatedRequest) -> JSONValue? {
        let type = failure.code.isEmpty ? "internalServerException" : failure.code
        return ["type": .string(type), "message": .string(failure.message)]
    }

    package func configuration(_ address: SimulatorAddress) -> String {
        let key = settings.key.flatMap(NovaSignatures.Key.init)
        let token = key?.token.map { "\n        session_token: \"\($0)\"" } ?? ""
        return """
            profiles:
              nova:
                pipeline: s2s
                s2s:
                  provider: amazon_nova
                  config:
                    url: "\(address.http)"
                    access_key_id: "\(key?.id ?? "AKIDEXAMPLE")"
                    secret_access_key: "\(key?.secret ?? "any")"\(token)
            """
    }

    private func model(_ request: SimulatedRequest) -> String? {
        let parts = request.path.split(separator: "/", omittingEmptySubsequences: false)
        guard request.method == "POST", parts.count >= 4, parts[1] == "model",
            parts.last == "invoke-with-bidirectional-stream"
        else { return nil }
        return parts[2..<parts.count - 1].joined(separator: "/")
    }

    private static func type(_ status: Int) -> String {
        switch status {
        case 401: "UnrecognizedClientException"
        case 403: "AccessDeniedException"
        case 404: "ResourceNotFoundException"
        case 408: "ModelTimeoutException"
        case 424: "ModelErrorException"
        case 429: "ThrottlingException"
        case 503: "ServiceUnavailableException"
        case 500...: "InternalServerException"
        default: "ValidationException"
        }
    }
}
