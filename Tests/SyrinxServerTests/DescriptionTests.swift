// SPDX-License-Identifier: Apache-2.0

import Foundation
import SyrinxAccess
import SyrinxCore
import SyrinxRealtime
import SyrinxServer
import Testing

@Suite("The API's description", .tags(.integration), ServerTrait.twoTenants())
struct DescriptionTests {
    @Test func `every route is described, and everything described is a route`() throws {
        let described = APIDescription.operations.map { "\($0.method) \($0.path)" }
        let routes = try server().server.publicRoutes.filter { $0.method != "HEAD" }.map { "\($0.method) \($0.path)" }
        #expect(Set(described) == Set(routes))
        #expect(Set(described).count == described.count)
    }

    @Test func `so is every route of the operator`() throws {
        let described = AdminDescription.operations.map { "\($0.method) \($0.path)" }
        let routes = try server().server.adminRoutes.filter { $0.method != "HEAD" }.map { "\($0.method) \($0.path)" }
        #expect(Set(described) == Set(routes))
        #expect(Set(described).count == described.count)
    }

    @Test(arguments: [("/openapi.json", "openapi", "3.1.0"), ("/asyncapi.json", "asyncapi", "3.0.0")])
    func `anybody may read the documents`(path: String, field: String, version: String) async throws {
        let reply = try await server().http.get(path)
        #expect(reply.status == 200 && reply["content-type"] == "application/json")
        #expect(try JSONValue(parsing: reply.body)[field] == .string(version))
    }

    @Test func `a credential without the scope that is described is refused`() async throws {
        let keys = ["talk": TwoTenants.talk, "read": TwoTenants.read, "admin": TwoTenants.admin]
        let sockets = ["/v1/talk", "/v1/realtime"]
        for operation in APIDescription.operations where !sockets.contains(operation.path) {
            guard let scope = operation.scope else { continue }
            let path = operation.path.replacing("{id}", with: "ses_none").replacing("{user}", with: "nobody")
            #expect(try await server().http.send(operation.method, path).status == 401)
            for (name, key) in keys where name != scope {
                let reply = try await server().http.send(operation.method, path, fields: TwoTenants.bearer(key))
                #expect(reply.problem == "auth.forbidden", "\(operation.method) \(path) with \(name)")
            }
        }
    }

    @Test(arguments: [APIDescription.document, AdminDescription.document])
    func `operations have ids of their own, and tell what comes back`(document: JSONValue) throws {
        var ids: Set<String> = []
        for (path, methods) in document["paths"]?.object ?? [:] {
            for (method, operation) in methods.object ?? [:] {
                let id = try #require(operation["operationId"]?.string)
                #expect(ids.insert(id).inserted, "\(id) is there twice")
                let answers = try #require(operation["responses"]?.object)
                #expect(answers.keys.contains { $0.hasPrefix("2") || $0 == "101" }, "\(method) \(path)")
                #expect(answers.values.allSatisfy { $0["headers"]?["X-Request-Id"] != nil })
            }
        }
    }

    @Test(arguments: [APIDescription.document, AdminDescription.document, TalkDescription.document])
    func `every reference leads somewhere`(document: JSONValue) throws {
        for reference in references(document) {
            let steps = reference.split(separator: "/").dropFirst()
            let target = steps.reduce(Optional(document)) { $0?[String($1).replacing("~1", with: "/")] }
            #expect(target != nil, "\(reference)")
        }
    }

    private func references(_ value: JSONValue) -> [String] {
        switch value {
        case .object(let members):
            return members.flatMap { key, value in
                key == "$ref" ? value.string.map { [$0] } ?? [] : references(value)
            }
        case .array(let elements): return elements.flatMap(references)
        default: return []
        }
    }

    @Test func `the socket takes the messages that are described, and no others`() async throws {
        let caller = try await Caller(
            port: server().port, "profile=mock", fields: TwoTenants.bearer(TwoTenants.talk))
        await caller.send(["type": "dance"])
        let error = try await caller.event("error")
        #expect(error["fix"] == .string("types: " + TalkDescription.types.ofClient.joined(separator: ", ")))
        try await caller.hangUp()
    }
}

@Suite("The Realtime protocol's description", .tags(.integration), ServerTrait.twoTenants())
struct RealtimeDescriptionTests {
    @Test func `what a client may say is what is described`() {
        #expect(RealtimeDescription.types.ofClient.sorted() == RealtimeEvents.ofClient.sorted())
    }

    /// Every name that stands in the translator's source as an event of the server.
    @Test func `what the server says is what is described`() throws {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "Sources/SyrinxRealtime")
        var names: Set<String> = ["error"]
        for file in try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil) {
            let text = try String(contentsOf: file, encoding: .utf8)
            let families = "session|rate_limits|conversation\\.item|(?:in|out)put_audio_buffer|response"
            let pattern = try Regex("\"((?:\(families))\\.[a-z_.]+)\"")
            for match in text.matches(of: pattern) { names.insert(String(match.output[1].substring ?? "")) }
        }
        // Paths of fields.
        let described = RealtimeDescription.types
        let all = names.subtracting(described.ofClient).subtracting(["session.type", "response.input"])
        #expect(all == Set(described.ofServer))
    }

    @Test func `events have the fields that are described`() async throws {
        let caller = try await Caller(
            port: server().port, "model=mock", path: "/v1/realtime", fields: TwoTenants.bearer(TwoTenants.talk),
            greeting: "session.created")
        await caller.send(["type": "dance"])
        await caller.send([
            "type": "conversation.item.create",
            "item": ["type": "message", "role": "user", "content": [["type": "input_text", "text": "hello"]]],
        ])
        await caller.send(["type": "response.create"])
        try await caller.event("rate_limits.updated")
        let schemas = TalkDescription.document["components"]?["schemas"]
        let events = await caller.events
        #expect(Set(events.compactMap { $0["type"]?.string }).count >= 12)
        for event in events {
            let name = (event["type"]?.string ?? "").replacing(".", with: "_")
            let schema = try JSONSchema(try #require(schemas?["realtime_\(name)"], "\(name) is not described"))
            #expect(schema.validate(event).isEmpty, "\(event)")
        }
        try await caller.hangUp()
    }
}

@Suite("Repeated requests for a token", .tags(.integration), ServerTrait.twoTenants())
struct RepeatedRequestTests {
    private func ask(
        _ key: String, _ body: String = #"{"user": "ada"}"#, by who: APIKey = TwoTenants.talk
    ) async throws
        -> HTTPReply
    {
        try await server().http.send(
            "POST", "/v1/tokens", fields: TwoTenants.bearer(who) + ["Idempotency-Key: \(key)"], body: body)
    }

    @Test func `get the same token until it is used`() async throws {
        let first = try await ask("once")
        #expect(try await ask("once").json["token"] == first.json["token"])
        #expect(try await ask("once", by: TwoTenants.beta).json["token"] != first.json["token"])
        let token = try #require(first.json["token"]?.string)
        try await Caller(port: server().port, "token=\(token)", fields: []).hangUp()
        let next = try await ask("once")
        #expect(next.status == 201 && next.json["token"] != first.json["token"])
    }

    @Test func `must ask for the same`() async throws {
        #expect(try await ask("same").status == 201)
        let other = try await ask("same", #"{"user": "grace"}"#)
        #expect(other.status == 409 && other.problem == "request.idempotency_conflict")
    }

    @Test(arguments: ["a b", String(repeating: "x", count: 129)])
    func `must have a key that is one`(key: String) async throws {
        let reply = try await ask(key)
        #expect(reply.status == 400 && reply.problem == "request.idempotency_key_invalid")
    }
}
