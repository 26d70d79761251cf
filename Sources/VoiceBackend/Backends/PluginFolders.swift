// SPDX-License-Identifier: Apache-2.0

internal import Foundation

/// Where plugins are looked for: folders that hold one folder a plugin.
public enum PluginFolders {
    /// What a configuration without folders uses, the first of these that exists: the folders of the environment
    /// variable `SYRINX_PLUGINS` (separated by `:`), `dist/plugins` under the working directory, `plugins` beside the
    /// executable or beside its `bin`.
    public static var standard: [String] { candidates.first { $0.allSatisfy(exists) } ?? [] }

    private static var candidates: [[String]] {
        let environment = ProcessInfo.processInfo.environment["SYRINX_PLUGINS"] ?? ""
        let named = environment.split(separator: ":").map(String.init)
        let executable = URL(fileURLWithPath: CommandLine.arguments.first ?? "").resolvingSymlinksInPath()
        let folder = executable.deletingLastPathComponent()
        return [
            named, ["dist/plugins"], [folder.appendingPathComponent("plugins").path],
            [folder.deletingLastPathComponent().appendingPathComponent("plugins").path],
        ].filter { !$0.isEmpty }
    }

    private static func exists(_ path: String) -> Bool {
        var isFolder: ObjCBool = false
        return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && isFolder.boolValue
    }
}
