// SPDX-License-Identifier: Apache-2.0

internal import Crypto
internal import Foundation

/// Checks AWS Signature Version 4 of a request, and then of each event, as Bedrock does.
struct NovaSignatures {
    /// Id and secret, from `--key ID:SECRET`; with `:TOKEN` behind them they are temporary credentials.
    struct Key {
        let id: String
        let secret: String
        let token: String?

        init?(_ text: String) {
            let parts = text.split(separator: ":", maxSplits: 2).map(String.init)
            guard parts.count >= 2 else { return nil }
            (id, secret, token) = (parts[0], parts[1], parts.count > 2 ? parts[2] : nil)
        }
    }

    /// A signature is good for so many seconds.
    private static let patience: TimeInterval = 300

    private let scope: String
    private let key: SymmetricKey
    private(set) var previous: String

    /// Nil when the request's signature is wrong or old.
    init?(_ request: SimulatedRequest, key: Key, now: Date = Date()) {
        guard let credential = Credential(request), credential.id == key.id, let date = request.header("x-amz-date"),
            let time = Self.time(date), abs(time.timeIntervalSince(now)) < Self.patience,
            date.hasPrefix(credential.scope.prefix(8)), credential.signsAll(of: request),
            request.header("x-amz-security-token") == key.token
        else { return nil }
        scope = credential.scope
        let parts = credential.scope.split(separator: "/").map(String.init)
        let signingKey = parts.reduce(SymmetricKey(data: Data("AWS4\(key.secret)".utf8))) {
            SymmetricKey(data: Self.hmac($0, $1))
        }
        let canonical = Self.canonicalRequest(request, credential)
        let text = "AWS4-HMAC-SHA256\n\(date)\n\(scope)\n\(Self.hex(SHA256.hash(data: Data(canonical.utf8))))"
        guard Self.hex(Self.hmac(signingKey, text)) == credential.signature else { return nil }
        self.key = signingKey
        previous = credential.signature
    }

    /// False when the event's signature is not the next one of the chain.
    mutating func accepts(_ frame: NovaFrame) -> Bool {
        guard case .timestamp(let milliseconds)? = frame.header(":date"),
            case .bytes(let signature)? = frame.header(":chunk-signature")
        else { return false }
        let header = NovaFrame.encoded(":date", .timestamp(milliseconds))
        let text = [
            "AWS4-HMAC-SHA256-PAYLOAD", Self.text(Date(timeIntervalSince1970: Double(milliseconds) / 1000)), scope,
            previous, Self.hex(SHA256.hash(data: header)), Self.hex(SHA256.hash(data: frame.payload)),
        ].joined(separator: "\n")
        let expected = Self.hmac(key, text)
        previous = Self.hex(expected)
        return Array(expected) == signature
    }

    // MARK: the request

    private struct Credential {
        let id: String
        let scope: String
        let signedHeaders: [String]
        let signature: String

        init?(_ request: SimulatedRequest) {
            guard let text = request.credential(scheme: "AWS4-HMAC-SHA256") else { return nil }
            var fields: [String: String] = [:]
            for field in text.split(separator: ",") {
                let parts = field.split(separator: "=", maxSplits: 1)
                    .map { $0.trimmingCharacters(in: .whitespaces) }
                if parts.count == 2 { fields[parts[0]] = parts[1] }
            }
            let credential = fields["Credential"]?.split(separator: "/", maxSplits: 1).map(String.init) ?? []
            guard credential.count == 2, let headers = fields["SignedHeaders"], let signature = fields["Signature"]
            else { return nil }
            (id, scope) = (credential[0], credential[1])
            signedHeaders = headers.split(separator: ";").map(String.init)
            self.signature = signature
        }

        /// Amazon takes no request with one of its own headers, or a host, that is not signed.
        func signsAll(of request: SimulatedRequest) -> Bool {
            let needed = request.headers.map { $0.0.lowercased() }.filter { $0.hasPrefix("x-amz-") } + ["host"]
            return needed.allSatisfy(signedHeaders.contains)
        }
    }

    private static func canonicalRequest(_ request: SimulatedRequest, _ credential: Credential) -> String {
        let parts = request.target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        let path = parts[0].split(separator: "/", omittingEmptySubsequences: false).map(encoded)
        let headers = credential.signedHeaders.map { name in
            "\(name):\(request.header(name)?.trimmingCharacters(in: .whitespaces) ?? "")\n"
        }
        return [
            request.method, path.joined(separator: "/"), parts.count > 1 ? String(parts[1]) : "", headers.joined(),
            credential.signedHeaders.joined(separator: ";"), request.header("x-amz-content-sha256") ?? "",
        ].joined(separator: "\n")
    }

    private static func encoded(_ segment: Substring) -> String {
        let plain = CharacterSet(
            charactersIn: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~")
        return segment.addingPercentEncoding(withAllowedCharacters: plain) ?? ""
    }

    // MARK: helpers

    private static func hmac(_ key: SymmetricKey, _ text: String) -> Data {
        Data(HMAC<SHA256>.authenticationCode(for: Data(text.utf8), using: key))
    }

    private static func hex(_ bytes: some Sequence<UInt8>) -> String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    private static func time(_ text: String) -> Date? { formatter().date(from: text) }

    private static func text(_ date: Date) -> String { formatter().string(from: date) }

    private static func formatter() -> DateFormatter {
        let formatter = DateFormatter()
        formatter.locale = Locale(identifier: "en_US_POSIX")
        formatter.timeZone = TimeZone(secondsFromGMT: 0)
        formatter.dateFormat = "yyyyMMdd'T'HHmmss'Z'"
        return formatter
    }
}
