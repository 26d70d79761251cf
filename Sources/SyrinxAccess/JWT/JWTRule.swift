// SPDX-License-Identifier: Apache-2.0

internal import SyrinxCore

/// One key of one tenant, and what its tokens have to say.
struct JWTRule: Sendable {
    /// Clocks of two machines differ by that much.
    static let leeway = Duration.seconds(30)

    var tenant: String
    /// The `kid` of its tokens.
    var name: String
    var key: JWTKey
    /// Nil: as long as the issuer says.
    var maxLifetime: Duration?

    /// What a token says, once its signature is right.
    struct Claims {
        var scopes: Set<Scope>
        var user: String?
        var expires: UnixTime
    }

    /// Issuer and audience are those of the rule: by them it was found.
    func read(_ claims: JSONValue, now: UnixTime) throws(AccessRefusal) -> Claims {
        guard let expires = Self.time(claims["exp"]) else { throw .invalid(.malformed) }
        // No leeway here: a token that has ended has ended (RFC 7519 4.1.4).
        guard now < expires else { throw .expired }
        for name in ["nbf", "iat"] {
            guard let value = claims[name] else { continue }
            guard let time = Self.time(value) else { throw .invalid(.malformed) }
            guard time <= now + Self.leeway else { throw .invalid(.early) }
        }
        if let maxLifetime {
            let issued = Self.time(claims["iat"]) ?? now
            guard expires - issued <= maxLifetime, expires - now <= maxLifetime + Self.leeway else {
                throw .invalid(.tooLong)
            }
        }
        return Claims(scopes: try Self.scopes(claims["scope"]), user: try Self.user(claims["sub"]), expires: expires)
    }

    /// Seconds since 1970, with a fraction if they like; nil when it is no number or no time that there will be.
    private static func time(_ value: JSONValue?) -> UnixTime? {
        switch value {
        case .int(let seconds) where (0...253_402_300_799).contains(seconds): UnixTime(seconds: seconds)
        case .double(let seconds) where (0...253_402_300_799).contains(seconds):
            UnixTime(milliseconds: Int64(seconds * 1000))
        default: nil
        }
    }

    /// RFC 8693 4.2: words with single spaces between them. Words of others are not for us.
    private static func scopes(_ value: JSONValue?) throws(AccessRefusal) -> Set<Scope> {
        guard let value else { return [] }
        guard let text = value.string else { throw .invalid(.malformed) }
        return Set(text.split(separator: " ").compactMap { Scope(rawValue: String($0)) })
    }

    private static func user(_ value: JSONValue?) throws(AccessRefusal) -> String? {
        guard let value else { return nil }
        guard let user = value.string, UserID.isValid(user) else { throw .invalid(.malformed) }
        return user
    }
}

/// The names of callers, which stand in records, logs and paths of the API.
package enum UserID {
    /// 1 to 256 bytes without control characters.
    package static func isValid(_ text: String) -> Bool {
        (1...256).contains(text.utf8.count)
            && text.unicodeScalars.allSatisfy {
                switch $0.properties.generalCategory {
                case .control, .lineSeparator, .paragraphSeparator, .format, .surrogate, .privateUse, .unassigned: false
                default: true
                }
            }
    }
}
