// SPDX-License-Identifier: Apache-2.0

import Foundation
import SyrinxCore
import SyrinxHost
import Testing

@Suite("Quarantine") struct QuarantineTests {
    private let state = NSTemporaryDirectory() + "syrinx-state-\(UUID().uuidString)"

    private func hash(_ text: String) -> ContentHash { ContentHash(of: Array(text.utf8)) }

    @Test func `code stays out until it is lifted, through restarts`() throws {
        defer { try? FileManager.default.removeItem(atPath: state) }
        var quarantine = Quarantine(state: state)
        quarantine.now = { 1000 }
        #expect(try !quarantine.isQuarantined(hash("a")))
        try quarantine.add(hash("a"), plugin: "a", reason: "it crashed")
        try quarantine.add(hash("b"), plugin: "b", reason: "it hung")
        quarantine.now = { 2000 }
        try quarantine.add(hash("a"), plugin: "a", reason: "again")
        let again = Quarantine(state: state)
        #expect(try again.all().map(\.plugin) == ["a", "b"])
        #expect(try again.entry(for: hash("a"))?.count == 2)
        #expect(try again.entry(for: hash("a"))?.since == 2000)
        #expect(try again.lift(hash("a").short).reason == "again")
        #expect(try !quarantine.isQuarantined(hash("a")) && quarantine.isQuarantined(hash("b")))
        #expect(code { () throws(SyrinxError) in try again.lift("") } == "plugin.quarantine.not_found")
        #expect(code { () throws(SyrinxError) in try again.lift(hash("a").hex) } == "plugin.quarantine.not_found")
    }

    @Test func `a package in quarantine is refused with the reason`() throws {
        defer { try? FileManager.default.removeItem(atPath: state) }
        let fixture = try PackageFixture()
        defer { fixture.remove() }
        let quarantine = Quarantine(state: state)
        let verifier = PackageVerifier(quarantine: quarantine)
        let package = try verifier.verify(folder: fixture.folder)
        try quarantine.add(package.entryHash, plugin: "fixture", reason: "it crashed 3 times")
        #expect {
            try verifier.verify(folder: fixture.folder)
        } throws: { error in
            let error = error as? SyrinxError
            return error?.code == "plugin.quarantined" && error?.message.contains("it crashed 3 times") == true
        }
    }

    @Test func `a file that is no quarantine is not overwritten`() throws {
        defer { try? FileManager.default.removeItem(atPath: state) }
        try FileManager.default.createDirectory(atPath: state, withIntermediateDirectories: true)
        try Data("{".utf8).write(to: URL(filePath: state + "/quarantine.json"))
        let quarantine = Quarantine(state: state)
        #expect(
            code { () throws(SyrinxError) in _ = try quarantine.isQuarantined(hash("a")) }
                == "plugin.quarantine.unreadable")
        #expect(
            code { () throws(SyrinxError) in try quarantine.add(hash("a"), plugin: "a", reason: "x") }
                == "plugin.quarantine.unreadable")
        #expect(try bytes(state + "/quarantine.json") == Array("{".utf8))
    }

    @Test func `writers from many threads lose nothing`() async throws {
        defer { try? FileManager.default.removeItem(atPath: state) }
        let quarantine = Quarantine(state: state)
        let hashes = (0..<16).map { hash("\($0)") }
        await withTaskGroup { group in
            for hash in hashes { group.addTask { try? quarantine.add(hash, plugin: "p", reason: "r") } }
        }
        #expect(try Set(quarantine.all().map(\.hash)) == Set(hashes))
    }

    @Test func `three deaths within a minute are a loop, by code`() {
        var loop = CrashLoop()
        func at(_ seconds: Double) -> Instant { Instant.zero + .milliseconds(Int64(seconds * 1000)) }
        func died(_ name: String, _ seconds: Double) -> Bool { loop.died(hash(name), at: at(seconds)) }
        let first = [died("a", 0), died("b", 1), died("a", 59), died("b", 2), died("b", 59)]
        #expect(first == [false, false, false, false, true])
        // 61 s after the first death of `a`, its second is the only one left.
        let second = died("a", 61)
        #expect(!second && loop.count(hash("a"), at: at(61)) == 2)
        let third = died("a", 62)
        #expect(third && loop.count(hash("a"), at: at(62)) == 0)
    }

    @Test func `code that killed the host while it was loaded is quarantined at the next start`() throws {
        defer { try? FileManager.default.removeItem(atPath: state) }
        let quarantine = Quarantine(state: state)
        #expect(try LoadSentinel.sweep(quarantine).isEmpty)
        let sentinel = try LoadSentinel(hash("killer"), plugin: "killer", quarantine: quarantine)
        let loading = state + "/loading"
        let live = try #require(try FileManager.default.contentsOfDirectory(atPath: loading).first)
        // What a dead process leaves behind: the same file, and nobody who holds it.
        try Data(try bytes("\(loading)/\(live)")).write(to: URL(filePath: "\(loading)/dead"))
        let swept = try LoadSentinel.sweep(quarantine)
        #expect(swept.map(\.plugin) == ["killer"] && swept.map(\.hash) == [hash("killer")])
        #expect(try FileManager.default.contentsOfDirectory(atPath: loading) == [live])
        try quarantine.lift(hash("killer").hex)
        #expect(try LoadSentinel.sweep(quarantine).isEmpty)
        sentinel.finish()
        #expect(try FileManager.default.contentsOfDirectory(atPath: loading).isEmpty)
    }
}
