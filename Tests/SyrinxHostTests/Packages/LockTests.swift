// SPDX-License-Identifier: Apache-2.0

import Foundation
import SyrinxCore
import SyrinxHost
import Testing

@Suite("The lock file") struct LockTests {
    @Test func `a locked package is core without any signature`() throws {
        let fixture = try PackageFixture()
        defer { fixture.remove() }
        let lock = PluginLock([try fixture.lockEntry(.core)])
        let package = try PackageVerifier(lock: lock).verify(folder: fixture.folder)
        #expect(package.trust.level == .core && package.runsInProcess)
    }

    @Test func `what is written is read again`() throws {
        let fixture = try PackageFixture()
        defer { fixture.remove() }
        let lock = PluginLock([try fixture.lockEntry(.unsigned)])
        let file = "\(fixture.root)/plugins.lock"
        try Data(lock.text.utf8).write(to: URL(filePath: file))
        #expect(try PluginLock(contentsOf: file) == lock)
        #expect(try PackageVerifier(lock: lock).verify(folder: fixture.folder).trust.level == .unsigned)
    }

    @Test(arguments: ["plugin.so", "plugin.json", "hints.txt", "new.bin"])
    func `what differs from the lock is refused with the file named`(name: String) throws {
        let fixture = try PackageFixture()
        defer { fixture.remove() }
        try fixture.write("hints.txt", "a hint")
        let verifier = PackageVerifier(lock: PluginLock([try fixture.lockEntry(.core)]))
        let old = (try? Data(contentsOf: fixture.url(name))) ?? Data()
        try (old + Data(" ".utf8)).write(to: fixture.url(name))
        #expect {
            try verifier.verify(folder: fixture.folder)
        } throws: { error in
            let error = error as? SyrinxError
            return error?.code == "plugin.trust.modified" && error?.place == "\(fixture.folder)/\(name)"
                && error.map(PackageTrust.level(of:)) == .modified
        }
    }

    @Test func `what the lock does not list is judged by itself`() throws {
        let fixture = try PackageFixture()
        defer { fixture.remove() }
        var verifier = fixture.verifier()
        verifier.lock = PluginLock([])
        #expect(try verifier.verify(folder: fixture.folder).trust.level == .unsigned)
        try fixture.sign()
        #expect(try verifier.verify(folder: fixture.folder).trust.level == .signed)
    }

    @Test func `another version than the locked one does not inherit its trust`() throws {
        let fixture = try PackageFixture()
        defer { fixture.remove() }
        let verifier = PackageVerifier(lock: PluginLock([try fixture.lockEntry(.core)]))
        try fixture.write("plugin.json", FixturePlugin.manifest(version: "1.0.1"))
        #expect(try verifier.verify(folder: fixture.folder).trust.level == .unsigned)
    }

    @Test func `a revoked key counts for locked packages, too`() throws {
        let fixture = try PackageFixture()
        defer { fixture.remove() }
        try fixture.sign()
        var verifier = fixture.verifier(fixture.trustKey(isRevoked: true))
        verifier.lock = PluginLock([try fixture.lockEntry(.core)])
        #expect(
            code { () throws(SyrinxError) in _ = try verifier.verify(folder: fixture.folder) }
                == "plugin.trust.key_revoked")
    }

    @Test func `a lock that others may write is not believed`() throws {
        let fixture = try PackageFixture()
        defer { fixture.remove() }
        try fixture.write("plugins.lock", PluginLock([]).text)
        try fixture.chmod(0o666, "plugins.lock")
        #expect(
            code { () throws(SyrinxError) in _ = try PluginLock(contentsOf: "\(fixture.folder)/plugins.lock") }
                == "plugin.package.writable_by_others")
    }

    @Test(arguments: [
        "", "[]", "{\"lock\": 2, \"plugins\": []}", "{\"lock\": 1, \"plugins\": [{}]}",
        #"{"lock":1,"plugins":[{"id":"a","version":"x","trust":"core","files":{"plugin.json":"sha256:0"}}]}"#,
        #"{"lock":1,"plugins":[{"id":"a","version":"1.0.0","trust":"invalid","files":{}}]}"#,
    ]) func `a malformed lock is refused`(text: String) {
        #expect(
            code { () throws(SyrinxError) in _ = try PluginLock(parsing: Array(text.utf8), file: "f") }
                == "plugin.trust.lock_invalid")
    }
}
