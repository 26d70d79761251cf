// SPDX-License-Identifier: Apache-2.0
internal import Foundation

/// A folder of plugins whose builds can be told apart: SyrinxHostTests/Fixtures/versioned.c, built with `cc` and the header.
package struct VersionedPlugin {
    package let root: String

    package init() throws {
        root = NSTemporaryDirectory() + "syrinx-versioned-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: true)
    }

    /// Puts a build into a folder, at once, as an operator should: made elsewhere, renamed into place.
    package func put(
        _ version: String, word: String, macros: [String] = [], folder: String = "versioned", manifest: String? = nil,
        source: String = "versioned"
    ) throws {
        let staging = "\(root).staging"
        try? FileManager.default.removeItem(atPath: staging)
        try FileManager.default.createDirectory(atPath: staging, withIntermediateDirectories: true)
        try compile(source, ["VERSION=\"\(version)\"", "WORD=\"\(word)\""] + macros, to: "\(staging)/plugin.so")
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

    package func take(_ folder: String = "versioned") throws {
        try FileManager.default.removeItem(atPath: "\(root)/\(folder)")
    }

    package func remove() {
        for path in [root, "\(root).staging", "\(root).trash"] { try? FileManager.default.removeItem(atPath: path) }
    }

    package static func manifest(_ version: String) -> String {
        """
        {"id":"versioned","version":"\(version)","abi":"1.0","entry":"plugin.so",
         "provides":[{"kind":"agent","id":"versioned"},{"kind":"vad","id":"versioned-vad"}]}
        """
    }

    /// Without Foundation's `Process`, which does not bear many tests that start programs at the same time.
    private func compile(_ source: String, _ macros: [String], to path: String) throws {
        let kit = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        let tree = kit.deletingLastPathComponent().deletingLastPathComponent()
        let include = tree.appending(path: "plugin-sdk/include").path()
        let source = tree.appending(path: "Tests/SyrinxHostTests/Fixtures/\(source).c").path()
        let arguments =
            ["cc", "-std=c11", "-shared", "-fPIC", "-fvisibility=hidden", "-I", include, "-o", path]
            + macros.map { "-D\($0)" } + [source]
        struct CompilerFailed: Error {}
        guard Self.run("/usr/bin/cc", arguments) == 0 else { throw CompilerFailed() }
    }

    /// - Parameter arguments: with the program's name before them.
    /// - Returns: the wait status; -1 when it did not start.
    package static func run(_ program: String, _ arguments: [String]) -> Int32 {
        let words: [UnsafeMutablePointer<CChar>?] = arguments.map { (word: String) in strdup(word) } + [nil]
        let environment: [UnsafeMutablePointer<CChar>?] = [strdup("PATH=/usr/bin:/bin"), nil]
        defer { for word in words + environment { free(word) } }
        var child = pid_t()
        guard posix_spawn(&child, program, nil, nil, words, environment) == 0 else { return -1 }
        var status: Int32 = -1
        while waitpid(child, &status, 0) < 0, errno == EINTR {}
        return status
    }
}
