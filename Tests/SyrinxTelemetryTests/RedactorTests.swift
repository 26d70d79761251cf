// SPDX-License-Identifier: Apache-2.0

import SyrinxCore
import Testing

@testable import SyrinxTelemetry

@Suite(.tags(.unit)) struct RedactorTests {
    private static let key = "syx_a1b2c3d4_" + String(repeating: "Ab3", count: 14) + "x"

    @Test(arguments: [
        ("key \(key) is known", "key [redacted] is known"),
        ("syt_0123456789abcdefABCDEF", "[redacted]"), ("(syr_0123456789abcdefABCDEF)", "([redacted])"),
        ("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "[redacted]"),
        ("Authorization: Bearer abc", "Authorization: [redacted]"),
        ("authorization: Digest a=b, c=d\nhost: x", "authorization: [redacted]\nhost: x"),
        (#"{"authorization":"Basic eA==","a":1}"#, #"{"authorization":"[redacted]","a":1}"#),
        ("proxy-authorization=x y", "proxy-authorization=[redacted]"),
        ("Set-Cookie: id=1; Secure", "Set-Cookie: [redacted]"),
        ("sent BEARER abcdefgh1.~+/==", "sent BEARER [redacted]"), ("basic dXNlcjpwYXNz", "basic [redacted]"),
        ("jwt eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln-_ end", "jwt [redacted] end"),
        ("alg none: eyJhbGciOiJub25lIn0.e30.", "alg none: [redacted]"),
        ("GET /v1/talk?token=abc&rate=8000", "GET /v1/talk?token=[redacted]&rate=8000"),
        ("?access_token=abc", "?access_token=[redacted]"), ("client_secret='a b', x", "client_secret='[redacted]', x"),
        (#"{"password":"p,w","user":"u"}"#, #"{"password":"[redacted]","user":"u"}"#),
        (#"{\"password\":\"pw\"}"#, #"{\"password\":\"[redacted]\"}"#),
        ("https://me:pw@host/x", "https://[redacted]@host/x"), ("redis://:pw@h", "redis://[redacted]@h"),
    ])
    func `what looks like a secret goes`(text: String, clean: String) {
        #expect(Redactor().redacted(text) == clean)
    }

    @Test(arguments: [
        "", "a caller without a bearer token", "basic and bearer", "syx_core, syx_plugin_descriptor_v1 is missing",
        "syx_audio_buffer_allocate is no key", "tokens=5 secrets are kept", "the secret: none", "https://host/a@b",
        "mail@example.org", "eyJ is no token", "call +49 30 123456", "session.draining", "authorization failed",
        "ünïcödé …",
    ])
    func `ordinary words stay`(text: String) {
        #expect(Redactor().redacted(text) == text)
    }

    @Test(arguments: [
        ("call +49 30 123456 now", "call [redacted] now"), ("tel:+4930123456", "tel:[redacted]"),
        ("+1 (555) 010-9999.", "[redacted]."), ("a+1", "a+1"), ("+12", "+12"),
        ("+1234567890123456", "+1234567890123456"),
    ])
    func `phone numbers go where that is wanted`(text: String, clean: String) {
        #expect(Redactor(phoneNumbers: true).redacted(text) == clean)
    }

    @Test func `configured values go, in every form, also next to each other`() {
        let redactor = Redactor(secrets: ["hunter2!", #"a"b\c"#, "p&q/r", "abcdef", "defghi", "x"])
        #expect(redactor.redacted("hunter2!hunter2!") == "[redacted]")
        #expect(redactor.redacted("<hunter2!> hunter2") == "<[redacted]> hunter2")
        #expect(redactor.redacted(#"{"k":"a\"b\\c"}"#) == #"{"k":"[redacted]"}"#)
        #expect(redactor.redacted("?k=p%26q%2Fr&x=1") == "?k=[redacted]&x=1")
        #expect(redactor.redacted("abcdefghi x") == "[redacted] x")
        #expect(redactor.redacted("Bearer hunter2!tail") == "Bearer [redacted]tail")
    }

    @Test func `a line of a key in PEM is a secret, its frame is none`() {
        let redactor = Redactor(secrets: ["-----BEGIN KEY-----\nMIGHAgEAMBMGByqGSM49\n-----END KEY-----\n"])
        #expect(redactor.redacted("MIGHAgEAMBMGByqGSM49 -----BEGIN KEY-----") == "[redacted] -----BEGIN KEY-----")
    }

    @Test func `what is known stays known when another configuration is read`() {
        let redactor = Redactor(secrets: ["first-secret"])
        redactor.add(["second-secret"])
        #expect(redactor.redacted("first-secret or second-secret") == "[redacted] or [redacted]")
    }

    @Test func `when too many are known the oldest are forgotten, never those of the configuration just read`() {
        let redactor = Redactor(secrets: ["first-secret", "second-secret"])
        redactor.add((0..<9_999).map { "secret-number-\($0)." })
        #expect(redactor.redacted("first-secret or second-secret") == "first-secret or [redacted]")
        redactor.add((0..<10_001).map { "other-number-\($0)." })
        #expect(redactor.redacted("second-secret or other-number-0.") == "second-secret or [redacted]")
        #expect(redactor.redacted("other-number-10000.") == "[redacted]")
    }

    @Test func `no surroundings bring a canary through`() {
        let canaries = ["canary-0f3a9c77", "c@n&ry=\"7\"", "käfig✓kanari", Self.key]
        let redactor = Redactor(secrets: canaries.dropLast(), phoneNumbers: true)
        let parts = [
            "Bearer ", "authorization: ", "token=", "\"", "\\", "://", "@", "eyJ", ".", "syx_", "+49", " ", "\n", "a",
            "ä",
            "%", "password\":\"", "whsec_", "=",
        ]
        var generator = SplitMix64(seed: 7)
        for _ in 0..<5000 {
            let words = (0..<6).map { _ in parts.randomElement(using: &generator) ?? "" }
            let canary = canaries.dropLast().randomElement(using: &generator) ?? ""
            let text = words[..<3].joined() + canary + words[3...].joined()
            #expect(!redactor.redacted(text).contains(canary), "\(text)")
        }
    }
}
