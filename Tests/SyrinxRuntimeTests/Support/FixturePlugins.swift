// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Plugins of Tests/Integration/Plugins, built as a third party would: `cc` and the header, nothing else.
struct FixturePlugins {
    private struct CompilerFailed: Error {}
    private struct Missing: Error, CustomStringConvertible {
        let description = "SYRINX_PLUGINS must name the folder of built plugins; `make unit` builds them and sets it"
    }

    /// Providers over a network that breaks.
    private static func hearing(_ prefix: String) -> String {
        """
        {"id":"\(prefix)hearing","version":"1.0.0","abi":"1.1","entry":"plugin.so","name":"Hearing",
         "provides":[{"kind":"stt","id":"\(prefix)hearing"},{"kind":"stt","id":"\(prefix)hearing-spare"},
                     {"kind":"tts","id":"\(prefix)voicing"},{"kind":"tts","id":"\(prefix)voicing-spare"},
                     {"kind":"s2s","id":"\(prefix)speaking"},{"kind":"s2s","id":"\(prefix)speaking-spare"}],
         "permissions":{"net":["https://hearing.example"]}}
        """
    }
    /// Providers that take their time.
    private static let slow = """
        {"id":"slow","version":"1.0.0","abi":"1.1","entry":"plugin.so","name":"Slow",
         "provides":[{"kind":"agent","id":"thinking"},{"kind":"agent","id":"thinking-spare"},
                     {"kind":"tts","id":"drawling"},{"kind":"tts","id":"drawling-spare"}],
         "permissions":{"net":["https://slow.example"]}}
        """

    let plugins = NSTemporaryDirectory() + "syrinx-fixtures-\(UUID().uuidString)"

    /// - Parameter prefixes: of the ids that hear; a plugin for each.
    init(_ prefixes: [String]) throws {
        for prefix in prefixes { try build("hearing", prefix, Self.hearing(prefix)) }
        try build("slow", "", Self.slow)
        try addBuilt(["energy-vad", "echo-agent", "mock"])
    }

    private func build(_ name: String, _ prefix: String, _ manifest: String) throws {
        let folder = "\(plugins)/\(prefix)\(name)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try manifest.write(toFile: folder + "/plugin.json", atomically: true, encoding: .utf8)
        let tests = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let compiler = Process()
        compiler.executableURL = URL(filePath: "/usr/bin/cc")
        compiler.arguments = [
            "-std=c11", "-shared", "-fPIC", "-fvisibility=hidden", "-DPREFIX=\"\(prefix)\"",
            "-o", folder + "/plugin.so",
            "-I", tests.deletingLastPathComponent().appending(path: "plugin-sdk/include").path(),
            tests.appending(path: "Integration/Plugins/\(name).c").path(),
        ]
        try compiler.run()
        compiler.waitUntilExit()
        guard compiler.terminationStatus == 0 else { throw CompilerFailed() }
    }

    /// Plugins of the product beside it: those that the tests need, for all of them take long to load.
    private func addBuilt(_ names: [String]) throws {
        let built = try Self.builtPlugins()
        for name in names {
            try FileManager.default.createDirectory(atPath: "\(plugins)/\(name)", withIntermediateDirectories: true)
            for file in ["plugin.json", "plugin.so"] {
                let (from, to) = ("\(built)/\(name)/\(file)", "\(plugins)/\(name)/\(file)")
                // The same file, so that the loader maps it once; a copy where it is on another disk.
                do {
                    try FileManager.default.linkItem(atPath: from, toPath: to)
                } catch {
                    try FileManager.default.copyItem(atPath: from, toPath: to)
                }
            }
        }
    }

    func remove() { try? FileManager.default.removeItem(atPath: plugins) }

    private static func builtPlugins() throws -> String {
        guard let folder = ProcessInfo.processInfo.environment["SYRINX_PLUGINS"],
            FileManager.default.fileExists(atPath: folder + "/mock/plugin.so")
        else { throw Missing() }
        return folder
    }
}
