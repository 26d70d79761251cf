// SPDX-License-Identifier: Apache-2.0

import SyrinxCore
import Testing

@testable import SyrinxAccess

struct APIKeyTests {
    @Test func `a key has a prefix, a public id and 256 random bits`() throws {
        let key = APIKey.generate()
        let parts = key.text.split(separator: "_")
        #expect(parts.map(\.count) == [3, 8, 43])
        #expect(key.id == "syx_\(parts[1])")
        #expect(try #require(APIKey(parsing: key.text)).text == key.text)
    }

    @Test func `no two keys are alike`() {
        let keys = (0..<1000).map { _ in APIKey.generate() }
        #expect(Set(keys.map(\.text)).count == 1000)
        #expect(Set(keys.map(\.hash)).count == 1000)
        #expect(Set(keys.map(\.text.utf8.last)).count == 62)
    }

    @Test func `a key that is printed shows its public id only`() {
        let key = APIKey.generate()
        let secret = key.text.suffix(43)
        for text in ["\(key)", String(reflecting: key), "\([key])"] {
            #expect(!text.contains(secret))
            #expect(text.contains(key.id))
        }
    }

    @Test func `what is kept is the SHA-256 of the whole key`() throws {
        // FIPS 180-2, B.1.
        let hash = SecretHash(of: "abc")
        #expect("\(hash)" == "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
        #expect(try APIKeyHash(parsing: "\(hash)") == hash)
    }

    @Test(arguments: [
        "", "sha256:", "sha256:ba78", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
        "sha256:BA7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
        "sha512:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
        "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad0",
        "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015a\u{E9}",
        "sha256: a7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
    ])
    func `a hash that is none is refused`(text: String) {
        let error = #expect(throws: SyrinxError.self) { try APIKeyHash(parsing: text) }
        #expect(error?.code == "access.key_hash")
    }

    @Test func `a key in the place of its hash is refused and not repeated`() {
        let key = APIKey.generate()
        let error = #expect(throws: SyrinxError.self) { try APIKeyHash(parsing: key.text) }
        #expect(error.map { "\($0)".contains(key.text.suffix(43)) } == false)
    }

    @Test func `what is not written like a key is none`() {
        let good = APIKey.generate().text
        let bad =
            ["", "syx_", "syx__", String(good.dropLast()), good + "a", " " + good, good + " ", good.uppercased()]
            + [good.replacing("_", with: "-"), "syt_" + good.dropFirst(4), String(good.dropLast()) + "\u{E9}"]
            + [
                String(good.dropLast()) + "\u{301}", String(repeating: "_", count: 56),
                String(repeating: "é", count: 28),
            ]
        for text in bad { #expect(APIKey(parsing: text) == nil, "\(text)") }
    }

    @Test func `hashes that differ in one bit are not equal`() throws {
        let zeros = String(repeating: "0", count: 63)
        let hash = try SecretHash(parsing: "sha256:\(zeros)0")
        #expect(hash != (try SecretHash(parsing: "sha256:\(zeros)1")))
        #expect(hash != (try SecretHash(parsing: "sha256:8\(zeros)")))
        #expect(hash == (try SecretHash(parsing: "sha256:\(zeros)0")))
    }
}
