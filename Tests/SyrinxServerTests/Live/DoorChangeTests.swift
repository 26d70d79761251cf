// SPDX-License-Identifier: Apache-2.0

import Foundation
import SyrinxCore
import SyrinxHost
import SyrinxRuntime
import SyrinxServer
import SyrinxTestKit
import Testing

@Suite("Changing the plugin of a door", .tags(.integration), .serialized)
struct DoorChangeTests {
    @Test func `the old build goes with its last call, whether another comes or not`() async throws {
        try await LiveServer.run { options in
            var door = Door()
            door.transport = StagePlan(.transport, ProviderReference(id: "mock"))
            door.profile = "who"
            door.rate = 8_000
            options.policy.doors["phone"] = door
            options.loading = .trusting
        } _: { live in
            let caller = try await Caller(
                port: live.server.port, "", path: "/doors/phone", greeting: "session.ready")
            try await Blocking.run {
                try renew(live.plugin.root)
                live.server.server.live.reconcile()
            }
            let generations = try await live.admin("GET", "/plugins/mock/why")["generations"]?.array
            #expect(generations?.count == 2)
            // The call goes on with what it began with.
            await caller.send(["command": ["type": "text", "text": "who are you"]])
            #expect(try await caller.event("turn.ended")["agent"] == "w0")
            #expect(try await retired(live) == 0)
            try await caller.hangUp()
            try await live.settle("the old build never retired") {
                live.server.server.live.reconcile()
                return try await retired(live) == 1
            }
        }
    }

    private func retired(_ live: LiveServer) async throws -> Int64? {
        try await live.admin("GET", "/plugins")["events"]?["retired"]?.int
    }

    /// Another build of the same plugin, renamed into place.
    private func renew(_ root: String) throws {
        let (place, staging) = ("\(root)/mock", "\(root).staging")
        try FileManager.default.copyItem(atPath: place, toPath: staging)
        let manifest = "\(staging)/plugin.json"
        let text = try String(contentsOfFile: manifest, encoding: .utf8)
        try text.replacing("\"name\": \"", with: "\"name\": \"New ")
            .write(toFile: manifest, atomically: true, encoding: .utf8)
        try FileManager.default.moveItem(atPath: place, toPath: "\(root).trash")
        try FileManager.default.moveItem(atPath: staging, toPath: place)
    }
}
