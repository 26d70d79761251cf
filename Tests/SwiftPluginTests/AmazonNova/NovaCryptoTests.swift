// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import AmazonNova

@Suite("Amazon Nova: checksums")
struct NovaCryptoTests {
    private func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

    @Test func `CRC-32 of the digits`() {
        #expect(CRC32.checksum(bytes("123456789")[...]) == 0xcbf4_3926)
        #expect(CRC32.checksum([]) == 0)
    }
}
