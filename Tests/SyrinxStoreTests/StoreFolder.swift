// SPDX-License-Identifier: Apache-2.0

import Foundation
import Synchronization
import SyrinxCore

@testable import SyrinxStore

/// A folder of its own for a test, gone with it.
final class StoreFolder: Sendable {
    let path: String

    init() throws {
        path = NSTemporaryDirectory() + "syrinx-store-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    var database: String { path + "/records.db" }
    var recordings: String { path + "/recordings" }

    var options: StoreOptions {
        var options = StoreOptions(database: database, recordings: recordings)
        options.retryAfter = .seconds(3600)
        return options
    }

    func open(
        _ run: String = "run-1", now: Int64 = noon, options: StoreOptions? = nil, signals: Signals? = nil
    ) throws -> RecordStore {
        try RecordStore(options ?? self.options, hostRun: run, now: now) { signals?.add($0) }
    }

    /// The files as they are right now, elsewhere: what a killed process leaves to the next.
    func copy() throws -> StoreFolder {
        let other = try StoreFolder()
        for name in ["records.db", "records.db-wal", "records.db-shm"] where exists(name) {
            try FileManager.default.copyItem(atPath: "\(path)/\(name)", toPath: "\(other.path)/\(name)")
        }
        return other
    }

    func exists(_ name: String) -> Bool { FileManager.default.fileExists(atPath: "\(path)/\(name)") }

    /// Names of the files, at any depth, that contain the word.
    func files(containing word: String) throws -> [String] {
        let names = FileManager.default.enumerator(atPath: path)?.compactMap { $0 as? String } ?? []
        return names.filter { name in
            let bytes = FileManager.default.contents(atPath: "\(path)/\(name)") ?? Data()
            return bytes.range(of: Data(word.utf8)) != nil
        }
    }

    func permissions(_ name: String) throws -> Int? {
        try FileManager.default.attributesOfItem(atPath: "\(path)/\(name)")[.posixPermissions] as? Int
    }
}

/// What the store signalled.
final class Signals: Sendable {
    private let list = Mutex<[StoreSignal]>([])
    func add(_ signal: StoreSignal) { list.withLock { $0.append(signal) } }
    var all: [StoreSignal] { list.withLock { $0 } }
}

/// 2026-11-28T12:00:00Z.
let noon: Int64 = 1_795_867_200_000
let day: Int64 = 86_400_000

extension SessionStart {
    static func sample(
        _ id: String, tenant: String = "acme", user: String? = nil, at time: Int64 = noon,
        policy: RecordPolicy = RecordPolicy()
    ) -> SessionStart {
        SessionStart(
            id: id, tenant: tenant, user: user, profile: "reception", providers: ["tts": "flite@1.0.0"],
            traceparent: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", peer: "192.0.2.7",
            startedAt: time, policy: policy)
    }
}

extension TurnRecord {
    static func sample(_ session: String, _ number: Int, at time: Int64 = noon, words: String = "hello") -> TurnRecord {
        TurnRecord(
            session: session, number: number, user: words, heard: "you said \(words)", outcome: "answered",
            steps: ["total": 612.5, "stt": 80], usage: ["characters": 14], startedAt: time, endedAt: time + 2000)
    }
}

extension SessionEnd {
    static func sample(_ session: String, at time: Int64 = noon + 60_000, reason: String = "user_hangup") -> SessionEnd
    {
        var totals = SessionTotals()
        totals.turns = 2
        totals.callerAudio = 60_000
        totals.characters = 28
        return SessionEnd(session: session, reason: reason, endedAt: time, totals: totals)
    }
}
