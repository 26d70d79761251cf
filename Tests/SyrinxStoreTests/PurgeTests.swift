// SPDX-License-Identifier: Apache-2.0

import Foundation
import SyrinxCore
import Testing

@testable import SyrinxStore

@Suite("What is kept long enough goes")
struct PurgeTests {
    private static func days(_ count: Int) -> Duration { .seconds(count * 86_400) }

    @Test func `day 30 is there, day 31 is gone, to the bytes`() async throws {
        let folder = try StoreFolder()
        let store = try folder.open()
        let policy = RecordPolicy(keep: Self.days(30))
        for number in 0..<450 {
            store.begin(.sample("s\(number)", user: "canary-user", policy: policy))
            store.turn(.sample("s\(number)", 1, words: "canary-words"))
            store.end(.sample("s\(number)"))
        }
        store.begin(.sample("younger", at: noon + day, policy: policy))
        store.end(.sample("younger", at: noon + day + 1))
        store.begin(.sample("for ever".replacingOccurrences(of: " ", with: "-")))
        store.end(.sample("for-ever"))
        await store.flush()
        #expect(try await store.purge(now: noon + 30 * day - 1) == Erasure())
        #expect(try await store.record("s7", tenant: "acme") != nil)

        let erasure = try await store.purge(now: noon + 30 * day)
        #expect(erasure.sessions == 450 && erasure.turns == 450)
        #expect(try await store.records(tenant: "acme").records.map(\.id) == ["younger", "for-ever"])
        for word in ["canary-user", "canary-words"] { #expect(try folder.files(containing: word) == []) }
        #expect(try await store.usage(tenant: "acme", from: noon, to: noon + 1).map(\.sessions) == [451])
    }

    @Test func `words go before the record does`() async throws {
        let folder = try StoreFolder()
        let store = try folder.open()
        store.begin(.sample("s1", policy: RecordPolicy(keep: Self.days(30), keepTranscripts: Self.days(7))))
        store.turn(.sample("s1", 1, words: "canary-words"))
        store.end(.sample("s1"))
        #expect(try await store.purge(now: noon + 8 * day).turns == 1)
        #expect(try folder.files(containing: "canary-words") == [])
        let record = try #require(try await store.record("s1", tenant: "acme"))
        #expect(!record.keepsTranscripts && record.totals.turns == 2)
        let turn = try #require(try await store.turns(of: "s1", tenant: "acme").first)
        #expect(turn.user == nil && turn.heard == nil && turn.outcome == "answered")
    }

    @Test func `recordings go at their own time, or with their record`() async throws {
        let folder = try StoreFolder()
        let store = try folder.open()
        let early = SessionStart.sample("early", policy: RecordPolicy(recordings: true, keepRecordings: Self.days(1)))
        let late = SessionStart.sample("late", policy: RecordPolicy(recordings: true, keep: Self.days(2)))
        for start in [early, late] {
            let file = try #require(store.recordingFile(for: start))
            let descriptor = try #require(file.create())
            close(descriptor)
            store.begin(start)
            store.end(.sample(start.id))
            store.recording(RecordingResult(reason: .finished, duration: 9, bytes: 44), of: start.id)
        }
        #expect(try await store.purge(now: noon + day).recordings == 1)
        #expect(!folder.exists("recordings/acme/2026-11-28/early.wav"))
        #expect(folder.exists("recordings/acme/2026-11-28/late.wav"))
        #expect(try await store.record("early", tenant: "acme")?.recording == nil)
        #expect(try await store.purge(now: noon + 2 * day).recordings == 1)
        #expect(!folder.exists("recordings/acme/2026-11-28"))
    }

    @Test func `a recording that cannot be removed holds up nothing else, and is due again`() async throws {
        let folder = try StoreFolder()
        let store = try folder.open()
        let policy = RecordPolicy(recordings: true, keep: Self.days(1))
        for number in 0..<3 {
            store.begin(.sample("s\(number)", policy: policy))
            store.end(.sample("s\(number)"))
        }
        let path = folder.recordings + "/acme/2026-11-28/s1.wav"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        let erasure = try await store.purge(now: noon + day)
        #expect(erasure.sessions == 2 && erasure.kept == 1)
        #expect(store.counters.failures["store.recording_kept"] == 1)
        try FileManager.default.removeItem(atPath: path)
        #expect(try await store.purge(now: noon + day + 1).sessions == 0)
        #expect(try await store.purge(now: noon + day + 3_600_000).sessions == 1)
    }

    @Test func `an open session is left alone`() async throws {
        let store = try StoreFolder().open()
        store.begin(.sample("s1", policy: RecordPolicy(keep: .seconds(1))))
        #expect(try await store.purge(now: noon + day) == Erasure())
        store.end(.sample("s1"))
        #expect(try await store.purge(now: noon + day).sessions == 1)
    }

    @Test(arguments: [Int64.min, -1, 0, .max]) func `any time may be asked for`(now: Int64) async throws {
        let store = try StoreFolder().open(now: now)
        store.begin(.sample("s1", at: now, policy: RecordPolicy(keep: .seconds(Int64.max))))
        store.end(.sample("s1", at: .max))
        _ = try await store.purge(now: now)
        #expect(store.minutesThisMonth(tenant: "acme", now: now) >= 0)
        #expect(try await store.usage(tenant: "acme", from: now, to: now).count <= 1)
        await store.close(now: now)
    }
}
