// SPDX-License-Identifier: Apache-2.0

import Foundation
import SyrinxCore
import SyrinxHost

/// Builds Fixtures/fixture.c into a plugin folder of its own, as a third party would: `cc` and the header, nothing else.
struct FixturePlugin {
    let plugins: String

    init(_ name: String, macros: [String] = [], manifest: String? = nil, source: String = "fixture") throws {
        plugins = NSTemporaryDirectory() + "syrinx-fixture-\(name)-\(UUID().uuidString)"
        try add(name, macros: macros, manifest: manifest, source: source)
    }

    /// One more plugin in the same folder.
    func add(_ name: String, macros: [String] = [], manifest: String? = nil, source: String = "fixture") throws {
        let folder = "\(plugins)/\(name)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let text = manifest ?? Self.manifest()
        try text.write(toFile: "\(folder)/plugin.json", atomically: true, encoding: .utf8)
        try Self.compile(source, macros, to: "\(folder)/plugin.so")
    }

    static func manifest(
        id: String = "fixture", kind: String = "agent", abi: String = "1.0", version: String = "1.0.0",
        mayRun: Bool = true
    ) -> String {
        """
        {"id":"\(id)","version":"\(version)","abi":"\(abi)","entry":"plugin.so","name":"Fixture",
         "provides":[{"kind":"\(kind)","id":"\(id)"}]\(mayRun ? #","permissions":{"run":true}"# : "")}
        """
    }

    private static func compile(_ source: String, _ macros: [String], to path: String) throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent()
        let sdk = root.deletingLastPathComponent().deletingLastPathComponent().appending(path: "plugin-sdk/include")
        let compiler = Process()
        compiler.executableURL = URL(filePath: "/usr/bin/cc")
        compiler.arguments =
            ["-std=c11", "-shared", "-fPIC", "-fvisibility=hidden", "-I", sdk.path(), "-o", path]
            + macros.map { "-D\($0)" } + [root.appending(path: "Fixtures/\(source).c").path()]
        try compiler.run()
        compiler.waitUntilExit()
        struct CompilerFailed: Error {}
        guard compiler.terminationStatus == 0 else { throw CompilerFailed() }
    }

    func remove() { try? FileManager.default.removeItem(atPath: plugins) }
}

extension IsolationSettings {
    /// For tests that share their machine: no helper is ended because it stood still for a moment.
    var patient: IsolationSettings {
        var patient = self
        patient.mediaHang = .seconds(10)
        patient.callHang = .seconds(10)
        return patient
    }
}
