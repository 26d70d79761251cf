// SPDX-License-Identifier: Apache-2.0

internal import Foundation
internal import SyrinxCLI
internal import SyrinxCore
internal import Testing

@Suite("Plugin projects")
struct PluginProjectTests {
    private static let sdkFolder =
        URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path + "/plugin-sdk"
    private let scratch = FileManager.default.temporaryDirectory.path + "/syrinx-projects-\(UUID().uuidString)"

    private func sdk() throws -> PluginSDK { try PluginSDK(named: Self.sdkFolder, environment: [:]) }

    private func code(_ body: () throws -> Void) -> String? {
        do {
            try body()
            return nil
        } catch {
            return (error as? SyrinxError)?.code
        }
    }

    @Test(arguments: ["c", "cpp", "swift", "rust"])
    func `have every kind in every language, with every name filled in`(language: String) throws {
        for kind in ProjectTemplate.kinds.keys {
            let files = try ProjectTemplate(id: "my-new_one", kind: kind, language: language, sdk: sdk()).files
            #expect(files["plugin.json"]?.contains(#""provides": [{"kind": "\#(kind)", "id": "my-new_one"}]"#) == true)
            #expect(files["Makefile"] != nil && files[".gitignore"] != nil && files["README.md"] != nil)
            for (path, content) in files {
                #expect(!path.contains("@") && !content.contains(/@[A-Z]+@|__MODULE__/), "\(path)")
            }
        }
    }

    @Test(arguments: ["vad", "filter", "tts"])
    func `bind a library by a manifest that is JSON`(kind: String) throws {
        let files = try ProjectTemplate(id: "bound-one", kind: kind, language: "bound", sdk: sdk()).files
        let bind = try JSONValue(parsing: try #require(files["bind.json"]))
        guard case .object(let members) = bind else { throw CancellationError() }
        #expect(members["kind"] == .string(kind) && members["id"] == .string("bound-one"))
        #expect(files["plugin.json"]?.contains(#""entry": "bind.json""#) == true)
    }

    @Test(arguments: ["", "A", "1a", "a b", "ä", "a/b", "../a", "a@ID@", String(repeating: "a", count: 65)])
    func `refuse a name that is no id`(id: String) {
        #expect(
            code { _ = try ProjectTemplate(id: id, kind: "vad", language: "c", sdk: sdk()) }
                == "plugin.project.name_invalid")
    }

    @Test(arguments: [("s2s", "c"), ("vad", "cobol"), ("common", "c"), ("stt", "bound"), ("../c/vad", "c")])
    func `refuse what has no template`(kind: String, language: String) {
        #expect(
            code { _ = try ProjectTemplate(id: "a", kind: kind, language: language, sdk: sdk()) }
                == "plugin.project.no_template")
    }

    @Test func `are never written over what is there, nor where make cannot work`() throws {
        defer { try? FileManager.default.removeItem(atPath: scratch) }
        let template = try ProjectTemplate(id: "a", kind: "vad", language: "c", sdk: sdk())
        try template.write(to: scratch)
        #expect(try PluginProject(folder: scratch).package == scratch + "/out/a")
        #expect(code { try template.write(to: scratch) } == "plugin.project.exists")
        #expect(code { try template.write(to: scratch + " b") } == "plugin.project.path_unsupported")
        #expect(code { _ = try PluginProject(folder: "/") } == "plugin.project.not_found")
    }

    @Test func `notice a changed source and no product`() throws {
        defer { try? FileManager.default.removeItem(atPath: scratch) }
        try ProjectTemplate(id: "a", kind: "vad", language: "c", sdk: sdk()).write(to: scratch)
        let project = try PluginProject(folder: scratch)
        let before = project.snapshot()
        try FileManager.default.createDirectory(atPath: scratch + "/out/a", withIntermediateDirectories: true)
        try Data("x".utf8).write(to: URL(fileURLWithPath: scratch + "/out/a/plugin.so"))
        #expect(project.snapshot() == before)
        try Data("x".utf8).write(to: URL(fileURLWithPath: scratch + "/plugin.c"))
        #expect(project.snapshot() != before)
    }

    @Test func `find the SDK that is named and no other folder`() {
        #expect(code { _ = try PluginSDK(named: "/tmp", environment: [:]) } == "plugin.sdk.not_found")
        #expect(code { _ = try PluginSDK(named: nil, environment: ["SYRINX_SDK": "/"]) } == "plugin.sdk.not_found")
    }
}

@Suite("Installing a package")
struct PackageInstallerTests {
    private let scratch = FileManager.default.temporaryDirectory.path + "/syrinx-install-\(UUID().uuidString)"

    private func package(_ content: String) throws -> String {
        let folder = "\(scratch)/package-\(content)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        for name in ["plugin.json", "plugin.so"] {
            try Data("\(content) \(name)".utf8).write(to: URL(fileURLWithPath: "\(folder)/\(name)"))
        }
        return folder
    }

    @Test func `puts it in place whole, and replaces the one that was there`() throws {
        defer { try? FileManager.default.removeItem(atPath: scratch) }
        let folder = scratch + "/plugins"
        for content in ["one", "two", "three"] {
            let place = try PackageInstaller.install(package: package(content), id: "a", into: folder)
            #expect(try String(contentsOfFile: place + "/plugin.so", encoding: .utf8) == "\(content) plugin.so")
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["a"])
        }
    }

    @Test func `leaves what is open as it was`() throws {
        defer { try? FileManager.default.removeItem(atPath: scratch) }
        let folder = scratch + "/plugins"
        let place = try PackageInstaller.install(package: package("one"), id: "a", into: folder)
        let loaded = try #require(FileHandle(forReadingAtPath: place + "/plugin.so"))
        try PackageInstaller.install(package: package("two"), id: "a", into: folder)
        #expect(try loaded.readToEnd() == Data("one plugin.so".utf8))
    }

    @Test func `tells where it cannot be put`() throws {
        defer { try? FileManager.default.removeItem(atPath: scratch) }
        let source = try package("one")
        #expect {
            try PackageInstaller.install(package: source, id: "a", into: "/dev/null/plugins")
        } throws: {
            ($0 as? SyrinxError)?.code == "plugin.install.failed"
        }
    }
}
