// SPDX-License-Identifier: Apache-2.0

import Foundation
import SyrinxCLI
import SyrinxCore
import SyrinxHost
import SyrinxRuntime
import SyrinxServer
import SyrinxTestKit
import Testing

/// A server with one plugin that changes: the profile `who` has it as its agent, `ears` as its VAD.
struct LiveServer: Sendable {
    let server: TestServer
    let plugin: VersionedPlugin
    let socket: String

    static func run(
        _ change: @escaping @Sendable (inout ServerOptions) -> Void = { _ in },
        _ body: (LiveServer) async throws -> Void
    ) async throws {
        let plugin = try VersionedPlugin()
        defer { plugin.remove() }
        let socket = "\(plugin.root).sock"
        try await Blocking.run {
            try plugin.put("1.0.0", word: "w0")
            // One folder for all: others may be gone once the server has started.
            for other in ["mock", "energy-vad"] {
                try FileManager.default.copyItem(
                    atPath: "\(Plugins.folder())/\(other)", toPath: "\(plugin.root)/\(other)")
            }
        }
        let server = try await TestServer.start { options in
            options.pluginFolders = [plugin.root]
            options.policy.profiles = [who, ears]
            options.adminSocket = socket
            change(&options)
        }
        do {
            try await body(LiveServer(server: server, plugin: plugin, socket: socket))
        } catch {
            await server.stop()
            throw error
        }
        await server.stop()
    }

    private static var who: Profile {
        var profile = BuiltInProfiles.mock
        profile.name = "who"
        profile.agent = StagePlan(.agent, ProviderReference(id: "versioned"))
        profile.tts?.options = ["reply_ms": 40]
        return profile
    }

    private static var ears: Profile {
        var profile = BuiltInProfiles.echo
        profile.name = "ears"
        profile.vad = StagePlan(.vad, ProviderReference(id: "versioned-vad"))
        return profile
    }

    /// What a session that begins now gets for an answer.
    func word() async throws -> String {
        let caller = try await server.call("profile=who")
        let word = try await LiveServer.ask(caller)
        try await caller.hangUp()
        return word
    }

    static func ask(_ caller: Caller) async throws -> String {
        await caller.send(["type": "text", "text": "who are you"])
        return try await caller.event("turn.ended")["agent"]?.string ?? ""
    }

    func admin(_ method: String, _ path: String) async throws -> JSONValue {
        let client = AdminClient(socket: socket)
        return try await Blocking.run { try client.send(method, path) }
    }

    /// Waits for what the watcher does; it waits for quiet itself.
    func settle(_ what: String, _ isDone: @Sendable () async throws -> Bool) async throws {
        let deadline = ContinuousClock.now + .seconds(30)
        while try await !isDone() {
            guard ContinuousClock.now < deadline else { throw Caller.Missing(description: what) }
            try await Task.sleep(for: .milliseconds(20))
        }
    }
}
