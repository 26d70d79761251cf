// SPDX-License-Identifier: Apache-2.0

import Foundation
import SyrinxCore
import SyrinxHost
import SyrinxRuntime
import SyrinxServer
import SyrinxSimulators
import SyrinxStore
import Testing

@Suite("What providers say a session cost", .tags(.integration))
struct UsageTests {
    @Test(arguments: [Vendor.openaiChat, .openaiRealtime])
    func `tokens are in the record, in the month and in the metrics`(vendor: Vendor) async throws {
        let folder = NSTemporaryDirectory() + "syrinx-usage-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let simulator = try await SimulatorServer.start(vendor.simulator(""), tls: nil)
        let server = try await TestServer.start { [address = simulator.address] options in
            var profile = vendor.profile("vendor", at: address)
            profile.tenant = BuiltInProfiles.mock.tenant
            options.policy.profiles = [profile]
            options.network.addresses.allowed = ["127.0.0.1"].compactMap(AddressRange.init)
            options.storage = StoreOptions(database: "\(folder)/syrinx.db")
            options.adminAddress = AdminAddress(host: "127.0.0.1", port: 0)
        }
        let caller = try await server.call("profile=vendor")
        for _ in 1...2 {
            await caller.send(["type": "text", "text": "good morning"])
            #expect(try await caller.event("turn.ended")["outcome"] == "answered")
        }
        let id = await caller.session
        try await caller.hangUp()
        try await server.settle()

        let totals = try #require(try await totals(server, id))
        let (read, written) = (totals["input_tokens"]?.int ?? 0, totals["output_tokens"]?.int ?? 0)
        #expect(read > 0 && written > 0, "\(totals)")
        // Of two months when one ends meanwhile.
        let months = try await server.http.get("/v1/usage").json["usage"]?.array ?? []
        func sum(_ key: String) -> Int64 { months.compactMap { $0[key]?.int }.reduce(0, +) }
        #expect(sum("input_tokens") == read && sum("output_tokens") == written)
        let admin = HTTPClient(port: try #require(server.server.adminPort))
        let metrics = String(decoding: try await admin.send("GET", "/metrics").body, as: UTF8.self)
        #expect(metrics.contains("syrinx_usage_tokens_total{direction=\"input\"} \(read)\n"))
        #expect(metrics.contains("syrinx_usage_tokens_total{direction=\"output\"} \(written)\n"))
        await server.stop()
        await simulator.stop()
    }

    private func totals(_ server: TestServer, _ id: String) async throws -> JSONValue? {
        for _ in 0..<500 {
            let record = try await server.http.get("/v1/records/\(id)").json
            if record["reason"]?.string != nil { return record["totals"] }
            try await Task.sleep(for: .milliseconds(20))
        }
        return nil
    }
}
