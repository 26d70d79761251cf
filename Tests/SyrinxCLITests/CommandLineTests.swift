// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import SyrinxCore
import SyrinxHost
import Testing

@testable import SyrinxCLI

@Suite(.tags(.unit))
struct CommandLineTests {
    private static let commands: [any ParsableCommand.Type] = [
        SyrinxCommand.self, ServeCommand.self, CallCommand.self, SayCommand.self, DemoCommand.self, PluginCommand.self,
        PluginListCommand.self, PluginInspectCommand.self, CheckCommand.self, ReplayCommand.self, VersionCommand.self,
        PluginKeygenCommand.self, PluginSignCommand.self, PluginVerifyCommand.self, PluginLockCommand.self,
        PluginQuarantineCommand.self, QuarantineListCommand.self, QuarantineLiftCommand.self, SimulateCommand.self,
    ]

    @Test(arguments: commands.indices)
    func `every help text fits 80 columns and shows an example`(index: Int) {
        let help = SyrinxCommand.helpMessage(for: Self.commands[index], columns: 80)
        for line in help.split(separator: "\n") { #expect(line.count <= 80, "\(line)") }
        #expect(help.contains("Example: syrinx ") || index == 0)
    }

    @Test(arguments: [
        ["bogus"], ["call"], ["call", "--in"], ["call", "--in", "q.wav", "--rate", "7"],
        ["call", "--in", "q.wav", "--timeout", "0"],
        ["say", "--text", " ", "--out", "x.wav"], ["serve", "--listen", "nowhere"], ["serve", "--log-level", "loud"],
        ["check"], ["replay"], ["plugin", "inspect"], ["simulate"], ["simulate", "openai", "--tls", "one.pem"],
        ["simulate", "openai", "--latency-ms", "-1"], ["simulate", "openai", "--reply", "nothing"],
    ])
    func `wrong usage is exit code 2`(arguments: [String]) async {
        #expect(await CommandLineTool.run(arguments) == 2)
    }

    @Test(arguments: [
        ["--help"], ["call", "--help"], ["plugin", "list", "-h"], ["version"], ["version", "--json"],
        ["simulate", "list"],
    ])
    func `help and version are exit code 0`(arguments: [String]) async {
        #expect(await CommandLineTool.run(arguments) == 0)
    }

    @Test(arguments: [
        ["call", "--in", "/nowhere/q.wav"], ["replay", "/nowhere/log"], ["plugin", "list", "--plugins", "/nowhere"],
        ["check", "--config", "/nowhere.yaml"], ["simulate", "nobody"], ["simulate", "openai", "--fault", "explode"],
        ["say", "--text", "x", "--out", "/nowhere/x.wav", "--plugins", "/nowhere"],
    ])
    func `failures are exit code 1`(arguments: [String]) async {
        #expect(await CommandLineTool.run(arguments) == 1)
    }

    @Test
    func `an error tells its code, its place, its sentence and the fix`() {
        let error = SyrinxError("wav.truncated", "it ends", fix: "record again", place: "q.wav:44")
        #expect(Terminal.describe(error) == "error: wav.truncated: q.wav:44: it ends\n  fix: record again")
    }

    @Test
    func `an empty plugin folder lists nothing`() throws {
        let listing = try listing(of: try temporaryFolder())
        #expect(listing.json == ["plugins": []])
        #expect(listing.text == "no plugins")
        #expect(!listing.hasRefusals)
    }

    @Test
    func `a refused plugin is listed with code and reason`() throws {
        let folder = try temporaryFolder()
        try FileManager.default.createDirectory(atPath: folder + "/bad", withIntermediateDirectories: true)
        try Data("{}".utf8).write(to: URL(fileURLWithPath: folder + "/bad/plugin.json"))
        let listing = try listing(of: folder)
        #expect(listing.hasRefusals)
        let entry = listing.json["plugins"]?[0]
        #expect(entry?["status"] == "refused")
        #expect(entry?["folder"] == .string(folder + "/bad"))
        #expect(entry?["code"] == "plugin.manifest.invalid")
        #expect(entry?["reason"]?.string?.isEmpty == false)
        #expect(listing.text.hasPrefix("error: plugin.manifest.invalid: "))
    }

    private func listing(of folder: String) throws -> PluginListing {
        let shelf = try PluginShelf(folders: [folder])
        defer { shelf.close() }
        return PluginListing(shelf.host.plugins)
    }

    private func temporaryFolder() throws -> String {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("syrinx-test-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        return folder.path
    }

    @Test
    func `pretty JSON keeps short values on one line`() {
        let value: JSONValue = ["b": [1, 2], "a": .string(String(repeating: "x", count: 80))]
        #expect(value.prettyText == "{\n  \"a\": \"\(String(repeating: "x", count: 80))\",\n  \"b\": [1,2]\n}")
    }
}

@Suite(.tags(.unit))
struct TalkTargetTests {
    @Test
    func `a bare host gets port, path and query`() throws {
        let target = try TalkTarget(url: "ws://localhost", query: [("profile", "a b&c"), ("rate", "16000")])
        #expect(target.authority == "localhost:8080")
        #expect(target.uri == "/v1/talk?profile=a%20b%26c&rate=16000")
    }

    @Test
    func `path and query of the URL stay`() throws {
        let target = try TalkTarget(url: "ws://[::1]:99/other?vad=energy", query: [("rate", "8000")])
        #expect((target.host, target.port) == ("::1", 99))
        #expect(target.authority == "[::1]:99")
        #expect(target.uri == "/other?vad=energy&rate=8000")
    }

    @Test(arguments: [
        "", "ws://", "http://x", "wss://x", "ws://x:0", "ws://x:99999", "ws://x:y", "ws://u@x", "ws://x/ y", "ws://x/ü",
    ])
    func `other URLs are refused`(url: String) {
        let error = #expect(throws: SyrinxError.self) { try TalkTarget(url: url) }
        #expect(error?.code == "client.url_invalid")
    }
}
