// SPDX-License-Identifier: Apache-2.0

import Foundation
import SyrinxCore
import SyrinxHost
import SyrinxRuntime
import SyrinxServer
import SyrinxTestKit
import Testing

@Suite("Changing plugins while calls go on", .tags(.integration), .serialized)
struct LiveChangeTests {
    @Test func `a build that is put into the folder serves new calls, without a restart`() async throws {
        try await LiveServer.run({ $0.pluginFoldersAreWatched = true }) { live in
            let old = try await live.server.call("profile=who")
            #expect(try await LiveServer.ask(old) == "w0")
            try await Blocking.run { try live.plugin.put("1.1.0", word: "w1") }
            try await live.settle("the new build never served") { try await live.word() == "w1" }
            #expect(try await LiveServer.ask(old) == "w0")
            try await old.hangUp()
            try await live.settle("the old build never retired") {
                try await live.admin("GET", "/plugins")["events"]?["retired"]?.int == 1
            }
        }
    }

    @Test func `operators see, reload, take back, and learn why`() async throws {
        try await LiveServer.run { live in
            let before = try await live.admin("GET", "/plugins")
            let versioned = before["plugins"]?.array?.first { $0["plugin"] == "versioned" }
            #expect(versioned?["generations"]?.array?.first?["state"] == "serving")
            try await Blocking.run { try live.plugin.put("1.1.0", word: "w1") }
            let reloaded = try await live.admin("POST", "/plugins/versioned/reload")
            #expect(reloaded["generations"]?.array?.map { $0["version"] ?? .null } == ["1.0.0", "1.1.0"])
            #expect(try await live.word() == "w1")
            _ = try await live.admin("POST", "/plugins/versioned/rollback")
            #expect(try await live.word() == "w0")
            let why = try await live.admin("GET", "/plugins/versioned/why")
            #expect(why["generations"]?.array?.last?["reason"] == "by the operator")
            #expect(why["events"]?.array?.contains { $0["event"] == "rolled_back" } == true)
            let health = try await live.server.http.get("/healthz").json
            #expect(health["plugin_events"]?["rolled_back"] == 1)
            #expect(try await live.server.http.get("/plugins").status == 404, "not on the public port")
        }
    }

    @Test func `mistakes of operators are told`() async throws {
        try await LiveServer.run { live in
            await #expect {
                _ = try await live.admin("POST", "/plugins/nobody/reload")
            } throws: { ($0 as? SyrinxError)?.code == "plugin.not_found" }
            await #expect {
                _ = try await live.admin("POST", "/plugins/versioned/rollback")
            } throws: { ($0 as? SyrinxError)?.code == "plugin.rollback.no_previous" }
            let mode = try FileManager.default.attributesOfItem(atPath: live.socket)[.posixPermissions] as? Int
            #expect(mode == 0o600)
            #expect(throws: SyrinxError.self) { try AdminSocket(path: live.socket) }
        }
    }

    @Test func `a build that fails its self-test, or in calls, serves no more`() async throws {
        try await LiveServer.run { live in
            try await Blocking.run {
                try live.plugin.put("1.1.0", word: "w1", macros: ["BROKEN_SESSION"])
                live.server.server.live.reconcile()
            }
            #expect(try await live.word() == "w0")
            try await Blocking.run {
                try live.plugin.put("1.2.0", word: "w2", macros: ["BROKEN_PROMPT"])
                live.server.server.live.reconcile()
            }
            for _ in 0..<10 { #expect(try await live.word() != "w2") }
            try await live.settle("it was never taken back") { try await live.word() == "w0" }
            // It drains first: the calls that tried it have to end.
            try await live.settle("it never ended") {
                let why = try await live.admin("GET", "/plugins/versioned/why")
                let states = why["generations"]?.array?.map { $0["state"]?.string }
                return states?.dropFirst() == ["self_test_failed", "rolled_back"]
            }
        }
    }

    @Test func `a named tenant tries the new build, others do not`() async throws {
        try await LiveServer.run({ $0.plugins.canary = CanaryPlan(tenants: ["default"]) }) { live in
            try await Blocking.run {
                try live.plugin.put("1.1.0", word: "w1")
                live.server.server.live.reconcile()
            }
            #expect(try await live.word() == "w1", "the tenant of calls without a name")
            let prepared = try live.server.manager.profiles.find("who")
            let other = prepared.chosen(tenant: "acme", session: "s")
            #expect(other.agent?.provider.descriptor.version.description == "1.0.0")
        }
    }
}
