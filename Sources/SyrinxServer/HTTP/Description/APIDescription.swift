// SPDX-License-Identifier: Apache-2.0

package import SyrinxCore

/// The public API as an OpenAPI 3.1 document. One list of operations is all there is of it: what a client reads, and
/// what tests hold against the routes.
package enum APIDescription {
    /// Every operation, with the scope that it needs; nil = none.
    package static var operations: [(method: String, path: String, scope: String?)] {
        all.map { ($0.method, $0.path, $0.access.scope) }
    }

    package static var document: JSONValue {
        APIDocument(
            title: "Syrinx", about: about, server: "This host; a tenant's own path `/TENANT/v1/…` works alike",
            tags: tags, operations: all, schemas: schemas, credentials: credentials
        ).json
    }

    static var all: [APIOperation] { health + calls + realtime + sessions + records + descriptions }

    private static let about = """
        Sessions, records and usage of one tenant: the one whose credential is presented. What is another tenant's is \
        answered as what is not there. Errors are problem documents (RFC 9457), told apart by their `code`. Conversations \
        are WebSockets: `/asyncapi.json`.
        """

    private static let tags: [(name: String, about: String)] = [
        ("health", "For load balancers and supervisors; nobody needs a key"), ("calls", "Beginning a conversation"),
        ("sessions", "Live sessions"), ("records", "What is kept of sessions, and what was used"),
        ("description", "These documents"),
    ]

    private static let credentials: JSONValue = [
        "bearer": [
            "type": "http", "scheme": "bearer",
            "description": "An API key `syx_…` or a signed token (JWT) of the tenant",
        ],
        "session_token": [
            "type": "apiKey", "in": "query", "name": "token",
            "description": "From `POST /v1/tokens`: good for one session, once",
        ],
    ]

    static func path(_ name: String, _ schema: JSONValue) -> JSONValue {
        ["name": .string(name), "in": "path", "required": true, "schema": schema]
    }

    static func query(_ name: String, _ description: String, _ schema: JSONValue) -> JSONValue {
        [
            "name": .string(name), "in": "query", "required": false, "description": .string(description),
            "schema": schema,
        ]
    }

    static func header(_ name: String, _ description: String, _ schema: JSONValue) -> JSONValue {
        [
            "name": .string(name), "in": "header", "required": false, "description": .string(description),
            "schema": schema,
        ]
    }

    /// Ids of sessions, which are those of their records.
    static let sessionID = path("id", Schema.text(pattern: "^[A-Za-z0-9_-]{1,64}$"))
    static let cursor = query("cursor", "`next` of the page before", Schema.text(length: 1...256))

    private static let descriptions = [
        APIOperation(
            method: "GET", path: "/openapi.json", id: "getOpenAPI", tag: "description", summary: "This document",
            access: .anybody, answers: [.ok("OpenAPI 3.1", ["type": "object"])]),
        APIOperation(
            method: "GET", path: "/asyncapi.json", id: "getAsyncAPI", tag: "description",
            summary: "The WebSocket `/v1/talk`", access: .anybody, answers: [.ok("AsyncAPI 3.0", ["type": "object"])]),
    ]
}
