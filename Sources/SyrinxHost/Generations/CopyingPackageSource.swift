// SPDX-License-Identifier: Apache-2.0

internal import CSyrinxHost
internal import Foundation
internal import Synchronization
package import SyrinxCore

/// Copies each build's entry into a private folder of this process and loads it from there, so that whoever writes over
/// a plugin's file touches no code that runs. The folder goes with the last reference to the source.
package final class CopyingPackageSource: PackageSource {
    private static let limit = 512 << 20
    private let store: String
    private let count = Mutex(0)

    /// - Parameter parent: where the private folder is made; must allow executable mappings.
    /// - Throws: `plugin.package.store_failed`.
    package init(in parent: String = NSTemporaryDirectory()) throws(SyrinxError) {
        let path = "\(parent.hasSuffix("/") ? String(parent.dropLast()) : parent)/syrinx-plugins-\(UUID().uuidString)"
        do {
            try FileManager.default.createDirectory(
                atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw Self.storeFailed(path, error)
        }
        store = path
    }

    deinit { try? FileManager.default.removeItem(atPath: store) }

    package func package(at folder: String) throws(SyrinxError) -> PluginPackage {
        let file = "\(folder)/plugin.json"
        guard let text = FileManager.default.contents(atPath: file) else {
            throw SyrinxError("plugin.manifest.invalid", "the manifest cannot be read", place: file)
        }
        let manifest = try PluginManifest(parsing: String(decoding: text.prefix(1 << 20), as: UTF8.self), file: file)
        let bytes = try entry("\(folder)/\(manifest.entry)")
        let number = count.withLock { count in
            count += 1
            return count
        }
        let copy = "\(store)/\(manifest.id)-\(manifest.version)-\(number)"
        let path = "\(copy)/\(manifest.entry)"
        do {
            try FileManager.default.createDirectory(atPath: copy, withIntermediateDirectories: false)
            try bytes.write(to: URL(filePath: path), options: .withoutOverwriting)
            try linkSiblings(of: manifest.entry, in: folder, to: copy)
        } catch {
            throw Self.storeFailed(path, error)
        }
        return PluginPackage(manifest: manifest, folder: folder, loadPath: path, hash: Self.hash(bytes))
    }

    package func discard(_ package: PluginPackage) {
        try? FileManager.default.removeItem(atPath: URL(filePath: package.loadPath).deletingLastPathComponent().path())
    }

    /// Libraries that a plugin brings along are found beside it, as `$ORIGIN` in its run path says.
    private func linkSiblings(of entry: String, in folder: String, to copy: String) throws {
        let absolute = URL(filePath: folder).standardizedFileURL.path()
        for name in try FileManager.default.contentsOfDirectory(atPath: folder) where name != entry {
            try FileManager.default.createSymbolicLink(
                atPath: "\(copy)/\(name)", withDestinationPath: "\(absolute)/\(name)")
        }
    }

    /// Read once: what is checked and hashed is what is copied and loaded.
    private func entry(_ path: String) throws(SyrinxError) -> Data {
        guard let size = FileStatus(path)?.size, size <= Self.limit,
            let bytes = FileManager.default.contents(atPath: path), bytes.count <= Self.limit
        else {
            throw SyrinxError(
                "plugin.package.incomplete", "the entry is missing, not readable, or larger than 512 MiB",
                fix: "put the shared object there; move a whole folder into place by renaming it", place: path)
        }
        guard ELFExtent.isComplete(bytes) else {
            throw SyrinxError(
                "plugin.package.incomplete", "the entry is no shared object, or only a part of one",
                fix: "wait for the copy to end; move a whole folder into place by renaming it", place: path)
        }
        return bytes
    }

    private static func hash(_ bytes: Data) -> String {
        var digest = [UInt8](repeating: 0, count: 32)
        bytes.withUnsafeBytes { syrinx_sha256($0.baseAddress, $0.count, &digest) }
        return digest.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    private static func storeFailed(_ path: String, _ error: any Error) -> SyrinxError {
        SyrinxError(
            "plugin.package.store_failed", "a private copy of the plugin cannot be made: \(error)",
            fix: "make room, or set TMPDIR to a folder that may be written", place: path)
    }
}

/// How far a 64-bit ELF file goes by its own header: its section table stands at the end, so half a copy lacks it.
enum ELFExtent {
    static func isComplete(_ bytes: Data) -> Bool {
        guard bytes.count >= 64, bytes.starts(with: [0x7f, 0x45, 0x4c, 0x46, 2, 1]) else { return false }
        let offset = number(bytes, at: 40, length: 8)
        let size = number(bytes, at: 58, length: 2)
        let count = number(bytes, at: 60, length: 2)
        // No section table says nothing about the end.
        guard offset > 0 else { return true }
        let (end, overflow) = offset.addingReportingOverflow(size &* count)
        return !overflow && end <= UInt64(bytes.count)
    }

    private static func number(_ bytes: Data, at offset: Int, length: Int) -> UInt64 {
        var value: UInt64 = 0
        for byte in bytes.dropFirst(offset).prefix(length).reversed() { value = value << 8 | UInt64(byte) }
        return value
    }
}
