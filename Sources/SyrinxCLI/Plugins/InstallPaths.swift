// SPDX-License-Identifier: Apache-2.0

internal import Foundation

/// Where an installation keeps its parts, seen from the running binary.
enum InstallPaths {
    /// `bin/../plugins` of an installed tree, else `plugins` beside the binary.
    static var pluginFolder: String {
        let installed = URL(fileURLWithPath: binaryFolder).deletingLastPathComponent().path + "/plugins"
        return FileManager.default.fileExists(atPath: installed) ? installed : binaryFolder + "/plugins"
    }

    /// Where a host keeps what outlives it: `$STATE_DIRECTORY` (systemd sets it), `$XDG_STATE_HOME/syrinx`, or
    /// `~/.local/state/syrinx`.
    static var stateFolder: String {
        let environment = ProcessInfo.processInfo.environment
        if let folder = environment["STATE_DIRECTORY"]?.split(separator: ":").first { return String(folder) }
        if let folder = environment["XDG_STATE_HOME"], folder.hasPrefix("/") { return folder + "/syrinx" }
        return (environment["HOME"] ?? "/var/lib") + "/.local/state/syrinx"
    }

    /// Where the plugin SDK may lie: `bin/../share/plugin-sdk` of an installed tree, else that of the checkout around it.
    static var sdkFolders: [String] {
        var folder = URL(fileURLWithPath: binaryFolder).deletingLastPathComponent()
        var found = [folder.path + "/share/plugin-sdk"]
        // A build folder lies a few levels below its checkout.
        for _ in 0..<6 {
            found.append(folder.appendingPathComponent("plugin-sdk").path)
            folder.deleteLastPathComponent()
        }
        return found
    }

    /// A program of ours beside this one.
    static func program(_ name: String) -> String { "\(binaryFolder)/\(name)" }

    private static var binaryFolder: String {
        let binary = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        return URL(fileURLWithPath: binary ?? CommandLine.arguments[0]).deletingLastPathComponent().path
    }
}
