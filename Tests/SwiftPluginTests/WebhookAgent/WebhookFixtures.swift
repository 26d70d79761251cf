// SPDX-License-Identifier: Apache-2.0
import SyrinxPlugin
import SyrinxPluginTesting
import WebhookAgent

/// A session of `webhook` with an endpoint that the test plays.
struct WebhookDesk {
    static let url = "https://example.com/agent"
    static let extras =
        #"{"history":[{"role":"user","text":"hi"}],"language":"en-GB","tools":[{"name":"time","parameters":{}}]}"#

    let provider: FakeProvider
    let session: FakeSession

    init(_ config: String = "", queueLimit: Int = .max, host: FakeHost = FakeHost()) throws {
        let rest = config.isEmpty ? "" : "," + config
        let whole = #"{"url":"\#(Self.url)"\#(rest)}"#
        provider = try host.open(webhookAgentModule.table, .agent, "webhook", config: whole)
        session = try provider.openSession(queueLimit: queueLimit)
    }

    func close() {
        session.close()
        provider.close()
    }

    var request: FakeRequest { session.requests[session.requests.count - 1] }
    var calls: [RecordedEvent] { session.events.filter { $0.type == .toolCall } }
    func body(_ index: Int = 0) throws -> JSONValue { try JSONValue(parsing: session.requests[index].bodyText) }

    func reply(_ body: String, type: String? = "application/json", pieceBytes: Int = 1 << 14) {
        let id = request.id
        session.answer(id, status: 200, headers: type.map { ["content-type": $0] } ?? [:])
        session.deliver(id, body, pieceBytes: pieceBytes)
        session.finish(id)
    }

    func result(_ text: String, of call: RecordedEvent, failed: Bool = false) {
        var event = OutgoingEvent(.toolResult, generation: call.generation, id: call.id)
        event.text = text
        event.integer = failed ? Int64(Status.internalError.rawValue) : 0
        session.send(event)
    }
}
