// SPDX-License-Identifier: Apache-2.0

import Foundation
import SyrinxCore
import SyrinxHost
import Testing

@Suite("Verifying packages") struct PackageVerifierTests {
    @Test func `a package that nobody answers for is unsigned and stays out of the process`() throws {
        let fixture = try PackageFixture()
        defer { fixture.remove() }
        let package = try PackageVerifier().verify(folder: fixture.folder)
        #expect(package.trust.level == .unsigned)
        #expect(!package.runsInProcess)
        #expect(package.entryHash == ContentHash(of: SharedObjects.good))
        #expect(try bytes(package.loadPath) == SharedObjects.good)
        #expect(package.permissions == .none)
    }

    @Test(arguments: TrustKey.Reach.allCases)
    func `a key's reach decides how its packages are loaded`(reach: TrustKey.Reach) throws {
        let fixture = try PackageFixture()
        defer { fixture.remove() }
        try fixture.write("voices/one.bin", "voice")
        try fixture.sign()
        let package = try fixture.verifier(fixture.trustKey(reach: reach)).verify(folder: fixture.folder)
        #expect(package.trust.level == .signed)
        #expect(package.trust.keyID == fixture.key.id)
        #expect(package.runsInProcess == (reach == .inproc))
        #expect(package.files["voices/one.bin"] == ContentHash(of: Array("voice".utf8)))
    }

    @Test func `a plugin that wishes isolation gets it from whoever it comes`() throws {
        let wish = PackageFixture.manifest.replacing(
            "\"id\":\"fixture\",\"version\"", with: "\"mode\":\"isolated\",\"id\":\"fixture\",\"version\"")
        let fixture = try PackageFixture(manifest: wish)
        defer { fixture.remove() }
        try fixture.sign()
        let package = try fixture.verifier().verify(folder: fixture.folder)
        #expect(package.trust.mayRunInProcess && !package.runsInProcess)
    }

    @Test func `a signature by a stranger makes nothing better and nothing worse`() throws {
        let fixture = try PackageFixture()
        defer { fixture.remove() }
        try fixture.sign()
        let trust = try PackageVerifier().verify(folder: fixture.folder).trust
        #expect(trust.level == .unsigned && trust.note != nil)
    }

    @Test func `a binding is verified like any other entry`() throws {
        let manifest = PackageFixture.manifest.replacing("plugin.so", with: "bind.json")
        let fixture = try PackageFixture(manifest: manifest)
        defer { fixture.remove() }
        try FileManager.default.removeItem(at: fixture.url("plugin.so"))
        try fixture.write("bind.json", "{\"bind\": 1}")
        try fixture.sign()
        let package = try fixture.verifier().verify(folder: fixture.folder)
        #expect(package.manifest.isBound && !package.runsInProcess)
        #expect(try bytes(package.loadPath) == Array("{\"bind\": 1}".utf8))
    }

    // MARK: - Refusals

    struct Flaw: CustomTestStringConvertible, Sendable {
        var name: String
        var code: String
        /// Breaks the signed package.
        var apply: @Sendable (PackageFixture) throws -> Void
        var key: @Sendable (PackageFixture) -> TrustKey = { $0.trustKey() }
        var testDescription: String { name }
    }

    static let flaws: [Flaw] = [
        Flaw(name: "bad signature", code: "plugin.trust.bad_signature") {
            try $0.write("plugin.json", try $0.read("plugin.json") + " ")
        },
        Flaw(name: "right signature, wrong hash", code: "plugin.trust.modified") {
            try Data(SharedObjects.other).write(to: $0.url("plugin.so"))
        },
        Flaw(name: "a data file changed", code: "plugin.trust.modified") { try $0.write("voices/one.bin", "other") },
        Flaw(name: "a file more", code: "plugin.trust.modified") { try $0.write("voices/two.bin", "other") },
        Flaw(name: "a file less", code: "plugin.package.missing_file") {
            try FileManager.default.removeItem(at: $0.url("voices/one.bin"))
        },
        Flaw(name: "no entry", code: "plugin.package.missing_file") {
            try FileManager.default.removeItem(at: $0.url("plugin.so"))
        },
        Flaw(name: "no manifest", code: "plugin.package.missing_file") {
            try FileManager.default.removeItem(at: $0.url("plugin.json"))
        },
        Flaw(name: "signature is no JSON", code: "plugin.trust.signature_malformed") {
            try $0.write("plugin.json.sig", "no")
        },
        Flaw(name: "signature too short", code: "plugin.trust.signature_malformed") {
            try $0.write(
                "plugin.json.sig", "{\"algorithm\":\"ed25519\",\"key\":\"\($0.key.id)\",\"signature\":\"AAAA\"}")
        },
        Flaw(
            name: "revoked key", code: "plugin.trust.key_revoked", apply: { _ in },
            key: { $0.trustKey(isRevoked: true) }),
        Flaw(
            name: "expired key", code: "plugin.trust.key_expired", apply: { _ in },
            key: { $0.trustKey(expires: CalendarDay("2020-02-29")) }),
        Flaw(name: "the entry is a symbolic link", code: "plugin.package.symlink") {
            try FileManager.default.moveItem(at: $0.url("plugin.so"), to: URL(filePath: $0.root + "/moved.so"))
            try FileManager.default.createSymbolicLink(
                at: $0.url("plugin.so"), withDestinationURL: URL(filePath: $0.root + "/moved.so"))
        },
        Flaw(name: "a folder is a symbolic link", code: "plugin.package.symlink") {
            try FileManager.default.moveItem(at: $0.url("voices"), to: URL(filePath: $0.root + "/moved"))
            try FileManager.default.createSymbolicLink(
                at: $0.url("voices"), withDestinationURL: URL(filePath: $0.root + "/moved"))
        },
        Flaw(name: "anyone may write the entry", code: "plugin.package.writable_by_others") {
            try $0.chmod(0o666, "plugin.so")
        },
        Flaw(name: "anyone may write the folder", code: "plugin.package.writable_by_others") { try $0.chmod(0o777) },
        Flaw(name: "a FIFO", code: "plugin.package.not_regular") { mkfifo($0.url("voices/pipe").path(), 0o600) },
    ]

    @Test(arguments: flaws) func `what is not as it was signed is refused`(flaw: Flaw) throws {
        let fixture = try PackageFixture()
        defer { fixture.remove() }
        try fixture.write("voices/one.bin", "voice")
        try fixture.sign()
        let verifier = fixture.verifier(flaw.key(fixture))
        try flaw.apply(fixture)
        #expect(code { () throws(SyrinxError) in _ = try verifier.verify(folder: fixture.folder) } == flaw.code)
    }

    @Test func `a signed manifest that leaves the entry out answers for nothing`() throws {
        let fixture = try PackageFixture()
        defer { fixture.remove() }
        try fixture.sign()
        // Signed by the right key, but without files: made by hand, the signer would not.
        let other = try PackageFixture()
        defer { other.remove() }
        try fixture.write("plugin.json", PackageFixture.manifest)
        try fixture.write("plugin.json.sig", try SignedBytes.signature(of: PackageFixture.manifest, by: fixture.key))
        #expect(
            code { () throws(SyrinxError) in _ = try fixture.verifier().verify(folder: fixture.folder) }
                == "plugin.trust.incomplete")
    }

    @Test func `a hash of an unsigned manifest that lies is a modification`() throws {
        let lie = PackageFixture.manifest.replacing(
            "\"entry\"", with: "\"files\":{\"plugin.so\":\"sha256:\(String(repeating: "0", count: 64))\"},\"entry\"")
        let fixture = try PackageFixture(manifest: lie)
        defer { fixture.remove() }
        #expect(
            code { () throws(SyrinxError) in _ = try PackageVerifier().verify(folder: fixture.folder) }
                == "plugin.trust.modified")
    }

    @Test func `a package folder that is a symbolic link is refused`() throws {
        let fixture = try PackageFixture()
        defer { fixture.remove() }
        let link = fixture.root + "/link"
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: fixture.folder)
        #expect(
            code { () throws(SyrinxError) in _ = try PackageVerifier().verify(folder: link) }
                == "plugin.package.symlink")
    }

    @Test func `a file over the limit is refused without being kept`() throws {
        let fixture = try PackageFixture()
        defer { fixture.remove() }
        // Sparse: 256 MiB and a byte, none of it on the disk.
        let file = try FileHandle(forWritingTo: fixture.url("plugin.so"))
        try file.truncate(atOffset: (256 << 20) + 1)
        try file.close()
        #expect(
            code { () throws(SyrinxError) in _ = try PackageVerifier().verify(folder: fixture.folder) }
                == "plugin.package.too_large")
    }

    @Test(.enabled(if: geteuid() == 0)) func `another user's file is refused, unless the operator takes them`() throws {
        let fixture = try PackageFixture()
        defer { fixture.remove() }
        chown(fixture.url("plugin.so").path(), 12_345, 12_345)
        var verifier = PackageVerifier()
        #expect(
            code { () throws(SyrinxError) in _ = try verifier.verify(folder: fixture.folder) }
                == "plugin.package.foreign_owner")
        verifier.guarding = FileGuard(takesForeignOwners: true)
        #expect(try verifier.verify(folder: fixture.folder).trust.level == .unsigned)
    }

    @Test func `every signature bit counts`() throws {
        let fixture = try PackageFixture()
        defer { fixture.remove() }
        try fixture.sign()
        let text = try fixture.read("plugin.json.sig")
        let signature = try #require(JSONValue(parsing: text)["signature"]?.string)
        for index in stride(from: 0, to: 84, by: 7) {
            var letters = Array(signature)
            letters[index] = letters[index] == "A" ? "B" : "A"
            try fixture.write("plugin.json.sig", text.replacing(signature, with: String(letters)))
            let refusal = code { () throws(SyrinxError) in _ = try fixture.verifier().verify(folder: fixture.folder) }
            #expect(refusal == "plugin.trust.bad_signature")
        }
    }
}

func bytes(_ path: String) throws -> [UInt8] { Array(try Data(contentsOf: URL(filePath: path))) }

/// Signs a text by way of the signer, which signs manifests only.
enum SignedBytes {
    static func signature(of text: String, by key: SigningKey) throws -> String {
        let signature = try #require(PackageSignature(of: Array(text.utf8), by: key))
        return signature.text
    }
}
