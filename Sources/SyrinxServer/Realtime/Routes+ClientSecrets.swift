// SPDX-License-Identifier: Apache-2.0

internal import Hummingbird
internal import SyrinxAccess
internal import SyrinxCore
internal import SyrinxRealtime
internal import SyrinxRuntime

/// Session tokens as clients of the Realtime protocol ask for them.
extension Routes {
    /// Bytes of the session that a secret is made with: it is kept until the secret is used.
    private static let longestSession = 16_384

    func clientSecrets(_ request: Request, _ context: APIContext) async -> Response {
        let visit = context.visit(request).withoutForeignKeys(policies)
        if let refusal = refusal(request, context, .talk, as: visit) { return refusal }
        let body = await body(of: request)
        return granted(request, context, .talk, as: visit) { (grant) throws(SyrinxError) in
            let order = try SecretOrder(body.get())
            let name = try RealtimeProfile.name(order.session?["model"]?.string, grant, manager, policies)
            var prepared = try manager.profiles.find(name, tenant: grant.tenant)
            try RealtimeProfile.adapt(&prepared)
            let setup = RealtimeProfile.setup(
                id: SessionID.random(), model: order.session?["model"]?.string ?? name,
                options: prepared.profile.conversation)
            let settings = order.session?.text
            if let settings, settings.utf8.count > Self.longestSession {
                throw SyrinxError(
                    "request.field_invalid", "`session` has more than \(Self.longestSession) bytes",
                    fix: "send the rest in session.update", place: "$.session")
            }
            let session = try RealtimeTranslator.session(order.session, setup)
            let claims = SessionTokens.Claims(
                tenant: grant.tenant, profile: name, user: grant.user, maxDuration: grant.maxDuration,
                mintedBy: grant.subject ?? grant.source.rawValue, settings: settings)
            let token = try gate.tokens.mint(claims, lifetime: order.lifetime, now: now)
            return answer(
                .ok,
                [
                    "value": .string(ClientSecret.named(token)),
                    "expires_at": .int((UnixTime.current + order.lifetime).seconds), "session": session,
                ])
        }
    }
}

/// `{"expires_after": {"anchor": "created_at", "seconds": 600}, "session": {…}}`, all of it optional.
struct SecretOrder {
    var lifetime = SessionTokens.lifetimes.upperBound
    var session: JSONValue?

    /// - Throws: `request.field_invalid`.
    init(_ json: JSONValue) throws(SyrinxError) {
        for (name, value) in (json.object ?? [:]).sorted(by: { $0.key < $1.key }) {
            switch name {
            case "expires_after":
                // Tokens of this host live no longer.
                lifetime = min(try Self.expiry(value), SessionTokens.lifetimes.upperBound)
            case "session":
                guard value.object != nil else { throw Self.invalid(name, "is no object") }
                session = value
            default: throw Self.invalid(name, "is no field of this", fix: "expires_after, session")
            }
        }
    }

    private static func expiry(_ json: JSONValue) throws(SyrinxError) -> Duration {
        let anchor = json["anchor"] ?? "created_at"
        guard let fields = json.object, anchor == "created_at",
            let seconds = json["seconds"]?.int, (10...7200).contains(seconds)
        else {
            throw invalid("expires_after", "is no `{\"anchor\":\"created_at\",\"seconds\":10 to 7200}`")
        }
        if let stranger = fields.keys.filter({ $0 != "anchor" && $0 != "seconds" }).min() {
            throw invalid("expires_after.\(stranger)", "is no field of this", fix: "anchor, seconds")
        }
        return .seconds(seconds)
    }

    private static func invalid(_ name: String, _ message: String, fix: String? = nil) -> SyrinxError {
        SyrinxError("request.field_invalid", "`\(name)` \(message)", fix: fix, place: "$.\(name)")
    }
}
