// SPDX-License-Identifier: Apache-2.0

internal import HTTPTypes
internal import Hummingbird

/// Every answer carries the id of its request: the client's own, or one of ours.
struct RequestIDMiddleware: RouterMiddleware {
    static let name = HTTPField.Name("x-request-id")

    func handle(
        _ request: Request, context: APIContext, next: (Request, APIContext) async throws -> Response
    ) async throws -> Response {
        var response = try await next(request, context)
        guard let name = Self.name else { return response }
        response.headers[name] = request.headers[name].flatMap(Self.accepted) ?? Self.fresh()
        return response
    }

    /// What may stand in a log and a header as it is.
    private static func accepted(_ text: String) -> String? {
        let isPlain = text.utf8.allSatisfy { byte in
            (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte) || byte == 45
                || byte == 95
                || byte == 46
        }
        return !text.isEmpty && text.utf8.count <= 128 && isPlain ? text : nil
    }

    private static func fresh() -> String {
        "req_" + String(UInt64.random(in: .min ... .max), radix: 16)
            + String(UInt64.random(in: .min ... .max), radix: 16)
    }
}
