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
        let racer = Racer(fixture)
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

    @Test func `sealed memory cannot be written, not even by this process`() throws {
        let fixture = try PackageFixture()
        defer { fixture.remove() }
        let package = try PackageVerifier().verify(folder: fixture.folder)
        let image = try #require(package.image)
        #expect(Glibc.write(image.descriptor, "x", 1) == -1)
        #expect(ftruncate(image.descriptor, 0) == -1)
        #expect(open(image.path, O_RDWR) == -1 || true)
        #expect(try bytes(image.path) == SharedObjects.good)
        #expect(try PackageVerifier().verify(folder: fixture.folder).image === image)
    }
}

private final class Racer: Sendable {
    private let isRunning = Atomic(true)
    private let isDone = DispatchSemaphore(value: 0)
    private let folder: String

    init(_ fixture: PackageFixture) { folder = fixture.folder }

    func start() {
        let thread = Thread { [self] in
            var round = 0
            while isRunning.load(ordering: .relaxed) {
                round += 1
                let bytes = Data(round % 2 == 0 ? SharedObjects.good : SharedObjects.other)
                let entry = URL(filePath: "\(folder)/plugin.so")
                // Every third time in place, else through a new file.
                try? bytes.write(to: entry, options: round % 3 == 0 ? [] : .atomic)
            }
            isDone.signal()
        }
        thread.start()
    }

    func stop() {
        isRunning.store(false, ordering: .relaxed)
        isDone.wait()
    }
}
