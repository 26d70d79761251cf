// SPDX-License-Identifier: Apache-2.0

internal import Foundation
internal import Synchronization
internal import SyrinxCore

/// One call, as it was asked for.
struct VapiCall: Sendable {
    let id: String
    let body: JSONValue
    let host: String
    let createdAt = Date()
    var status = "queued"
    var endedReason: String?

    var format: String { body["transport"]?["audioFormat"]?["format"]?.string ?? "pcm_s16le" }
    var rate: Int { Int(clamping: body["transport"]?["audioFormat"]?["sampleRate"]?.int ?? 16_000) }
    var assistant: JSONValue { body["assistant"] ?? [:] }

    private static let keys: Set<String> = [
        "assistantVersion", "squadVersion", "transport", "customers", "name", "schedulePlan", "assistantId",
        "assistant", "assistantOverrides", "squadId", "squad", "squadOverrides", "workflowId", "workflow",
        "workflowOverrides", "phoneNumberId", "phoneNumber", "customerId", "customer",
    ]

    /// What the vendor would not take.
    static func flaws(of body: JSONValue) -> [String] {
        let unknown = (body.object ?? [:]).keys.filter { !keys.contains($0) }.sorted()
        var flaws = unknown.map { "property \($0.prefix(40)) should not exist" }
        let answerers = ["assistantId", "assistant", "squadId", "squad", "workflowId"].filter { body[$0] != nil }
        if answerers.count != 1 { flaws.append("exactly one of assistantId, assistant, squadId is needed") }
        for key in ["phoneNumber", "phoneNumberId", "customer"] where body[key] != nil {
            flaws.append("\(key) must not be there with this transport")
        }
        let transport = body["transport"]
        if transport?["provider"]?.string != "vapi.websocket" { flaws.append("transport.provider is not known here") }
        let format = transport?["audioFormat"]
        if let name = format?["format"], !["pcm_s16le", "mulaw"].contains(name.string) {
            flaws.append("transport.audioFormat.format must be one of pcm_s16le, mulaw")
        }
        if let rate = format?["sampleRate"], !(8_000...48_000).contains(rate.int ?? 0) {
            flaws.append("transport.audioFormat.sampleRate is out of range")
        }
        return flaws
    }

    var json: JSONValue {
        var transport = body["transport"]?.object ?? [:]
        transport["websocketCallUrl"] = .string("ws://\(host)/\(id)/transport")
        let time = JSONValue.string(createdAt.ISO8601Format())
        var call: [String: JSONValue] = [
            "id": .string(id), "orgId": "org-simulated", "type": "vapi.websocketCall", "status": .string(status),
            "createdAt": time, "updatedAt": time, "cost": 0, "transport": .object(transport),
            "subscriptionLimits": [
                "concurrencyBlocked": false, "concurrencyLimit": 10, "remainingConcurrentCalls": 9,
            ],
        ]
        for key in ["assistantId", "assistant", "squadId", "assistantOverrides", "squadOverrides", "name"] {
            call[key] = body[key]
        }
        call["endedReason"] = endedReason.map { .string($0) }
        return .object(call)
    }
}

/// All calls of a simulator; safe from any thread.
final class VapiCalls: Sendable {
    private struct State {
        var calls: [VapiCall] = []
        var keys: [String: String] = [:]
        var count = 0
    }

    private static let limit = 1_000
    private let state = Mutex(State())

    var all: [VapiCall] { state.withLock { $0.calls.reversed() } }

    subscript(id: String) -> VapiCall? { state.withLock { $0.calls.first { $0.id == id } } }

    /// A new call; the one of before when its key has come already.
    func create(_ body: JSONValue, host: String, key: String?) -> VapiCall {
        state.withLock { state in
            if let key, let id = state.keys[key], let call = state.calls.first(where: { $0.id == id }) { return call }
            state.count += 1
            let call = VapiCall(id: "call-\(state.count)", body: body, host: host)
            if state.calls.count == Self.limit { state.calls.removeFirst() }
            state.calls.append(call)
            if let key { state.keys[key] = call.id }
            return call
        }
    }

    func change(_ id: String, status: String, reason: String? = nil) {
        state.withLock { state in
            guard let index = state.calls.firstIndex(where: { $0.id == id }) else { return }
            state.calls[index].status = status
            state.calls[index].endedReason = reason ?? state.calls[index].endedReason
        }
    }
}
