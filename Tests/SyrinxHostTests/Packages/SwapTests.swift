// SPDX-License-Identifier: Apache-2.0

import Foundation
import Synchronization
import SyrinxCore
import SyrinxHost
import Testing

/// Between the check and the load nothing can come.
@Suite("Swapping files under verification") struct SwapTests {
    private func store(_ fixture: PackageFixture) throws -> ContentStore {
        try ContentStore(root: fixture.root + "/store")
    }

    @Test(arguments: [true, false]) func `what was verified is loaded, whatever becomes of the folder`(
        hasStore: Bool
    ) throws {
        let fixture = try PackageFixture()
        defer { fixture.remove() }
        try fixture.sign()
        var verifier = fixture.verifier()
        if hasStore { verifier.store = try store(fixture) }
        let package = try verifier.verify(folder: fixture.folder)

        let file = try FileHandle(forWritingTo: fixture.url("plugin.so"))
        try file.write(contentsOf: Data(SharedObjects.other))
        try file.close()
        #expect(try bytes(package.loadPath) == SharedObjects.good)
        try FileManager.default.removeItem(atPath: fixture.folder)
        #expect(try bytes(package.loadPath) == SharedObjects.good)
        let module = try #require(dlopen(package.loadPath, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE))
        #expect(dlsym(module, "syrinx_plugin_entry_1") != nil)
    }

    /// Another thread exchanges the entry, in place and by renaming, as fast as it can.
    @Test(arguments: [true, false]) func `a racing writer never gets its bytes loaded`(hasStore: Bool) throws {
        let fixture = try PackageFixture()
        defer { fixture.remove() }
        try fixture.sign()
        var verifier = fixture.verifier()
        if hasStore { verifier.store = try store(fixture) }
        let entry = fixture.url("plugin.so")
        let racer = Racer { round in
            let bytes = Data(round % 2 == 0 ? SharedObjects.good : SharedObjects.other)
            // Every third time in place, else through a new file.
            try? bytes.write(to: entry, options: round % 3 == 0 ? [] : .atomic)
        }
        racer.start()
        var outcomes: [String: Int] = [:]
        for _ in 0..<400 {
            var loaded: VerifiedPackage?
            let refusal = code { () throws(SyrinxError) in loaded = try verifier.verify(folder: fixture.folder) }
            outcomes[refusal, default: 0] += 1
            if let loaded { #expect(try bytes(loaded.loadPath) == SharedObjects.good) }
        }
        racer.stop()
        let harmless: Set = ["", "plugin.trust.modified", "plugin.package.missing_file"]
        #expect(Set(outcomes.keys).isSubset(of: harmless), "\(outcomes)")
    }

    /// Another thread exchanges the whole folder: a signed package, and an unsigned one with other code.
    @Test func `a package is never judged by the files of another`() throws {
        let fixture = try PackageFixture()
        defer { fixture.remove() }
        let evil = fixture.root + "/evil"
        try FileManager.default.copyItem(atPath: fixture.folder, toPath: evil)
        try Data(SharedObjects.other).write(to: URL(filePath: evil + "/plugin.so"))
        try fixture.sign()
        let verifier = fixture.verifier()
        let racer = Racer { round in
            let (leaves, comes) = round % 2 == 1 ? ("good", "evil") : ("evil", "good")
            rename(fixture.folder, "\(fixture.root)/\(leaves)")
            rename("\(fixture.root)/\(comes)", fixture.folder)
        }
        racer.start()
        var seen: Set<PackageTrust.Level> = []
        for _ in 0..<400 {
            var loaded: VerifiedPackage?
            let refusal = code { () throws(SyrinxError) in loaded = try verifier.verify(folder: fixture.folder) }
            #expect(refusal == "" || refusal == "plugin.package.missing_file")
            guard let loaded else { continue }
            seen.insert(loaded.trust.level)
            let expected = loaded.trust.level == .signed ? SharedObjects.good : SharedObjects.other
            #expect(try bytes(loaded.loadPath) == expected)
        }
        racer.stop()
        #expect(!seen.isEmpty && seen.isSubset(of: [.signed, .unsigned]))
    }

    @Test func `sealed memory cannot be written, not even by this process`() throws {
        let fixture = try PackageFixture()
        defer { fixture.remove() }
        let package = try PackageVerifier().verify(folder: fixture.folder)
        let image = try #require(package.image)
        #expect(Glibc.write(image.descriptor, "x", 1) == -1)
        #expect(ftruncate(image.descriptor, 0) == -1)
        let again = open(image.path, O_RDWR)
        #expect(Glibc.write(again, "x", 1) == -1)
        close(again)
        #expect(try bytes(image.path) == SharedObjects.good)
        #expect(try PackageVerifier().verify(folder: fixture.folder).image === image)
    }
}

/// Does something over and over, beside the test, as fast as it can.
private final class Racer: Sendable {
    private let isRunning = Atomic(true)
    private let isDone = DispatchSemaphore(value: 0)
    private let body: @Sendable (Int) -> Void

    init(_ body: @escaping @Sendable (_ round: Int) -> Void) { self.body = body }

    func start() {
        Thread { [self] in
            var round = 0
            while isRunning.load(ordering: .relaxed) {
                round += 1
                body(round)
            }
            isDone.signal()
        }.start()
    }

    func stop() {
        isRunning.store(false, ordering: .relaxed)
        isDone.wait()
    }
}
