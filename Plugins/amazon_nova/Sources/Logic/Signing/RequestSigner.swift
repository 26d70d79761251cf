// SPDX-License-Identifier: Apache-2.0

/// What a signature is valid for.
struct SigningScope: Hashable, Sendable {
    static let service = "bedrock"

    let date: String
    let region: String

    /// "20260102/us-east-1/bedrock/aws4_request".
    var text: String { "\(date)/\(region)/\(Self.service)/aws4_request" }

    /// The key that signs, from the one that the host derives of the secret: HMAC("AWS4" + secret, date).
    func signingKey(dateKey: [UInt8]) -> [UInt8] {
        [region, Self.service, "aws4_request"].reduce(dateKey) { HMAC.sha256(key: $0, Array($1.utf8)) }
    }
}

/// The signature of the request that opens the stream: AWS Signature Version 4 with a body that is signed event by event
/// (protocol page, "HTTP/2 request").
struct RequestSigner: Sendable {
    static let contentType = "application/vnd.amazon.eventstream"
    static let payloadHash = "STREAMING-AWS4-HMAC-SHA256-EVENTS"
    private static let signedHeaders = "content-type;host;x-amz-content-sha256;x-amz-date"

    let endpoint: Endpoint
    let scope: SigningScope
    let time: SigningTime

    var canonicalRequest: String {
        """
        POST
        \(endpoint.canonicalPath)

        content-type:\(Self.contentType)
        host:\(endpoint.authority)
        x-amz-content-sha256:\(Self.payloadHash)
        x-amz-date:\(time.full)

        \(Self.signedHeaders)
        \(Self.payloadHash)
        """
    }

    /// 32 bytes.
    func signature(key: [UInt8]) -> [UInt8] {
        let digest = SHA256.hash(Array(canonicalRequest.utf8)).hex
        let text = "AWS4-HMAC-SHA256\n\(time.full)\n\(scope.text)\n\(digest)"
        return HMAC.sha256(key: key, Array(text.utf8))
    }

    /// The request's headers, all but `host`.
    func headers(accessKeyID: String, signature: [UInt8]) -> [(name: String, value: String)] {
        let credential = "Credential=\(accessKeyID)/\(scope.text)"
        return [
            ("content-type", Self.contentType),
            ("x-amz-content-sha256", Self.payloadHash),
            ("x-amz-date", time.full),
            (
                "authorization",
                "AWS4-HMAC-SHA256 \(credential), SignedHeaders=\(Self.signedHeaders), Signature=\(signature.hex)"
            ),
        ]
    }
}
