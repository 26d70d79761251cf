// SPDX-License-Identifier: Apache-2.0

package import SyrinxCore

/// The operator's API as an OpenAPI 3.1 document, like ``APIDescription`` is the tenants'.
package enum AdminDescription {
    package static var operations: [(method: String, path: String)] { all.map { ($0.method, $0.path) } }

    package static var document: JSONValue {
        APIDocument(
            title: "Syrinx, for its operator", about: about,
            server: "The admin listener: a Unix socket, or an address of its own", tags: tags, operations: all,
            schemas: schemas, credentials: credentials
        ).json
    }

    private static var all: [APIOperation] { host + sessions + plugins + observation + [description] }

    private static let about = """
        The host as a whole, whoever its tenants are. The admin socket is guarded by its mode; at an address, operators \
        show a key where `access.operators` has any. Errors are problem documents (RFC 9457), told apart by their `code`.
        """

    private static let tags: [(name: String, about: String)] = [
        ("host", "How it is, draining it, reading its configuration again"),
        ("sessions", "Live sessions of all tenants"),
        ("plugins", "What became of each, and changing it"),
        ("observation", "Metrics, records of all tenants, webhooks"), ("description", "This document"),
    ]

    private static let credentials: JSONValue = [
        "operator": ["type": "http", "scheme": "bearer", "description": "A key `syx_…` of `access.operators`"]
    ]

    private static var schemas: [String: JSONValue] {
        [
            APIDescription.healthSchemas, APIDescription.sessionSchemas, APIDescription.recordSchemas, hostSchemas,
            pluginSchemas, webhookSchemas,
        ].reduce(into: [:]) { all, some in all.merge(some) { first, _ in first } }
    }

    private static let sessions = [
        APIOperation(
            method: "GET", path: "/sessions", id: "listSessions", tag: "sessions",
            summary: "Live sessions, the oldest first", access: .operator,
            answers: [.ok("All of them", Schema.object(["sessions": Schema.list(Schema.named("Session"))]))]),
        APIOperation(
            method: "DELETE", path: "/sessions/{id}", id: "closeSession", tag: "sessions", summary: "Ends a session",
            description: "It closes with the reason `admin`, in a moment", access: .operator,
            parameters: [APIDescription.sessionID],
            answers: [
                .answer(
                    202, "It closes",
                    Schema.object(["session": Schema.text(), "state": Schema.constant("closing")])),
                .problem(404, "session.not_found"),
            ]),
    ]

    private static let description = APIOperation(
        method: "GET", path: "/openapi.json", id: "getOpenAPI", tag: "description", summary: "This document",
        access: .operator, answers: [.ok("OpenAPI 3.1", ["type": "object"])])
}
