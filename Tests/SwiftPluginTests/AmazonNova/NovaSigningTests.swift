// SPDX-License-Identifier: Apache-2.0
import SyrinxPlugin
import Testing

@testable import AmazonNova

/// The test vector of the protocol page, byte for byte.
@Suite("Amazon Nova: signatures")
struct NovaSigningTests {
    static let secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
    static let time = SigningTime(seconds: 1_767_323_045)
    static let scope = SigningScope(date: "20260102", region: "us-east-1")
    static var key: [UInt8] {
        scope.signingKey(dateKey: SHA256.hmac(key: Array("AWS4\(secret)".utf8), Array("20260102".utf8)))
    }

    private func signer(token: String? = nil) throws -> RequestSigner {
        let endpoint = try Endpoint(
            origin: "https://bedrock-runtime.us-east-1.amazonaws.com",
            model: "amazon.nova-2-sonic-v1:0"
        )
        return RequestSigner(endpoint: endpoint, scope: Self.scope, time: Self.time, token: token)
    }

    @Test func `the time as signatures write it`() {
        #expect(Self.time.full == "20260102T030405Z")
        #expect(Self.time.date == "20260102")
        #expect(SigningTime(seconds: 0).full == "19700101T000000Z")
        #expect(SigningTime(seconds: 1_709_251_199).full == "20240229T235959Z")
    }

    @Test func `the request`() throws {
        let request = try signer()
        #expect(
            request.endpoint.url == "https://bedrock-runtime.us-east-1.amazonaws.com/model/amazon.nova-2-sonic-v1%3A0"
                + "/invoke-with-bidirectional-stream"
        )
        let digest = SHA256.hash(Array(request.canonicalRequest.utf8))
        #expect(digest.hex == "c5fc8d799d78916a83eac3c23bc9c4d4c8150d6115d76accbfc54856f12334fe")
        let signature = request.signature(key: Self.key, digest: digest)
        #expect(signature.hex == "3dc83e4c7b768ce28f9b28c2081d6bdc6452c184dffa9619aaf2ef88eba32a34")
        let headers = request.headers(accessKeyID: "AKIDEXAMPLE", signature: signature)
        #expect(
            headers.map { "\($0.name): \($0.value)" } == [
                "content-type: application/vnd.amazon.eventstream",
                "x-amz-content-sha256: STREAMING-AWS4-HMAC-SHA256-EVENTS",
                "x-amz-date: 20260102T030405Z",
                "authorization: AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260102/us-east-1/bedrock/aws4_request, "
                    + "SignedHeaders=content-type;host;x-amz-content-sha256;x-amz-date, Signature=\(signature.hex)",
            ]
        )
    }

    @Test func `a session token is a header, and signed`() throws {
        let request = try signer(token: "IQoJb3JpZ2luX2Vj/token+==")
        let digest = SHA256.hash(Array(request.canonicalRequest.utf8))
        let signature = request.signature(key: Self.key, digest: digest)
        #expect(signature.hex == "a6b00f90174e14e8253cd77c097daaa02689a143d5f52bbb6a144384d047f037")
        let headers = request.headers(accessKeyID: "ASIAEXAMPLE", signature: signature)
        #expect(headers.last?.name == "x-amz-security-token" && headers.last?.value == "IQoJb3JpZ2luX2Vj/token+==")
        #expect(headers.contains { $0.value.contains("x-amz-date;x-amz-security-token, Signature=") })
    }

    @Test func `an event, and the empty frame after it`() throws {
        let inner = try EventSigner.inner(#"{"event":{"sessionEnd":{}}}"#)
        #expect(
            inner.hex
                == "0000008b0000004b421ac6f20d3a6d6573736167652d747970650700056576656e740b3a6576656e742d74797065070005"
                + "6368756e6b0d3a636f6e74656e742d747970650700106170706c69636174696f6e2f6a736f6e7b226279746573223a2265"
                + "794a6c646d56756443493665794a7a5a584e7a615739755257356b496a703766583139227d8f5d6513"
        )
        let digest = SHA256.hash(Array(try signer().canonicalRequest.utf8))
        let seed = try signer().signature(key: Self.key, digest: digest)
        var signer = EventSigner(key: Self.key, scope: Self.scope, seed: seed)
        let frame = try signer.sign(inner, at: Self.time).hex
        #expect(signer.previous.hex == "e0fd21474556c7c2fdcbfb7a5b725c1a925e758c8f182ea91030b79e87a914fa")
        #expect(frame.hasPrefix("000000de00000043bc320e7b053a64617465080000019b7ca98c88"))
        #expect(frame.hasSuffix("a0c5c4a5"))
        _ = try signer.sign([], at: Self.time)
        #expect(signer.previous.hex == "1e5f8753fec9c676386d5db99775b27e1a264fcda2278e3ac90028f2207d937d")
    }

    @Test(arguments: [
        ("http://127.0.0.1:8081", "127.0.0.1:8081", "/model/a%252Fb/invoke-with-bidirectional-stream"),
        ("https://HOST.example:443/", "host.example", "/model/a%252Fb/invoke-with-bidirectional-stream"),
        ("https://proxy.example/aws/x", "proxy.example", "/aws/x/model/a%252Fb/invoke-with-bidirectional-stream"),
    ])
    func `other origins`(origin: String, authority: String, path: String) throws {
        let endpoint = try Endpoint(origin: origin, model: "a/b")
        #expect(endpoint.authority == authority)
        #expect(endpoint.canonicalPath == path)
    }

    @Test(arguments: ["", "ftp://x", "https://", "https:///x", "https://u@h", "https://h/?q", "wss://h", "https://a b"])
    func `what is no origin`(origin: String) {
        #expect(throws: PluginError.self) { try Endpoint(origin: origin, model: "m") }
    }
}
