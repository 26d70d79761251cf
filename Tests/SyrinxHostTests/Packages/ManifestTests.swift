// SPDX-License-Identifier: Apache-2.0

import Foundation
import SyrinxCore
import SyrinxHost
import SyrinxTestKit
import Testing

@Suite("The manifest") struct ManifestTests {
    static let repository = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    static let full = """
        {"id": "my-tts", "version": "1.2.3-rc.1", "abi": "1.0", "entry": "plugin.so", "name": "Mine",
         "description": "Speaks", "license": "MIT", "provides": [{"kind": "tts", "id": "mine"}],
         "files": {"plugin.so": "sha256:\(String(repeating: "0a", count: 32))",
                   "voices/en (1).bin": "sha256:\(String(repeating: "ff", count: 32))"},
         "permissions": {"net": ["wss://api.example.com/v1", "*.example.com:443"], "secrets": ["example_key"],
                         "run": true, "fs": "data", "memory_mb": 512, "threads": 4},
         "mode": "isolated", "language": "c", "toolchain": "gcc 12", "sdk": "1.0.0"}
        """

    @Test func `the published schema is the one that the parser asks`() throws {
        let file = Self.repository.appending(path: "plugin-sdk/schema/plugin.schema.json")
        let published = String(decoding: try Data(contentsOf: file), as: UTF8.self)
        #expect(published.trimmingCharacters(in: .newlines) == ManifestSchema.text)
    }

    @Test func `the schema knows the kinds of the header`() throws {
        let schema = try JSONValue(parsing: ManifestSchema.text)
        let provides = schema["properties"]?["provides"]?["items"]?["properties"]?["kind"]?["enum"]?.array
        #expect(provides?.compactMap(\.string) == PluginKind.allCases.map(\.name))
    }

    @Test func `every key is read`() throws {
        let manifest = try PluginManifest(parsing: Self.full, file: "plugin.json")
        #expect(manifest.files?.count == 2)
        #expect(manifest.permissions.net == ["wss://api.example.com/v1", "*.example.com:443"])
        #expect(manifest.permissions.secrets == ["example_key"])
        #expect(manifest.permissions.run && manifest.permissions.readsData)
        #expect(manifest.permissions.memoryMB == 512 && manifest.permissions.threads == 4)
        #expect(manifest.mode == .isolated && manifest.language == "c" && manifest.sdk == "1.0.0")
        #expect(!manifest.isBound)
    }

    @Test func `nothing is permitted that is not asked for`() throws {
        let manifest = try PluginManifest(parsing: FixturePlugin.manifest(), file: "plugin.json")
        #expect(manifest.permissions == .none)
        #expect(manifest.files == nil && manifest.mode == nil)
    }

    @Test func `a misspelt key is refused with its place and what was meant`() {
        let text = Self.full.replacing("\"licen", with: "\"lisen").replacing("\"memory_mb\"", with: "\"memory\"")
        #expect {
            try PluginManifest(parsing: text, file: "/p/plugin.json")
        } throws: { error in
            guard let error = error as? SyrinxError else { return false }
            return error.code == "plugin.manifest.invalid" && error.place == "/p/plugin.json:$.lisense"
                && error.fix == "did you mean `license`?"
        }
    }

    static let wrong: [(String, String)] = [
        ("\"1.2.3-rc.1\"", "\"1.2\""), ("\"plugin.so\", \"name\"", "\"../plugin.so\", \"name\""),
        ("\"plugin.so\": \"sha256:0a", "\"../plugin.so\": \"sha256:0a"),
        ("\"plugin.so\": \"sha256:0a", "\"/etc/passwd\": \"sha256:0a"),
        ("\"plugin.so\": \"sha256:0a", "\"a/../../b\": \"sha256:0a"),
        ("\"plugin.so\": \"sha256:0a", "\"plugin.json\": \"sha256:0a"),
        ("sha256:0a", "md5:0a"), ("sha256:0a", "sha256:0A"), ("\"tts\"", "\"tss\""), ("\"data\"", "\"all\""),
        ("512", "-1"), ("\"isolated\"", "\"root\""), ("\"my-tts\"", "\"My TTS\""), ("\"1.0\"", "\"one\""),
        ("\"wss://api.example.com/v1\"", "\"file:///etc\""), ("{\"id\"", "[{\"id\""),
    ]

    @Test(arguments: wrong) func `a wrong value is refused`(old: String, new: String) {
        let text = Self.full.replacing(old, with: new, maxReplacements: 1)
        #expect(text != Self.full)
        #expect(
            code { () throws(SyrinxError) in _ = try PluginManifest(parsing: text, file: "f") }
                == "plugin.manifest.invalid")
    }

    @Test func `parser and schema agree about whatever comes`() throws {
        var random = SplitMix64(seed: 42)
        let schema = try ManifestSchema.schema.get()
        let pieces = ["\"", "{", "}", "[", "]", ":", ",", "0", "x", "/", "..", " ", "null", "true", "-1", "\u{0}", "é"]
        var accepted = 0
        for _ in 0..<3000 {
            var text = Array(Self.full)
            for _ in 0...random.next() % 3 {
                let at = Int(random.next() % UInt64(text.count))
                let piece = pieces[Int(random.next() % UInt64(pieces.count))]
                let length = Int(random.next() % 3)
                text.replaceSubrange(at..<min(text.count, at + length), with: Array(piece))
            }
            let document = String(text)
            let isAccepted = (try? PluginManifest(parsing: document, file: "f")) != nil
            let isValid = (try? JSONValue(parsing: document)).map { schema.validate($0).isEmpty } ?? false
            #expect(isAccepted == isValid, "\(document)")
            accepted += isAccepted ? 1 : 0
        }
        #expect(accepted > 0)
    }

    @Test func `every manifest of this repository is valid`() throws {
        let plugins = Self.repository.appending(path: "Plugins").path()
        var seen = 0
        for name in try FileManager.default.contentsOfDirectory(atPath: plugins) {
            let file = "\(plugins)/\(name)/plugin.json"
            guard let text = FileManager.default.contents(atPath: file) else { continue }
            _ = try PluginManifest(parsing: Array(text), file: file)
            seen += 1
        }
        #expect(seen > 0)
    }
}
