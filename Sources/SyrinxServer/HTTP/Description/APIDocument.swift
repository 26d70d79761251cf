// SPDX-License-Identifier: Apache-2.0

internal import SyrinxCore

/// A list of operations as an OpenAPI 3.1 document: one for tenants, one for the operator.
struct APIDocument {
    var title: String
    var about: String
    /// What paths are relative to.
    var server: String
    var tags: [(name: String, about: String)]
    var operations: [APIOperation]
    var schemas: [String: JSONValue]
    var credentials: JSONValue

    var json: JSONValue {
        [
            "openapi": "3.1.0", "jsonSchemaDialect": "https://json-schema.org/draft/2020-12/schema",
            "info": [
                "title": .string(title), "version": .string(SyrinxVersion.current), "summary": "A voice backend",
                "description": .string(about),
                "license": ["name": "Apache-2.0", "identifier": "Apache-2.0"],
            ],
            "servers": [["url": "/", "description": .string(server)]],
            "tags": .array(tags.map { ["name": .string($0.name), "description": .string($0.about)] }),
            "paths": paths, "components": components,
        ]
    }

    private var paths: JSONValue {
        .object(
            Dictionary(grouping: operations, by: \.path).mapValues { operations in
                .object(
                    Dictionary(operations.map { ($0.method.lowercased(), $0.json) }) { first, _ in first })
            })
    }

    private var components: JSONValue {
        [
            "schemas": .object(schemas.merging(Self.problem) { first, _ in first }), "headers": Self.headers,
            "parameters": [
                "RequestID": [
                    "name": "X-Request-Id", "in": "header", "required": false,
                    "description": "Comes back with the answer, if it is plain; else the server makes one",
                    "schema": Schema.text(),
                ]
            ],
            "securitySchemes": credentials,
        ]
    }

    private static let headers: JSONValue = [
        "RequestID": [
            "required": true, "description": "Names the request in the server's log",
            "schema": Schema.text(pattern: "^[A-Za-z0-9._-]{1,128}$"),
        ],
        "RetryAfter": [
            "description": "Seconds to wait; missing where waiting is of no use", "schema": Schema.whole(from: 1),
        ],
        "WWWAuthenticate": ["description": "RFC 6750, 3", "schema": Schema.text(pattern: "^Bearer")],
        "Location": ["description": "Where it is", "schema": Schema.text()],
    ]

    private static let problem: [String: JSONValue] = [
        "Problem": Schema.object(
            [
                "status": Schema.whole(from: 400, to: 599),
                "code": Schema.text("What programs compare: docs/ERRORS.md", pattern: "^[a-z0-9_]+(\\.[a-z0-9_]+)+$"),
                "title": Schema.text("One sentence, for people"),
            ],
            optional: [
                "fix": Schema.text("What to do about it"), "place": Schema.text("Where: `query.limit`, `$.user`"),
                "retry_after": Schema.whole("Seconds", from: 1),
                "issues": Schema.list(
                    Schema.object(
                        ["message": Schema.text()],
                        optional: ["fix": Schema.text(), "place": Schema.text("`FILE:LINE:COLUMN`")],
                        "One fault of a refused configuration")),
            ], "RFC 9457, of the type `about:blank`")
    ]
}
