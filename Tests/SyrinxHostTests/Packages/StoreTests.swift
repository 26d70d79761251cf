// SPDX-License-Identifier: Apache-2.0

import Foundation
import SyrinxCore
import SyrinxHost
import Testing

@Suite("The store") struct StoreTests {
    private let root = NSTemporaryDirectory() + "syrinx-store-\(UUID().uuidString)"
    private let content = Array("content".utf8)
    private var hash: ContentHash { ContentHash(of: content) }

    @Test func `content has one path, read-only, and is written once`() throws {
        defer { try? FileManager.default.removeItem(atPath: root) }
        let store = try ContentStore(root: root)
        let path = try store.path(of: content, hash: hash, name: "plugin.so")
        #expect(path == "\(root)/sha256/\(hash.hex.prefix(2))/\(hash.hex)/plugin.so")
        var before = stat()
        stat(path, &before)
        #expect(before.st_mode & 0o7777 == 0o555)
        #expect(try ContentStore(root: root).path(of: content, hash: hash, name: "plugin.so") == path)
        var after = stat()
        stat(path, &after)
        #expect(before.st_ino == after.st_ino)
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: URL(filePath: path).deletingLastPathComponent().path())
                == ["plugin.so"])
    }

    @Test func `the folder is made with those above it`() throws {
        defer { try? FileManager.default.removeItem(atPath: root) }
        let path = try ContentStore(root: root + "/state/plugins").path(of: content, hash: hash, name: "plugin.so")
        #expect(try bytes(path) == content)
    }

    @Test(arguments: ["bad", "contenT", "", "content and more"])
    func `what was tampered with is written anew, not believed`(text: String) throws {
        defer { try? FileManager.default.removeItem(atPath: root) }
        let store = try ContentStore(root: root)
        let path = try store.path(of: content, hash: hash, name: "plugin.so")
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
        try Data(text.utf8).write(to: URL(filePath: path))
        #expect(try store.path(of: content, hash: hash, name: "plugin.so") == path)
        #expect(try bytes(path) == content)
    }

    @Test func `a link in the place of a file is replaced, one in the place of a folder refused`() throws {
        defer { try? FileManager.default.removeItem(atPath: root) }
        let store = try ContentStore(root: root)
        let path = try store.path(of: content, hash: hash, name: "plugin.so")
        try Data(content).write(to: URL(filePath: root + "/elsewhere"))
        try FileManager.default.removeItem(atPath: path)
        try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: root + "/elsewhere")
        _ = try store.path(of: content, hash: hash, name: "plugin.so")
        #expect((try? FileManager.default.destinationOfSymbolicLink(atPath: path)) == nil)

        let folder = root + "/sha256"
        try FileManager.default.moveItem(atPath: folder, toPath: root + "/moved")
        try FileManager.default.createSymbolicLink(atPath: folder, withDestinationPath: root + "/moved")
        #expect(
            code { () throws(SyrinxError) in _ = try store.path(of: content, hash: hash, name: "plugin.so") }
                == "plugin.store.unusable")
    }

    @Test func `a store that others may write is refused`() throws {
        defer { try? FileManager.default.removeItem(atPath: root) }
        _ = try ContentStore(root: root)
        try FileManager.default.setAttributes([.posixPermissions: 0o777], ofItemAtPath: root)
        #expect(code { () throws(SyrinxError) in _ = try ContentStore(root: root) } == "plugin.store.unusable")
        #expect(
            code { () throws(SyrinxError) in _ = try ContentStore(root: "/dev/null/store") }
                == "plugin.store.unusable")
    }
}
