// SPDX-License-Identifier: Apache-2.0

import Foundation
import SyrinxCore
import Testing

@testable import SyrinxStore

@Suite("Erasing reaches the bytes on the disk")
struct ErasureTests {
    private static let words = ["canary-of-bob", "heard-by-bob", "bob@example.org", "192.0.2.77"]

    /// Many others around, with words of all lengths, so that pages split and rows move.
    private static func fill(_ store: RecordStore) async {
        var random = SystemRandomNumberGenerator()
        for number in 0..<400 {
            let isBob = number % 10 == 0
            var start = SessionStart.sample("s\(number)", user: isBob ? "bob@example.org" : "u\(number)")
            if isBob { start.peer = "192.0.2.77" }
            store.begin(start)
            for turn in 1...3 {
                let filler = String(repeating: "w", count: Int.random(in: 0...(turn == 3 ? 9000 : 300), using: &random))
                var record = TurnRecord.sample("s\(number)", turn, words: (isBob ? "canary-of-bob " : "") + filler)
                if isBob { record.heard = "heard-by-bob" }
                store.turn(record)
            }
            if number % 20 != 0 { store.end(.sample("s\(number)")) }
            if number % 16 == 0 { await store.flush() }
        }
    }

    @Test func `no word of an erased user is left in any file`() async throws {
        let folder = try StoreFolder()
        let store = try folder.open()
        await Self.fill(store)
        await store.flush()
        for word in Self.words { #expect(try !folder.files(containing: word).isEmpty) }

        let erasure = try await store.erase(user: "bob@example.org", tenant: "acme")
        #expect(erasure.sessions == 40 && erasure.turns == 120)
        for word in Self.words { #expect(try folder.files(containing: word) == [], "\(word)") }
        #expect(try await store.records(tenant: "acme", filter: .init(user: "bob@example.org")).records.isEmpty)
        #expect(try await store.record("s10", tenant: "acme") == nil)
        #expect(try await store.turns(of: "s11", tenant: "acme").count == 3)
        #expect(try await store.erase(user: "bob@example.org", tenant: "acme") == Erasure())
    }

    /// Rows that SQLite moves from page to page leave copies, which overwriting what is deleted does not reach.
    @Test func `nor are there copies of rows that were moved`() async throws {
        let folder = try StoreFolder()
        let store = try folder.open()
        var random = SplitMix64(seed: 4)
        for number in 0..<4000 {
            let isBob = number % 4 == 0
            let name = String(random.next() >> 32, radix: 16) + (isBob ? "-canary-of-bob" : "-another")
            let id = name + String(repeating: "x", count: Int.random(in: 0...40, using: &random))
            store.begin(.sample(id, user: isBob ? "bob@example.org" : nil))
            store.end(.sample(id))
            if number % 100 == 0 { await store.flush() }
        }
        #expect(try await store.erase(user: "bob@example.org", tenant: "acme").sessions == 1000)
        for word in Self.words { #expect(try folder.files(containing: word) == [], "\(word)") }
    }

    @Test func `an open session is emptied now, goes when it ends, and is booked all the same`() async throws {
        let folder = try StoreFolder()
        let store = try folder.open()
        store.begin(.sample("s1", user: "bob@example.org"))
        store.turn(.sample("s1", 1, words: "canary-of-bob"))
        let erasure = try #require(try await store.erase(session: "s1", tenant: "acme"))
        #expect(erasure.sessions == 1 && erasure.turns == 1)
        store.turn(.sample("s1", 2, words: "canary-of-bob"))
        await store.flush()
        #expect(try await store.record("s1", tenant: "acme") == nil)
        #expect(try await store.erase(session: "s1", tenant: "acme") == nil)
        for word in Self.words { #expect(try folder.files(containing: word) == []) }

        store.end(.sample("s1"))
        await store.flush()
        #expect(try await store.usage(tenant: "acme", from: noon, to: noon + day).map(\.minutes) == [1])
        #expect(try folder.files(containing: "user_hangup") == [])
    }

    @Test func `recordings go, too`() async throws {
        let folder = try StoreFolder()
        let store = try folder.open()
        let start = SessionStart.sample("s1", user: "bob", policy: RecordPolicy(recordings: true))
        let file = try #require(store.recordingFile(for: start))
        store.begin(start)
        store.end(.sample("s1"))
        store.recording(RecordingResult(reason: .finished, duration: 1000, bytes: 44), of: "s1")
        let descriptor = try #require(file.create())
        close(descriptor)
        await store.flush()
        #expect(try await store.recordingPath(of: "s1", tenant: "acme") == file.path)
        #expect(try await store.recordingPath(of: "s1", tenant: "other") == nil)
        #expect(try await store.erase(user: "bob", tenant: "acme").recordings == 1)
        #expect(!FileManager.default.fileExists(atPath: file.path))
        #expect(try await store.recordingPath(of: "s1", tenant: "acme") == nil)
    }

    @Test func `a recording that cannot be removed keeps its record, and says so`() async throws {
        let folder = try StoreFolder()
        let store = try folder.open()
        let start = SessionStart.sample("s1", user: "bob", policy: RecordPolicy(recordings: true))
        let file = try #require(store.recordingFile(for: start))
        // A folder in the file's place: not even root can unlink it.
        try FileManager.default.createDirectory(atPath: file.path, withIntermediateDirectories: true)
        store.begin(start)
        store.end(.sample("s1"))
        let error = await #expect(throws: SyrinxError.self) { try await store.erase(user: "bob", tenant: "acme") }
        #expect(error?.code == "store.recording_kept" && error?.place == file.path)
        #expect(try await store.record("s1", tenant: "acme") != nil)
        try FileManager.default.removeItem(atPath: file.path)
        #expect(try await store.erase(user: "bob", tenant: "acme").sessions == 1)
    }

    @Test func `an erased session that was open at a crash leaves usage only`() async throws {
        let folder = try StoreFolder()
        let store = try folder.open()
        store.begin(.sample("s1", user: "bob"))
        _ = try await store.erase(user: "bob", tenant: "acme")
        let next = try folder.copy().open("run-2")
        #expect(next.crashedSessions == 1)
        #expect(try await next.recordOfAll("s1") == nil)
        #expect(try await next.usage(tenant: "acme", from: noon, to: noon + 1).map(\.sessions) == [1])
    }
}
