// SPDX-License-Identifier: Apache-2.0

internal import Hummingbird
internal import SyrinxAccess
internal import SyrinxCore
internal import SyrinxRuntime

/// Session tokens, for browsers: whoever has a key makes one, and the key stays where it is.
extension Routes {
    func tokens(_ request: Request, _ context: APIContext) async -> Response {
        if let refusal = refusal(request, context, .talk) { return refusal }
        let body = await body(of: request)
        return granted(request, context, .talk) { (grant) throws(SyrinxError) in
            var order = try TokenOrder(body.get())
            try order.narrow(to: grant)
            if let profile = order.profile { _ = try manager.profiles.find(profile, tenant: grant.tenant) }
            let claims = SessionTokens.Claims(
                tenant: grant.tenant, profile: order.profile, user: order.user,
                maxDuration: order.maxDuration, mintedBy: grant.subject ?? grant.source.rawValue)
            let now = now
            let made = try desk.token(
                TokenDesk.Order(claims: claims, lifetime: order.lifetime), key: TokenDesk.key(request),
                tokens: gate.tokens, now: now)
            return answer(
                .created,
                [
                    "token": .string(made.token), "expires_in": .int(wholeSeconds(made.expires - now)),
                    "url": .string("/v1/talk?token=\(made.token)"),
                ])
        }
    }

    /// A JSON object; what is wrong with it is said to whoever may ask.
    func body(of request: Request) async -> Result<JSONValue, SyrinxError> {
        do {
            let bytes = try await request.body.collect(upTo: maxBody)
            return Result { () throws(SyrinxError) in try Self.object(Array(bytes.readableBytesView)) }
        } catch {
            return .failure(SyrinxError("request.body_too_large", "the body has more than \(maxBody) bytes"))
        }
    }

    /// Rounded up.
    private func wholeSeconds(_ duration: Duration) -> Int64 { (duration.nanoseconds + 999_999_999) / 1_000_000_000 }

    /// An empty body asks for nothing in particular.
    private static func object(_ bytes: [UInt8]) throws(SyrinxError) -> JSONValue {
        guard !bytes.isEmpty else { return [:] }
        let json = try JSONValue(parsing: bytes)
        guard json.object != nil else {
            throw SyrinxError("request.field_invalid", "the body is no JSON object", place: "$")
        }
        return json
    }
}

/// `{"profile": …, "user": …, "lifetime_s": 60, "max_duration_s": 600}`, all of it optional.
struct TokenOrder {
    var profile: String?
    var user: String?
    var lifetime = SessionTokens.defaultLifetime
    var maxDuration: Duration?

    /// - Throws: `request.field_invalid`.
    init(_ json: JSONValue) throws(SyrinxError) {
        for (name, value) in (json.object ?? [:]).sorted(by: { $0.key < $1.key }) {
            switch name {
            case "profile": profile = try Self.text(value, name)
            case "user":
                user = try Self.text(value, name)
                guard UserID.isValid(value.string ?? "") else { throw Self.invalid(name, "is no id of a user") }
            case "lifetime_s": lifetime = try Self.seconds(value, name, 1...600)
            case "max_duration_s": maxDuration = try Self.seconds(value, name, 1...86_400)
            default:
                throw Self.invalid(name, "is no field of this", fix: "profile, user, lifetime_s, max_duration_s")
            }
        }
    }

    /// Nobody gives away more than he has: who is vouched for as one user makes no token for another.
    /// - Throws: `auth.forbidden`.
    mutating func narrow(to grant: Grant) throws(SyrinxError) {
        if let user = grant.user, self.user ?? user != user { throw Self.forbidden("user") }
        if let profile = grant.profile, self.profile ?? profile != profile { throw Self.forbidden("profile") }
        user = grant.user ?? user
        profile = grant.profile ?? profile
        if let longest = grant.maxDuration { maxDuration = min(maxDuration ?? longest, longest) }
    }

    private static func forbidden(_ name: String) -> SyrinxError {
        SyrinxError(
            "auth.forbidden", "this credential is for another `\(name)`", fix: "leave it out", place: "$.\(name)")
    }

    private static func text(_ value: JSONValue, _ name: String) throws(SyrinxError) -> String {
        guard let text = value.string, (1...256).contains(text.utf8.count) else {
            throw invalid(name, "is no text of 1 to 256 bytes")
        }
        return text
    }

    private static func seconds(
        _ value: JSONValue, _ name: String, _ range: ClosedRange<Int64>
    ) throws(SyrinxError) -> Duration {
        guard let seconds = value.int, range.contains(seconds) else {
            throw invalid(name, "is no whole number of seconds from \(range.lowerBound) to \(range.upperBound)")
        }
        return .seconds(seconds)
    }

    private static func invalid(_ name: String, _ message: String, fix: String? = nil) -> SyrinxError {
        SyrinxError("request.field_invalid", "`\(name)` \(message)", fix: fix, place: "$.\(name)")
    }
}
