// SPDX-License-Identifier: Apache-2.0

internal import SyrinxCore

/// One operation of an API, as `/openapi.json` tells of it.
struct APIOperation: Sendable {
    /// Who may ask.
    enum Access: Sendable {
        case anybody
        /// Whoever has a credential.
        case credential
        /// Whoever has a credential with this scope.
        case scope(String)
        /// The same, or a session token in the query.
        case talk
        /// An operator of the host; whoever reaches the listener where there are none.
        case `operator`

        var scope: String? {
            switch self {
            case .anybody, .credential, .operator: nil
            case .scope(let scope): scope
            case .talk: "talk"
            }
        }
    }

    var method: String
    var path: String
    var id: String
    var tag: String
    var summary: String
    var description: String?
    var access: Access
    var parameters: [JSONValue] = []
    var body: JSONValue?
    /// Those of a bad credential are added to them.
    var answers: [APIAnswer]

    var json: JSONValue {
        var fields: [String: JSONValue] = [
            "operationId": .string(id), "tags": [.string(tag)], "summary": .string(summary), "security": security,
            "responses": responses,
        ]
        if let description { fields["description"] = .string(description) }
        fields["parameters"] = .array(parameters + [["$ref": "#/components/parameters/RequestID"]])
        if let body { fields["requestBody"] = body }
        if let scope = access.scope { fields["x-scopes"] = [.string(scope)] }
        return .object(fields)
    }

    private var security: JSONValue {
        let scopes = JSONValue.array(access.scope.map { [.string($0)] } ?? [])
        return switch access {
        case .anybody: []
        case .credential, .scope: [["bearer": scopes]]
        case .talk: [["bearer": scopes], ["session_token": []]]
        case .operator: [["operator": []], [:]]
        }
    }

    private var responses: JSONValue {
        var all = answers
        if case .anybody = access {} else { all += APIAnswer.badCredential }
        return .object(Dictionary(grouping: all) { String($0.status) }.mapValues { APIAnswer.json($0) })
    }
}

/// What an operation may answer.
struct APIAnswer: Sendable {
    var status: Int
    var description: String
    var type: String
    /// Nil without a body.
    var schema: JSONValue?
    var links: JSONValue?
    /// Of a problem document.
    var codes: [String] = []
    /// Of a refusal that may tell when to ask again.
    var headers: [String] = []

    static func ok(
        _ description: String, _ schema: JSONValue, type: String = "application/json", links: JSONValue? = nil
    ) -> APIAnswer {
        APIAnswer(status: 200, description: description, type: type, schema: schema, links: links)
    }

    static func answer(_ status: Int, _ description: String, _ schema: JSONValue) -> APIAnswer {
        APIAnswer(status: status, description: description, type: "application/json", schema: schema)
    }

    static func problem(_ status: Int, _ codes: String...) -> APIAnswer {
        let headers = [401: "WWW-Authenticate", 403: "WWW-Authenticate", 429: "Retry-After", 503: "Retry-After"]
        return APIAnswer(
            status: status, description: "", type: "application/problem+json", codes: codes,
            headers: headers[status].map { [$0] } ?? [])
    }

    static let badCredential: [APIAnswer] = [
        problem(401, "auth.missing", "auth.invalid", "auth.expired"), problem(403, "auth.forbidden", "auth.origin"),
        problem(429, "auth.too_many_failures"),
    ]

    /// What the answers of one status have in common.
    static func json(_ answers: [APIAnswer]) -> JSONValue {
        let codes = answers.flatMap(\.codes)
        let words = answers.map(\.description).filter { !$0.isEmpty } + codes.map { "`\($0)`" }
        var content: [String: JSONValue] = [:]
        for answer in answers {
            let schema = answer.codes.isEmpty ? answer.schema : problem(codes, answer.status)
            if let schema { content[answer.type] = ["schema": schema] }
        }
        var headers: [String: JSONValue] = ["X-Request-Id": ["$ref": "#/components/headers/RequestID"]]
        for name in answers.flatMap(\.headers) {
            headers[name] = ["$ref": .string("#/components/headers/\(name.filter { $0 != "-" })")]
        }
        var fields: [String: JSONValue] = [
            "description": .string(words.joined(separator: ", ")), "headers": .object(headers),
        ]
        if !content.isEmpty { fields["content"] = .object(content) }
        if let links = answers.compactMap(\.links).first { fields["links"] = links }
        return .object(fields)
    }

    private static func problem(_ codes: [String], _ status: Int) -> JSONValue {
        [
            "allOf": [
                Schema.named("Problem"),
                ["properties": ["code": Schema.word(codes), "status": ["const": .int(Int64(status))]]],
            ]
        ]
    }
}
