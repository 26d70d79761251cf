// SPDX-License-Identifier: Apache-2.0

import Foundation
import SyrinxCore
import SyrinxHost

/// A package in a folder of its own, to be signed, broken and verified.
struct PackageFixture {
    let root: String
    var folder: String { "\(root)/package" }
    let key: SigningKey

    static let manifest = FixturePlugin.manifest(mayRun: false)

    init(manifest: String = Self.manifest) throws {
        root = NSTemporaryDirectory() + "syrinx-package-\(UUID().uuidString)"
        key = try SigningKey()
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o755])
        try write("plugin.json", manifest)
        try Data(SharedObjects.good).write(to: url("plugin.so"))
    }

    func url(_ name: String) -> URL { URL(filePath: folder).appending(path: name) }

    func write(_ name: String, _ text: String) throws {
        let url = url(name)
        try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: url)
    }

    func read(_ name: String) throws -> String { String(decoding: try Data(contentsOf: url(name)), as: UTF8.self) }

    func sign() throws { try PackageSigner.sign(folder: folder, with: key) }

    func trustKey(
        reach: TrustKey.Reach = .inproc, expires: CalendarDay? = nil, isRevoked: Bool = false
    ) -> TrustKey {
        TrustKey(publicKey: key.publicKey, name: "test", reach: reach, expires: expires, isRevoked: isRevoked)
    }

    func verifier(_ key: TrustKey? = nil) -> PackageVerifier {
        PackageVerifier(keys: TrustKeyring([key ?? trustKey()]))
    }

    func lockEntry(_ trust: PackageTrust.Level) throws -> PluginLock.Entry {
        PluginLock.Entry(try PackageVerifier().examine(folder: folder, everything: true), trust: trust)
    }

    func chmod(_ mode: Int, _ name: String = "") throws {
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: "\(folder)/\(name)")
    }

    func remove() { try? FileManager.default.removeItem(atPath: root) }
}

/// Shared objects built once from `Fixtures/fixture.c`, and small ones with one flaw each.
enum SharedObjects {
    /// Passes every check.
    static let good = built([])
    /// As good, and another file.
    static let other = built(["-DFIXTURE_MINOR=0"])

    static func built(_ arguments: [String], source: String? = nil, compiler: String = "cc") -> [UInt8] {
        let folder = NSTemporaryDirectory() + "syrinx-object-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let tests = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        let sdk = tests.deletingLastPathComponent().deletingLastPathComponent().appending(path: "plugin-sdk/include")
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/\(compiler)")
        do {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            var file = tests.appending(path: "Fixtures/fixture.c").path()
            if let source {
                file = "\(folder)/source.\(compiler == "cc" ? "c" : "cpp")"
                try Data(source.utf8).write(to: URL(filePath: file))
            }
            process.arguments =
                ["-shared", "-fPIC", "-fvisibility=hidden", "-I", sdk.path(), "-o", "\(folder)/out.so", file]
                + arguments
            process.standardError = FileHandle.nullDevice
            try process.run()
            process.waitUntilExit()
            return Array(try Data(contentsOf: URL(filePath: "\(folder)/out.so")))
        } catch {
            return []
        }
    }
}

/// What a piece of work throws, by its code; "" when it throws nothing.
func code(_ body: () throws(SyrinxError) -> Void) -> String {
    do {
        try body()
        return ""
    } catch {
        return error.code
    }
}
