// SPDX-License-Identifier: Apache-2.0

import Foundation
import SyrinxCore
import SyrinxHost
import SyrinxTestKit
import Testing

@Suite("Keys") struct KeyTests {
    @Test func `both key files are read as they were written`() throws {
        let key = try SigningKey()
        let read = try SigningKey(parsing: Array(key.text.utf8), file: "a.secret.json")
        #expect(read.id == key.id && read.publicKey == key.publicKey)
        let trusted = TrustKey(
            publicKey: key.publicKey, name: "Acme", reach: .inproc, expires: CalendarDay("2031-12-31"), isRevoked: true)
        #expect(try TrustKeyFile.parse(Array(TrustKeyFile.text(trusted).utf8), file: "a.pub.json") == trusted)
        #expect(!TrustKeyFile.text(trusted).contains(read.text))
    }

    @Test(arguments: [
        ("\"trust\":\"inproc\"", "\"trust\":\"root\""), ("\"syrinx_key\":1", "\"syrinx_key\":2"),
        ("2031-12-31", "2031-13-31"), ("\"id\":\"", "\"id\":\"0"), ("\"name\"", "\"nmae\""),
        ("\"public\":\"", "\"public\":\"*"),
    ]) func `a malformed key file is refused`(old: String, new: String) throws {
        let key = TrustKey(
            publicKey: try SigningKey().publicKey, name: "Acme", reach: .inproc, expires: CalendarDay("2031-12-31"))
        let text = TrustKeyFile.text(key).replacing(old, with: new)
        #expect(text != TrustKeyFile.text(key))
        #expect(
            code { () throws(SyrinxError) in _ = try TrustKeyFile.parse(Array(text.utf8), file: "f") }
                == "plugin.trust.key_invalid")
    }

    @Test func `a keyring reads folders and files, and believes the stricter of two`() throws {
        let fixture = try PackageFixture()
        defer { fixture.remove() }
        try fixture.write("keys/a.pub.json", TrustKeyFile.text(fixture.trustKey(reach: .inproc)))
        try fixture.write("keys/readme.txt", "not a key")
        try fixture.write("more/b.pub.json", TrustKeyFile.text(fixture.trustKey(reach: .isolated, isRevoked: true)))
        let one = try TrustKeyring(paths: ["\(fixture.folder)/keys"])
        #expect(one[fixture.key.id]?.reach == .inproc && one.all.count == 1)
        let both = try TrustKeyring(paths: ["\(fixture.folder)/keys", "\(fixture.folder)/more/b.pub.json"])
        #expect(both[fixture.key.id]?.isRevoked == true && both[fixture.key.id]?.reach == .isolated)
        try fixture.chmod(0o777, "keys")
        #expect(
            code { () throws(SyrinxError) in _ = try TrustKeyring(paths: ["\(fixture.folder)/keys"]) }
                == "plugin.package.writable_by_others")
    }

    @Test func `a key is good through its last day`() throws {
        let fixture = try PackageFixture()
        defer { fixture.remove() }
        try fixture.sign()
        var verifier = fixture.verifier(fixture.trustKey(expires: CalendarDay("2030-06-15")))
        let day = try #require(CalendarDay("2030-06-15"))
        verifier.now = { Int64(day.number) * 86_400 + 86_399 }
        #expect(try verifier.verify(folder: fixture.folder).trust.level == .signed)
        verifier.now = { Int64(day.number + 1) * 86_400 }
        #expect(
            code { () throws(SyrinxError) in _ = try verifier.verify(folder: fixture.folder) }
                == "plugin.trust.key_expired")
    }

    @Test func `no file makes a parser trap`() throws {
        var random = SplitMix64(seed: 11)
        let key = try SigningKey()
        let signature = try #require(PackageSignature(of: [1, 2, 3], by: key)).text
        let trusted = TrustKey(publicKey: key.publicKey, name: "a", reach: .inproc, expires: CalendarDay("2030-01-01"))
        let files = [key.text, signature, TrustKeyFile.text(trusted), PluginLock([]).text].map { Array($0.utf8) }
        for _ in 0..<2000 {
            var bytes = files[Int(random.next() % 4)]
            for _ in 0...random.next() % 4 {
                bytes[Int(random.next() % UInt64(bytes.count))] = UInt8(truncatingIfNeeded: random.next())
            }
            _ = code { () throws(SyrinxError) in _ = try SigningKey(parsing: bytes, file: "f") }
            _ = code { () throws(SyrinxError) in _ = try TrustKeyFile.parse(bytes, file: "f") }
            _ = code { () throws(SyrinxError) in _ = try PluginLock(parsing: bytes, file: "f") }
            _ = code { () throws(SyrinxError) in _ = try PackageSignature(parsing: bytes, file: "f") }
        }
    }

    @Test func `days are those of the calendar`() {
        #expect(CalendarDay("1970-01-01")?.number == 0)
        #expect(CalendarDay("2000-03-01")?.number == 11_017)
        #expect(CalendarDay("2024-02-29") != nil)
        for text in ["2023-02-29", "2023-2-1", "2023-00-01", "20230-1-1", "", "2023-04-31", "-023-01-01"] {
            #expect(CalendarDay(text) == nil, "\(text)")
        }
        for number in stride(from: -1000, to: 60_000, by: 37) {
            let day = CalendarDay(unixSeconds: Int64(number) * 86_400)
            #expect(CalendarDay("\(day)")?.number == number)
        }
    }
}
