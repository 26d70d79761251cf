// SPDX-License-Identifier: Apache-2.0

/// What tells that a folder's content may have changed, without reading it.
struct PackageFingerprint: Hashable {
    private struct File: Hashable {
        var inode: UInt64
        var size: Int64
        var seconds: Int
        var nanoseconds: Int
    }

    private var manifest: File?
    private var entry: File?

    init(_ folder: String, entry name: String?) {
        manifest = Self.file("\(folder)/plugin.json")
        entry = name.flatMap { Self.file("\(folder)/\($0)") }
    }

    private static func file(_ path: String) -> File? {
        guard let found = FileStatus(path) else { return nil }
        return File(inode: found.inode, size: found.size, seconds: found.seconds, nanoseconds: found.nanoseconds)
    }
}
