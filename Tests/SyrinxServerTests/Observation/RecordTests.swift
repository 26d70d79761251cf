// SPDX-License-Identifier: Apache-2.0

import Foundation
import SyrinxAudio
import SyrinxCore
import SyrinxHost
import SyrinxRuntime
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
        options.policy.tenants["acme"]?.redaction = .numbers
        var door = Door()
        door.transport = StagePlan(.transport, ProviderReference(id: "mock"))
        (door.rate, door.tenant, door.profile) = (8_000, "acme", "mock")
        options.policy.doors["phone"] = door
        var english = BuiltInProfiles.mock
        (english.name, english.tenant, english.queryOptions) = ("english", "acme", [:])
        english.tts = StagePlan(.tts, ProviderReference(id: "flite"))
        options.policy.profiles.append(english)
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

    @Test func `a record tells when the language was changed, and by whom`() async throws {
        try await withRecords { server, _ in
            let caller = try await Caller(
                port: server.port, "profile=mock&reply_ms=100", fields: TwoTenants.bearer(TwoTenants.talk))
            await caller.send(["type": "language", "language": "de"])
            try await caller.event("language.changed")
            let id = await caller.session
            try await caller.hangUp()
            let change = try #require(try await record(server, id)["changes"]?.array?.first)
            #expect(change["what"] == "language" && change["from"] == "en" && change["to"] == "de")
            #expect(change["cause"] == "requested" && change["at"]?.string?.hasSuffix("Z") == true)
            let admin = HTTPClient(port: try #require(server.server.adminPort))
            let all = try await admin.send("GET", "/records/\(id)", fields: TwoTenants.bearer(TwoTenants.operator))
            #expect(all.json["changes"]?.array == [change])
            let export = try await server.http.send("GET", "/v1/export", fields: TwoTenants.bearer(TwoTenants.admin))
            #expect(String(decoding: export.body, as: UTF8.self).contains(#""type":"change""#))
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
            // Of two months when one ends meanwhile.
            #expect(usage.compactMap { $0["sessions"]?.int }.reduce(0, +) == 3)
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

    @Test func `a recording has the tones that the far end hears, in the agent's channel`() async throws {
        try await withRecords(RecordPolicy(recordings: true)) { server, _ in
            let caller = try await Caller(
                port: server.port, "tones=1", path: "/doors/phone", greeting: "session.ready")
            let id = try #require(server.manager.sessions.first).id
            // One while the agent is silent, one over its words.
            try await press("1", of: id, server, until: caller)
            await caller.send(["command": ["type": "text", "text": "the canary sings"]])
            _ = try await caller.audio(3)
            try await press("9", of: id, server, until: caller)
            #expect(try await caller.lastTurn()["outcome"] == "answered")
            try await caller.hangUp()
            try await server.settle()
            _ = try await record(server, id)
            let audio = try await get(server, "/v1/records/\(id)/recording")
            let bytes = audio.body.dropFirst(44)
            let samples = stride(from: bytes.startIndex, to: bytes.endIndex - 1, by: 2).map {
                Int16(bytes[$0]) | Int16(bytes[$0 + 1]) << 8
            }
            let sides = (0..<2).map { side in
                var detector = DTMFDetector(rate: 8_000)
                return detector.process(stride(from: side, to: samples.count, by: 2).map { samples[$0] })
            }
            #expect(sides == ["", "19"])
        }
    }

    /// Presses a key at the far end and waits until it is heard there.
    private func press(_ key: String, of id: String, _ server: TestServer, until caller: Caller) async throws {
        let reply = try await server.http.send(
            "POST", "/v1/sessions/\(id)/keys", fields: TwoTenants.bearer(TwoTenants.talk),
            body: #"{"keys":"\#(key)"}"#)
        #expect(reply.status == 202)
        var detector = DTMFDetector(rate: 8_000)
        while let message = try await caller.next() {
            guard case .audio(let bytes) = message else { continue }
            let samples = stride(from: 0, to: bytes.count, by: 2).map {
                Int16(bytes[$0]) | Int16(bytes[$0 + 1]) << 8
            }
            if detector.process(samples).contains(key) { return }
        }
        throw Caller.Missing(description: "key \(key) was not heard")
    }

    @Test func `of a call that is refused at the last moment no recording is left`() async throws {
        try await withRecords(RecordPolicy(recordings: true)) { server, folder in
            let refusal = await #expect(throws: HTTPReply.self) {
                _ = try await Caller(
                    port: server.port, "profile=english&language=de", fields: TwoTenants.bearer(TwoTenants.talk))
            }
            #expect(refusal?.problem == "profile.language_unsupported")
            await RecordingWriter.settle()
            let left = try FileManager.default.subpathsOfDirectory(atPath: "\(folder)/recordings")
            #expect(left == [])
        }
    }

    private func change(_ server: TestServer, _ id: String, _ recording: String) async throws -> Int {
        try await server.http.send(
            "PATCH", "/v1/sessions/\(id)", fields: TwoTenants.bearer(TwoTenants.admin),
            body: "{\"recording\": \"\(recording)\"}"
        ).status
    }

    @Test func `of what is said while the recording is paused nothing is kept, of the rest all`() async throws {
        try await withRecords(RecordPolicy(recordings: true)) { server, folder in
            let caller = try await Caller(
                port: server.port, "profile=mock&reply_ms=100", fields: TwoTenants.bearer(TwoTenants.talk))
            let id = await caller.session
            #expect(try await change(server, id, "off") == 400)
            for (recording, words) in [("paused", "my card number is canary"), ("on", "it is 4111 1111, thank you")] {
                #expect(try await change(server, id, recording) == 202)
                let isPaused = try await get(server, "/v1/sessions/\(id)").json["recording_paused"]
                #expect(isPaused == .bool(recording == "paused"))
                await caller.send(["type": "text", "text": .string(words)])
                #expect(try await caller.event("turn.ended")["outcome"] == "answered")
            }
            #expect(try await change(server, id, "paused") == 202)
            #expect(try await change(server, id, "paused") == 202)
            try await caller.hangUp()
            try await server.settle()

            let record = try await record(server, id)
            let turns = try #require(record["turns"]?.array)
            #expect(turns.map { $0["user"] } == [.null, "it is [number], thank you"])
            #expect(turns.first?["heard"] == .null && turns.last?["heard"]?.string?.isEmpty == false)
            for name in try FileManager.default.contentsOfDirectory(atPath: folder) where name.hasPrefix("syrinx.db") {
                let bytes = try Data(contentsOf: URL(filePath: "\(folder)/\(name)"))
                #expect(bytes.firstRange(of: Data("canary".utf8)) == nil)
            }
            // Two answers of 100 ms were heard; one of them is silence in the recording, which lasts as long as the call.
            let audio = try await get(server, "/v1/records/\(id)/recording").body.dropFirst(44)
            let frames = audio.count / 4
            let loud = (0..<frames).count { frame in
                audio[audio.startIndex + frame * 4 + 2] != 0 || audio[audio.startIndex + frame * 4 + 3] != 0
            }
            let most = await caller.audioBytes / 2
            #expect(frames > most && loud > 0 && loud <= most / 2 + 320, "\(loud) of \(most) in \(frames)")
        }
    }

    @Test func `keys that are pressed while the recording is paused are not kept, though their turn comes later`()
        async throws
    {
        try await withRecords { server, _ in
            let caller = try await Caller(
                port: server.port, "profile=mock&reply_ms=100", fields: TwoTenants.bearer(TwoTenants.talk))
            let id = await caller.session
            #expect(try await change(server, id, "paused") == 202)
            await caller.send(["type": "keys", "keys": "411111"])
            #expect(try await caller.event("keys.pressed")["keys"] == "411111")
            #expect(try await change(server, id, "on") == 202)
            #expect(try await caller.event("turn.ended")["outcome"] == "answered")
            try await caller.hangUp()
            try await server.settle()
            let turns = try await record(server, id)["turns"]?.array
            #expect(turns?.map { $0["user"] } == [.null] && turns?.first?["heard"] == .null)
        }
    }

    @Test func `a tenant learns that the store is in trouble, not where it lies`() async throws {
        try await withRecords { server, folder in
            _ = try await session(server, user: "ada")
            for name in ["syrinx.db", "syrinx.db-wal"] {
                let file = try FileHandle(forUpdating: URL(filePath: "\(folder)/\(name)"))
                let size = try file.seekToEnd()
                try file.seek(toOffset: 0)
                try file.write(contentsOf: Data(repeating: 0xA5, count: Int(size)))
                try file.close()
            }
            let reply = try await get(server, "/v1/records")
            #expect(reply.status == 503 && reply.problem?.hasPrefix("store.") == true, "\(reply.status)")
            #expect(!String(decoding: reply.body, as: UTF8.self).contains(folder))
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
