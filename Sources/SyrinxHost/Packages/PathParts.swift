// SPDX-License-Identifier: Apache-2.0

/// Paths as texts; nothing is looked up.
enum PathParts {
    /// The folder that holds a file, and the file's name.
    static func split(_ path: String) -> (folder: String, name: String) {
        guard let slash = path.lastIndex(of: "/") else { return (".", path) }
        let folder = String(path[..<slash])
        return (folder.isEmpty ? "/" : folder, String(path[path.index(after: slash)...]))
    }
}
