// SPDX-License-Identifier: Apache-2.0

internal import Foundation
package import SyrinxCore

/// A plugin's sources: a folder with a `plugin.json` and a Makefile.
package struct PluginProject {
    package let folder: String
    package let id: String

    /// - Throws: `plugin.project.not_found`, `plugin.project.path_unsupported`.
    package init(folder: String) throws(SyrinxError) {
        self.folder = URL(fileURLWithPath: folder).standardizedFileURL.path
        try PluginSDK.check(path: self.folder)
        let manifest = FileManager.default.contents(atPath: self.folder + "/plugin.json")
        let json = manifest.flatMap { try? JSONValue(parsing: String(decoding: $0, as: UTF8.self)) }
        guard case .object(let members)? = json, case .string(let id)? = members["id"],
            FileManager.default.fileExists(atPath: self.folder + "/Makefile")
        else {
            throw SyrinxError(
                "plugin.project.not_found",
                "this is not a plugin's project: it needs a Makefile, and a plugin.json that names its `id`",
                fix: "go to the project's folder, or make one: syrinx plugin new NAME --kind K --lang L",
                place: self.folder)
        }
        self.id = id
    }

    /// Where the finished package comes to lie.
    package var package: String { "\(folder)/out/\(id)" }

    /// Runs make; what it says goes to stderr. Without an SDK the Makefile's own choice holds.
    ///
    /// - Throws: `plugin.build.tool_missing`, `plugin.build.failed`.
    package func build(with sdk: PluginSDK?) throws(SyrinxError) {
        for tool in tools { try Self.check(tool) }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments =
            [
                "make", "--no-print-directory", "-C", folder, "OUT=\(folder)/out",
            ] + (sdk.map { ["SYRINX_SDK=\($0.path)"] } ?? [])
        process.standardOutput = FileHandle.standardError
        do {
            try process.run()
        } catch {
            throw SyrinxError("plugin.build.failed", "make cannot be started", fix: "install make", place: folder)
        }
        process.waitUntilExit()
        guard process.terminationReason == .exit, process.terminationStatus == 0 else {
            throw SyrinxError(
                "plugin.build.failed", "the build ended with an error, told above",
                fix: "mend it and build again; `make -C \(folder)` runs the same build", place: folder)
        }
        try checkPackage()
    }

    private struct Tool {
        let name: String
        let fix: String
    }

    private var tools: [Tool] {
        let has = { (file: String) in FileManager.default.fileExists(atPath: "\(folder)/\(file)") }
        var tools = [Tool(name: "make", fix: "install it: apt-get install make")]
        if has("Package.swift") {
            tools.append(Tool(name: "swift", fix: "install the Swift toolchain from swift.org, and put it into PATH"))
        } else if has("Cargo.toml") {
            tools.append(Tool(name: "cargo", fix: "install Rust 1.63 or later: apt-get install cargo, or rustup.rs"))
        } else if has("plugin.cpp") {
            tools.append(Tool(name: "g++", fix: "install it: apt-get install g++"))
        } else if has("plugin.c") {
            tools.append(Tool(name: "cc", fix: "install it: apt-get install gcc"))
        }
        return tools
    }

    private static func check(_ tool: Tool) throws(SyrinxError) {
        let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
        guard !folders.contains(where: { FileManager.default.isExecutableFile(atPath: "\($0)/\(tool.name)") })
        else { return }
        throw SyrinxError("plugin.build.tool_missing", "this project needs `\(tool.name)`", fix: tool.fix)
    }

    private func checkPackage() throws(SyrinxError) {
        guard FileManager.default.fileExists(atPath: package + "/plugin.json") else {
            throw SyrinxError(
                "plugin.build.failed", "the build left nothing in out/\(id)",
                fix: "ID in the Makefile must be the `id` of plugin.json, and its targets must write to $(OUT)/$(ID)",
                place: folder)
        }
    }
}
