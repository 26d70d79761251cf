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
        let make = { () throws(SyrinxError) in
            Answer(
                token: try tokens.mint(order.claims, lifetime: order.lifetime, now: now), expires: now + order.lifetime)
        }
        guard let key else { return try make() }
        return try given.withLock { (given) throws(SyrinxError) in
            try given.answer(
                to: key, of: order.claims.tenant, order: order, now: now,
                isGood: { tokens.isGood($0.token, now: now) }, make: make)
        }
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
