// SPDX-License-Identifier: Apache-2.0

import Foundation

/// A folder of plugins whose builds can be told apart: Fixtures/versioned.c, built with `cc` and the header.
struct VersionedPlugin {
    let root: String

    init() throws {
        root = NSTemporaryDirectory() + "syrinx-versioned-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: true)
    }

    /// Puts a build into a folder, at once, as an operator should: made elsewhere, renamed into place.
    func put(
        _ version: String, word: String, macros: [String] = [], folder: String = "versioned", manifest: String? = nil
    ) throws {
        let staging = "\(root).staging"
        try? FileManager.default.removeItem(atPath: staging)
        try FileManager.default.createDirectory(atPath: staging, withIntermediateDirectories: true)
        try compile(["VERSION=\"\(version)\"", "WORD=\"\(word)\""] + macros, to: "\(staging)/plugin.so")
        try (manifest ?? Self.manifest(version)).write(
            toFile: "\(staging)/plugin.json", atomically: true, encoding: .utf8)
        let place = "\(root)/\(folder)"
        if FileManager.default.fileExists(atPath: place) {
            let trash = "\(root).trash"
            try? FileManager.default.removeItem(atPath: trash)
            try FileManager.default.moveItem(atPath: place, toPath: trash)
        }
        try FileManager.default.moveItem(atPath: staging, toPath: place)
    }

    func take(_ folder: String = "versioned") throws { try FileManager.default.removeItem(atPath: "\(root)/\(folder)") }

    func remove() {
        for path in [root, "\(root).staging", "\(root).trash"] { try? FileManager.default.removeItem(atPath: path) }
    }

    static func manifest(_ version: String) -> String {
        """
        {"id":"versioned","version":"\(version)","abi":"1.0","entry":"plugin.so",
         "provides":[{"kind":"agent","id":"versioned"},{"kind":"vad","id":"versioned-vad"}]}
        """
    }

    private func compile(_ macros: [String], to path: String) throws {
        let here = URL(filePath: #filePath).deletingLastPathComponent()
        let tests = here.deletingLastPathComponent().deletingLastPathComponent()
        let compiler = Process()
        compiler.executableURL = URL(filePath: "/usr/bin/cc")
        compiler.arguments =
            [
                "-std=c11", "-shared", "-fPIC", "-fvisibility=hidden", "-I",
                tests.deletingLastPathComponent().appending(path: "plugin-sdk/include").path(), "-o", path,
            ] + macros.map { "-D\($0)" }
            + [tests.appending(path: "SyrinxHostTests/Fixtures/versioned.c").path()]
        try compiler.run()
        compiler.waitUntilExit()
        struct CompilerFailed: Error {}
        guard compiler.terminationStatus == 0 else { throw CompilerFailed() }
    }
}
