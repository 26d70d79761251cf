// SPDX-License-Identifier: Apache-2.0

internal import SyrinxSimulators
internal import Testing

/// The endpoint that `syrinx simulate webhook` plays.
@Suite struct WebhookTests {
    private static let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

    private static let body = #"{"text":"say good morning"}"#
    /// Of the body, by the bytes behind the prefix.
    private static let signature = "v1,0TtCRdouHZtN/bHhL3g+IK4T2pK57/PyuE70SeouUBU="

    private func ask(_ body: String, signature: String?, key: String?) async throws -> String {
        let server = try await SimulatorServer.start(WebhookSimulator(SimulatorSettings(key: key)))
        let signatures = signature.map { ["webhook-signature: \($0)"] } ?? []
        let headers = ["webhook-id: msg_1", "webhook-timestamp: 17"] + signatures
        let answer = try await RawClient(server).request("POST", "/turn", headers: headers, body: body)
        await server.stop()
        return answer
    }

    @Test func `answers a turn whose signature is right, word by word`() async throws {
        let answer = try await ask(Self.body, signature: Self.signature, key: Self.secret)
        #expect(answer.hasPrefix("HTTP/1.1 200"))
        #expect(answer.contains(#"data: {"delta":"good "}"#) && answer.contains("data: [DONE]"))
    }

    @Test func `refuses a signature that is missing or wrong, and what is no turn`() async throws {
        for signature in [nil, "v1,AAAA"] {
            #expect(try await ask(Self.body, signature: signature, key: Self.secret).hasPrefix("HTTP/1.1 401"))
        }
        let another = #"{"text":"say goodbye"}"#
        #expect(try await ask(another, signature: Self.signature, key: Self.secret).hasPrefix("HTTP/1.1 401"))
        #expect(try await ask("[]", signature: nil, key: nil).hasPrefix("HTTP/1.1 400"))
    }
}
