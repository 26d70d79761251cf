// SPDX-License-Identifier: Apache-2.0
internal import SyrinxPlugin

/// What a signature is valid for.
struct SigningScope: Hashable, Sendable {
    static let service = "bedrock"

    let date: String
    let region: String

    /// "20260102/us-east-1/bedrock/aws4_request".
    var text: String { "\(date)/\(region)/\(Self.service)/aws4_request" }

    /// The key that signs, from the one that the host derives of the secret: HMAC("AWS4" + secret, date).
    func signingKey(dateKey: [UInt8]) -> [UInt8] {
        [region, Self.service, "aws4_request"].reduce(dateKey) { SHA256.hmac(key: $0, Array($1.utf8)) }
    }
}

/// The signature of the request that opens the stream: AWS Signature Version 4 with a body that is signed event by event
/// (protocol page, "HTTP/2 request").
struct RequestSigner: Sendable {
    static let contentType = "application/vnd.amazon.eventstream"
    static let payloadHash = "STREAMING-AWS4-HMAC-SHA256-EVENTS"
    private static let tokenHeader = "x-amz-security-token"

    let endpoint: Endpoint
    let scope: SigningScope
    let time: SigningTime
    /// Text in which the host puts the token of temporary credentials; nil = they last.
    let token: String?

    private var signedHeaders: String {
        "content-type;host;x-amz-content-sha256;x-amz-date" + (token == nil ? "" : ";\(Self.tokenHeader)")
    }

    /// With a ``token`` it is text in which the host puts it.
    var canonicalRequest: String {
        """
        POST
        \(endpoint.canonicalPath)

        content-type:\(Self.contentType)
        host:\(endpoint.authority)
        x-amz-content-sha256:\(Self.payloadHash)
        x-amz-date:\(time.full)\(token.map { "\n\(Self.tokenHeader):\($0)" } ?? "")

        \(signedHeaders)
        \(Self.payloadHash)
        """
    }

    /// 32 bytes.
    ///
    /// - Parameters:
    ///   - key: Of ``SigningScope/signingKey(dateKey:)``.
    ///   - digest: SHA-256 of ``canonicalRequest``; with a ``token`` the host's.
    func signature(key: [UInt8], digest: [UInt8]) -> [UInt8] {
        let text = "AWS4-HMAC-SHA256\n\(time.full)\n\(scope.text)\n\(digest.hex)"
        return SHA256.hmac(key: key, Array(text.utf8))
    }

    /// The request's headers, all but `host`.
    func headers(accessKeyID: String, signature: [UInt8]) -> [(name: String, value: String)] {
        let credential = "Credential=\(accessKeyID)/\(scope.text)"
        let headers = [
            ("content-type", Self.contentType),
            ("x-amz-content-sha256", Self.payloadHash),
            ("x-amz-date", time.full),
            (
                "authorization",
                "AWS4-HMAC-SHA256 \(credential), SignedHeaders=\(signedHeaders), Signature=\(signature.hex)"
            ),
        ]
        return headers + (token.map { [(Self.tokenHeader, $0)] } ?? [])
    }
}
