// SPDX-License-Identifier: Apache-2.0

import Foundation
import SyrinxCore
import Testing

@Suite("Signing secrets", .tags(.unit)) struct SigningSecretTests {
    @Test func `whsec_ and base64 is the bytes, any other text is itself`() {
        for count in 1...40 {
            let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 37 &+ count) }
            #expect(SigningSecret.key("whsec_" + Data(bytes).base64EncodedString()) == bytes)
        }
        #expect(SigningSecret.key("a key") == Array("a key".utf8))
        #expect(SigningSecret.key("WHSEC_YWJj") == Array("WHSEC_YWJj".utf8))
    }

    @Test(arguments: [
        "", "whsec_", "whsec_%%%%", "whsec_abc", "whsec_YW==J", "whsec_YQ===", "whsec_YR==", "whsec_YWJj\n",
        "whsec_YW-_", "whsec_====", "whsec_äöü",
    ])
    func `what is no key`(secret: String) {
        #expect(SigningSecret.key(secret) == nil)
    }

    @Test func `a schema names the form, and gives nothing of a wrong secret away`() throws {
        let schema = try JSONSchema(parsing: #"{"type":"string","x-secret":true,"format":"webhook-secret"}"#)
        for good: JSONValue in ["whsec_YWJj", "plain", ""] { #expect(schema.validate(good).isEmpty) }
        let issues = schema.validate("whsec_secret!")
        #expect(issues.map(\.message) == ["expected base64 behind `whsec_`, found a string (hidden, it is a secret)"])
    }
}
