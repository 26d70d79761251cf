// SPDX-License-Identifier: Apache-2.0

internal import HTTPTypes
internal import Hummingbird
internal import Synchronization
internal import SyrinxAccess
internal import SyrinxCore

/// Makes session tokens, and gives the same one to a request that is sent again. Thread-safe.
final class TokenDesk: Sendable {
    struct Order: Hashable {
        var claims: SessionTokens.Claims
        var lifetime: Duration
    }

    struct Answer {
        var token: String
        var expires: Instant
    }

    private let given = Mutex(IdempotencyTable<Order, Answer>())

    /// - Parameters:
    ///   - key: the request's idempotency key; nil without.
    ///   - tokens: where the token is made.
    /// - Throws: `token.limit_exceeded`, `request.idempotency_conflict`, `request.idempotency_full`.
    func token(
        _ order: Order, key: String?, tokens: SessionTokens, now: Instant
    ) throws(SyrinxError) -> Answer {
        guard let key else { return try Self.make(order, tokens, now) }
        return try given.withLock { (given) throws(SyrinxError) in
            try given.answer(
                to: key, of: order.claims.tenant, order: order, now: now,
                isGood: { tokens.isGood($0.token, now: now) },
                make: { () throws(SyrinxError) in try Self.make(order, tokens, now) })
        }
    }

    private static func make(_ order: Order, _ tokens: SessionTokens, _ now: Instant) throws(SyrinxError) -> Answer {
        let token = try tokens.mint(order.claims, lifetime: order.lifetime, now: now)
        return Answer(token: token, expires: now + order.lifetime)
    }

    /// The header `Idempotency-Key`; nil where there is none.
    /// - Throws: `request.idempotency_key_invalid`.
    static func key(_ request: Request) throws(SyrinxError) -> String? {
        guard let name = HTTPField.Name("idempotency-key") else { return nil }
        let keys = request.headers[values: name]
        guard let key = keys.first else { return nil }
        guard keys.count == 1, (1...128).contains(key.utf8.count), key.utf8.allSatisfy({ (0x21...0x7e).contains($0) })
        else {
            throw SyrinxError(
                "request.idempotency_key_invalid", "`Idempotency-Key` is not 1 to 128 visible ASCII characters, once",
                fix: "send a UUID")
        }
        return key
    }
}
