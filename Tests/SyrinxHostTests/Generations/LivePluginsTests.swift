// SPDX-License-Identifier: Apache-2.0

import Foundation
import SyrinxCore
import SyrinxHost
import SyrinxTestKit
import Testing

@Suite("Changing plugins while sessions live") struct LivePluginsTests {
    @Test func `a new build gets new sessions, live ones stay, and the old one retires after its last`() throws {
        let bench = try LiveBench()
        try bench.plugin.put("1.0.0", word: "one")
        try bench.start()
        let old = try #require(bench.profiles.begin("versioned", bench.executor))
        #expect(old.ask(bench.executor) == "one")

        try bench.plugin.put("1.1.0", word: "two")
        bench.live.reconcile()
        #expect(try bench.word() == "two")
        #expect(old.ask(bench.executor) == "one")
        #expect(
            bench.events.steps == ["discovered", "loaded 2", "self_test_passed 2", "promoted 2", "draining 1"])
        #expect(try bench.state(of: 1) == "draining")
        #expect(bench.host.openProviders.count == 2)

        old.end()
        bench.live.tick()
        #expect(bench.events.steps.last == "retired 1")
        #expect(try bench.state(of: 1) == "retired")
        #expect(bench.host.openProviders.map(\.descriptor.version.description) == ["1.1.0"])
    }

    @Test func `other bytes of the same version are another build`() throws {
        let bench = try LiveBench()
        try bench.plugin.put("1.0.0", word: "one")
        try bench.start()
        try bench.plugin.put("1.0.0", word: "two")
        bench.live.reconcile()
        #expect(try bench.word() == "two")
        #expect(try bench.state(of: 2) == "serving")
    }

    @Test func `touched files are no new build, and old bytes bring the old build back`() throws {
        let bench = try LiveBench()
        try bench.plugin.put("1.0.0", word: "one")
        try bench.start()
        try bench.plugin.put("1.0.0", word: "one")
        bench.live.reconcile()
        #expect(bench.events.steps.isEmpty)
        try bench.plugin.put("1.0.1", word: "two")
        bench.live.reconcile()
        try bench.plugin.put("1.0.0", word: "one")
        bench.live.reconcile()
        #expect(try bench.word() == "one")
        #expect(try bench.live.why("versioned")["loaded_builds"] == 2)
    }

    @Test func `a new folder is loaded, one that is gone gets no sessions, and lives on in those it has`() throws {
        let bench = try LiveBench()
        try bench.start()
        #expect(bench.profiles.begin("versioned", bench.executor) == nil)
        try bench.plugin.put("1.0.0", word: "one")
        bench.live.reconcile()
        let session = try #require(bench.profiles.begin("versioned", bench.executor))
        try bench.plugin.take()
        bench.live.reconcile()
        #expect(bench.profiles.begin("versioned", bench.executor) == nil)
        #expect(session.ask(bench.executor) == "one")
        #expect(bench.host.plugins.isEmpty)
        session.end()
        bench.live.tick()
        #expect(bench.events.steps.suffix(3) == ["removed 1", "draining 1", "retired 1"])
        #expect(bench.host.openProviders.isEmpty)
    }

    @Test(arguments: [
        ("BROKEN_OPEN", "provider.not_found"), ("BROKEN_SESSION", "provider.connectivity"),
        ("BROKEN_HEALTH", "provider.connectivity"), ("OTHER_SCHEMA", "plugin.config_invalid"),
    ])
    func `a build that fails its self-test serves nobody`(macro: String, code: String) throws {
        let bench = try LiveBench()
        bench.profiles.use("versioned@1", configuration: ["mood": "calm"])
        try bench.plugin.put("1.0.0", word: "one")
        try bench.start()
        try bench.plugin.put("1.1.0", word: "two", macros: [macro])
        bench.live.reconcile()
        #expect(try bench.word() == "one")
        #expect(bench.events.steps == ["discovered", "loaded 2", "self_test_failed 2"])
        #expect(bench.events.detail(.selfTestFailed)?.hasPrefix(code) == true)
        #expect(try bench.state(of: 2) == "self_test_failed")
        #expect(bench.host.plugins.first?.providers.first?.version.description == "1.0.0")
        bench.live.reconcile()
        #expect(bench.events.steps.count == 3, "it is tried once")
    }

    @Test func `a detector has to take a frame`() throws {
        let bench = try LiveBench()
        bench.profiles.use("versioned-vad", kind: .vad)
        try bench.plugin.put("1.0.0", word: "one")
        try bench.start()
        try bench.plugin.put("1.1.0", word: "two", macros: ["BROKEN_FRAME"])
        bench.live.reconcile()
        #expect(bench.events.detail(.selfTestFailed)?.hasPrefix("plugin.self_test.failed") == true)
        #expect(try bench.word() == "one", "the module's other provider neither")
    }

    @Test func `a broken folder leaves the build that serves alone`() throws {
        let bench = try LiveBench()
        try bench.plugin.put("1.0.0", word: "one")
        try bench.start()
        try bench.plugin.put("1.1.0", word: "two", manifest: "{")
        bench.live.reconcile()
        #expect(try bench.word() == "one")
        #expect(bench.events.steps == ["refused"])
        // Half a copy.
        try bench.plugin.put("1.1.0", word: "two")
        let file = "\(bench.plugin.root)/versioned/plugin.so"
        let whole = try #require(FileManager.default.contents(atPath: file))
        try whole.prefix(whole.count / 2).write(to: URL(filePath: file))
        bench.live.reconcile()
        #expect(bench.events.detail(.refused)?.hasPrefix("plugin.elf.malformed") == true)
        try whole.write(to: URL(filePath: file))
        bench.live.reconcile()
        #expect(try bench.word() == "two")
        #expect(try bench.live.why("versioned")["refusals"] == [])
    }

    @Test func `a folder in the making is left alone`() throws {
        let bench = try LiveBench()
        try bench.start()
        try bench.plugin.put("1.0.0", word: "one", folder: ".versioned.new")
        bench.live.reconcile()
        #expect(bench.events.steps.isEmpty)
    }

    @Test func `two folders with the same version stay a mistake until one goes`() throws {
        let bench = try LiveBench()
        try bench.plugin.put("1.0.0", word: "one")
        try bench.start()
        try bench.plugin.put("1.0.0", word: "two", folder: "another")
        bench.live.reconcile()
        bench.live.reconcile()
        #expect(bench.events.detail(.refused)?.hasPrefix("plugin.duplicate_id") == true)
        #expect(bench.events.steps.count { $0 == "refused" } == 1)
        #expect(try bench.word() == "one")
        try bench.plugin.take()
        bench.live.reconcile()
        #expect(try bench.word() == "two")
    }

    @Test func `an operator goes back, and forth again`() throws {
        let bench = try LiveBench()
        try bench.plugin.put("1.0.0", word: "one")
        try bench.start()
        try bench.plugin.put("1.1.0", word: "two")
        bench.live.reconcile()
        try bench.live.rollback("versioned")
        #expect(try bench.word() == "one")
        #expect(try bench.state(of: 2) == "rolled_back")
        bench.live.reconcile()
        #expect(try bench.word() == "one", "the folder has not changed")
        try bench.live.reload("versioned")
        #expect(try bench.word() == "two")
        #expect(throws: SyrinxError.self) { try bench.live.reload("nobody") }
    }

    @Test func `there is nothing before the first`() throws {
        let bench = try LiveBench()
        try bench.plugin.put("1.0.0", word: "one")
        try bench.start()
        #expect {
            try bench.live.rollback("versioned")
        } throws: { ($0 as? SyrinxError)?.code == "plugin.rollback.no_previous" }
        #expect(try bench.word() == "one")
    }

    @Test func `a pin is never moved`() throws {
        let bench = try LiveBench()
        bench.profiles.use("versioned@1.0.0")
        bench.profiles.use("versioned@1")
        try bench.plugin.put("1.0.0", word: "one")
        try bench.start()
        try bench.plugin.put("1.1.0", word: "two")
        bench.live.reconcile()
        try bench.plugin.put("2.0.0", word: "three", folder: "next")
        bench.live.reconcile()
        #expect(try bench.word() == "three")
        #expect(try bench.word("versioned@1") == "two")
        #expect(try bench.word("versioned@1.0.0") == "one")
    }

    @Test func `builds beyond the budget are refused with the reason`() throws {
        let bench = try LiveBench { $0.maxGenerations = 3 }
        try bench.plugin.put("1.0.0", word: "w0")
        try bench.start()
        for build in 1...3 {
            try bench.plugin.put("1.0.0", word: "w\(build)")
            bench.live.reconcile()
        }
        #expect(try bench.word() == "w2")
        #expect(bench.events.detail(.refused)?.hasPrefix("plugin.generations_exhausted") == true)
        #expect(try bench.live.why("versioned")["loaded_builds"] == 3)
    }
}
