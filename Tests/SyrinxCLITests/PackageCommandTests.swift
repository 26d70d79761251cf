// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import SyrinxCore
import SyrinxHost
import Testing

@testable import SyrinxCLI

/// A bound package: its entry is a text, so that no compiler is needed.
@Suite(.tags(.unit))
struct PackageCommandTests {
    private let root: String
    private var plugins: String { root + "/plugins" }
    private var folder: String { plugins + "/tiny" }

    init() throws {
        root = FileManager.default.temporaryDirectory.appendingPathComponent("syrinx-cli-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try write(
            folder + "/plugin.json",
            #"{"id":"tiny","version":"1.0.0","abi":"1.0","entry":"bind.json","provides":[{"kind":"vad","id":"tiny"}]}"#)
        try write(folder + "/bind.json", "{}")
    }

    private func write(_ path: String, _ text: String) throws {
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
    }

    private func run(_ arguments: String...) async -> Int32 { await CommandLineTool.run(["plugin"] + arguments) }

    private func remove() { try? FileManager.default.removeItem(atPath: root) }

    @Test
    func `a plugin is signed, verified, broken and refused`() async throws {
        defer { remove() }
        #expect(await run("keygen", "acme", "--output", root, "--trust", "inproc", "--expires", "2999-01-01") == 0)
        #expect(await run("sign", folder + "/", "--key", root + "/acme.secret.json") == 0)
        #expect(await run("verify", folder, "--keys", root + "/acme.pub.json") == 0)
        let verifier = PackageVerifier(keys: try TrustKeyring(paths: [root + "/acme.pub.json"]))
        #expect(verifier.level(folder: folder) == .signed)
        // Signing again signs what is there now.
        try write(folder + "/voice.bin", "voice")
        #expect(await run("verify", folder, "--keys", root, "--json") == 1)
        #expect(verifier.level(folder: folder) == .modified)
        #expect(await run("sign", folder, "--key", root + "/acme.secret.json") == 0)
        #expect(verifier.level(folder: folder) == .signed)
    }

    @Test
    func `a lock file holds what it was written for`() async throws {
        defer { remove() }
        #expect(await run("lock", plugins, "--core") == 0)
        let lock = plugins + "/plugins.lock"
        #expect(await run("verify", folder) == 0)
        #expect(await run("verify", folder, "--lock", lock) == 0)
        #expect(PackageVerifier(lock: try PluginLock(contentsOf: lock)).level(folder: folder) == .core)
        try write(folder + "/bind.json", "{ }")
        #expect(await run("verify", folder, "--lock", lock) == 1)
        #expect(await run("verify", folder) == 1)
        #expect(await run("lock", folder) == 0)
        #expect(PackageVerifier(lock: try PluginLock(contentsOf: lock)).level(folder: folder) == .unsigned)
    }

    @Test
    func `locking one plugin leaves the others as they are`() async throws {
        defer { remove() }
        let other = plugins + "/other"
        try FileManager.default.copyItem(atPath: folder, toPath: other)
        let manifest = try String(contentsOfFile: folder + "/plugin.json", encoding: .utf8)
        try write(other + "/plugin.json", manifest.replacing("\"tiny\"", with: "\"other\""))
        #expect(await run("lock", plugins, "--core") == 0)
        try write(folder + "/bind.json", "{ }")
        #expect(await run("lock", folder) == 0)
        let lock = try #require(try PluginLock(besides: folder))
        #expect(lock.entries.map(\.id) == ["other", "tiny"] && lock.entries.map(\.trust) == [.core, .unsigned])
        #expect(await run("verify", folder) == 0)
        #expect(await run("verify", other) == 0)
    }

    @Test
    func `a key is never overwritten, and never used when others can read it`() async throws {
        defer { remove() }
        #expect(await run("keygen", "acme", "--output", root) == 0)
        #expect(await run("keygen", "acme", "--output", root) == 1)
        let secret = root + "/acme.secret.json"
        let mode = try FileManager.default.attributesOfItem(atPath: secret)[.posixPermissions] as? Int
        #expect(mode == 0o600)
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: secret)
        #expect(await run("sign", folder, "--key", secret) == 1)
        #expect(await run("keygen", "../evil", "--output", root) == 2)
        #expect(await run("keygen", "b", "--trust", "root") == 2)
        #expect(await run("keygen", "b", "--expires", "tomorrow") == 2)
    }

    @Test
    func `quarantine is listed and lifted`() async throws {
        defer { remove() }
        let quarantine = Quarantine(state: root + "/state")
        #expect(await run("quarantine", "--state", root + "/state") == 0)
        let hash = ContentHash(of: Array("code".utf8))
        try quarantine.add(hash, plugin: "tiny", reason: "it crashed")
        #expect(await run("quarantine", "list", "--state", root + "/state", "--json") == 0)
        #expect(await run("quarantine", "lift", "0000000", "--state", root + "/state") == 1)
        #expect(await run("quarantine", "lift", hash.short, "--state", root + "/state") == 0)
        #expect(try !quarantine.isQuarantined(hash))
    }

    @Test
    func `a card tells what a package is and may do`() throws {
        defer { remove() }
        let card = PackageCard(try PackageVerifier().examine(folder: folder))
        #expect(card.text.hasPrefix("trust   unsigned\nplugin  tiny 1.0.0\nruns    in a helper process"))
        #expect(card.json["trust"] == "unsigned" && card.json["permissions"]?["run"] == false)
    }
}
