// SPDX-License-Identifier: Apache-2.0

import Foundation
import SyrinxCore
import SyrinxServer
import SyrinxStore
import Testing

/// A server that keeps records in a folder of its own.
private func withRecords(
    _ policy: RecordPolicy = RecordPolicy(),
    _ body: (TestServer, _ folder: String) async throws -> Void
) async throws {
    let folder = NSTemporaryDirectory() + "syrinx-records-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let server = try await TestServer.start { options in
        try TwoTenants.configure(&options)
        options.storage = StoreOptions(database: "\(folder)/syrinx.db", recordings: "\(folder)/recordings")
        options.policy.tenants["acme"]?.records = policy
    }
    do {
        try await body(server, folder)
    } catch {
        await server.stop()
        throw error
    }
    await server.stop()
}

@Suite("Records over HTTP", .tags(.integration))
struct RecordTests {
    private func get(_ server: TestServer, _ path: String) async throws -> HTTPReply {
        try await server.http.send("GET", path, fields: TwoTenants.bearer(TwoTenants.read))
    }

    /// One spoken-to session of `acme`, with one turn.
    private func session(_ server: TestServer, user: String) async throws -> String {
        let caller = try await Caller(
            port: server.port, "profile=mock&reply_ms=100&user=\(user)", fields: TwoTenants.bearer(TwoTenants.talk))
        await caller.send(["type": "text", "text": "the canary sings"])
        #expect(try await caller.event("turn.ended")["outcome"] == "answered")
        let id = await caller.session
        try await caller.hangUp()
        try await server.settle()
        return id
    }

    /// The writer is a moment behind the session.
    private func record(_ server: TestServer, _ id: String) async throws -> JSONValue {
        for _ in 0..<500 {
            let reply = try await get(server, "/v1/records/\(id)")
            if reply.status == 200, reply.json["reason"]?.string != nil { return reply.json }
            try await Task.sleep(for: .milliseconds(20))
        }
        throw Caller.Missing(description: "no record of \(id)")
    }

    @Test func `each session has one record, with its turns, and nobody else sees it`() async throws {
        try await withRecords { server, _ in
            let id = try await session(server, user: "ada")
            let record = try await record(server, id)
            #expect(record["tenant"] == "acme" && record["user"] == "ada" && record["profile"] == "mock")
            #expect(record["reason"] == "client_closed")
            let turn = try #require(record["turns"]?.array?.first)
            #expect(turn["user"] == "the canary sings" && turn["outcome"] == "answered")
            #expect(turn["heard"]?.string?.isEmpty == false)
            #expect(try #require(turn["latency_ms"]?["total"]?.double) > 0)
            let foreign = try await server.http.send(
                "GET", "/v1/records/\(id)", fields: TwoTenants.bearer(TwoTenants.beta))
            #expect(foreign.status == 404 && foreign.problem == "record.not_found")
        }
    }

    @Test func `pages follow each other, and usage adds up`() async throws {
        try await withRecords { server, _ in
            var ids: [String] = []
            for _ in 0..<3 { ids.append(try await session(server, user: "ada")) }
            _ = try await record(server, ids[2])
            let first = try await get(server, "/v1/records?limit=2").json
            #expect(first["records"]?.array?.count == 2)
            let next = try #require(first["next"]?.string)
            let second = try await get(server, "/v1/records?limit=2&cursor=\(next)").json
            #expect(second["records"]?.array?.count == 1 && second["next"] == .null)
            let usage = try await get(server, "/v1/usage").json["usage"]?.array ?? []
            #expect(usage.first?["sessions"] == 3)
            #expect(try await get(server, "/v1/records?cursor=nonsense").problem == "request.query_invalid")
            #expect(try await get(server, "/v1/records?from=yesterday").problem == "request.query_invalid")
        }
    }

    @Test func `a user is erased to the last byte`() async throws {
        try await withRecords(RecordPolicy(recordings: true)) { server, folder in
            let id = try await session(server, user: "ada%20lovelace")
            _ = try await record(server, id)
            let audio = try await get(server, "/v1/records/\(id)/recording")
            #expect(audio.status == 200 && audio["content-type"] == "audio/wav")
            #expect(audio.body.starts(with: Array("RIFF".utf8)))
            let export = try await server.http.send("GET", "/v1/export", fields: TwoTenants.bearer(TwoTenants.admin))
            #expect(String(decoding: export.body, as: UTF8.self).contains("canary"))

            let erased = try await server.http.send(
                "DELETE", "/v1/users/ada%20lovelace", fields: TwoTenants.bearer(TwoTenants.admin))
            #expect(erased.json["sessions"] == 1 && erased.json["recordings"] == 1)
            #expect(try await get(server, "/v1/records/\(id)").status == 404)
            #expect(try await get(server, "/v1/records/\(id)/recording").status == 404)
            for name in try FileManager.default.contentsOfDirectory(atPath: folder) where name.hasPrefix("syrinx.db") {
                let bytes = try Data(contentsOf: URL(filePath: "\(folder)/\(name)"))
                #expect(
                    bytes.firstRange(of: Data("canary".utf8)) == nil
                        && bytes.firstRange(of: Data("lovelace".utf8)) == nil)
            }
        }
    }

    @Test func `no word is written where none may be kept`() async throws {
        try await withRecords(RecordPolicy(transcripts: false)) { server, folder in
            let id = try await session(server, user: "ada")
            let record = try await record(server, id)
            #expect(record["turns"]?.array?.first?["user"] == .null)
            for name in try FileManager.default.contentsOfDirectory(atPath: folder) where name.hasPrefix("syrinx.db") {
                let bytes = try Data(contentsOf: URL(filePath: "\(folder)/\(name)"))
                #expect(bytes.firstRange(of: Data("canary".utf8)) == nil)
            }
        }
    }

    @Test(ServerTrait.twoTenants()) func `a server without a database says so`() async throws {
        let reply = try await get(server(), "/v1/records")
        #expect(reply.status == 404 && reply.problem == "records.not_kept")
    }

    @Test func `metrics agree with the records`() async throws {
        try await withRecords { server, _ in
            let id = try await session(server, user: "ada")
            _ = try await record(server, id)
            let admin = HTTPClient(port: try #require(server.server.adminPort))
            let reply = try await admin.send("GET", "/metrics", fields: TwoTenants.bearer(TwoTenants.operator))
            #expect(reply["content-type"]?.hasPrefix("text/plain; version=0.0.4") == true)
            let lines = String(decoding: reply.body, as: UTF8.self).split(separator: "\n").map(String.init)
            #expect(lines.contains("syrinx_sessions_started_total{profile=\"mock\"} 1"))
            #expect(lines.contains("syrinx_sessions_ended_total{reason=\"client_closed\"} 1"))
            #expect(lines.contains("syrinx_sessions_active 0"))
            #expect(lines.contains("syrinx_turns_total{outcome=\"answered\"} 1"))
            #expect(lines.contains { $0.hasPrefix("syrinx_frames_total{direction=\"out\"}") && !$0.hasSuffix(" 0") })
            let all = try await admin.send("GET", "/records", fields: TwoTenants.bearer(TwoTenants.operator))
            #expect(all.json["records"]?.array?.count == 1)
        }
    }
}
