// SPDX-License-Identifier: Apache-2.0

internal import SyrinxAccess
internal import SyrinxCore
internal import SyrinxRuntime

/// `GET /v1/talk?profile=NAME&rate=16000&…`, or `/TENANT/v1/talk?…`, as a request for a session.
struct TalkRequest {
    static let path = "/v1/talk"

    var call = CallRequest()
    /// As it was named; nil = the tenant's first.
    var profile: String?
    var pathTenant: String?
    /// Session tokens: as a rule one or none.
    var tokens: [String] = []
    /// Takes a session up whose connection was lost, instead of beginning one.
    var resume: String?
    /// The client knows how to come back.
    var isResumable = false

    /// - Throws: `request.query_invalid`.
    static func parse(_ uri: String) throws(SyrinxError) -> TalkRequest {
        var request = TalkRequest()
        request.pathTenant = TenantPath.split(uri)?.tenant
        for (name, value) in try HandshakeQuery.parse(uri) {
            switch name {
            case "profile": request.profile = value
            case "rate":
                guard let rate = Int(value) else { throw invalid("rate", "is `\(value)`, not a whole number of Hz") }
                request.call.rate = rate
            case "user":
                guard value.isEmpty || UserID.isValid(value) else { throw invalid("user", "is no id of a user") }
                request.call.user = value
            case "language": request.call.language = value
            case "resume": request.resume = value
            case "resumable":
                guard let wish = Bool(value) else { throw invalid("resumable", "is neither true nor false") }
                request.isResumable = wish
            case "token": request.tokens.append(value)
            default: request.call.options[name] = value
            }
        }
        return request
    }

    static func matches(_ uri: String) -> Bool {
        let uri = TenantPath.split(uri)?.rest ?? uri
        return uri == path || uri.hasPrefix(path + "?")
    }

    private static func invalid(_ place: String, _ message: String) -> SyrinxError {
        HandshakeQuery.invalid(place, message)
    }
}
