// SPDX-License-Identifier: Apache-2.0

internal import Hummingbird
internal import SyrinxAccess
internal import SyrinxConversation
internal import SyrinxCore
internal import SyrinxRuntime

/// A live session goes on otherwise: `{"pipeline": "cascade"}`, `{"language": "de"}`, `{"recording": "paused"}`, or some
/// of them.
extension Routes {
    func changeSession(_ request: Request, _ context: APIContext) async -> Response {
        do throws(SyrinxError) {
            let grant = try gate.grant(context.visit(request), needing: .admin)
            let id = context.parameter("id")
            _ = try manager.session(id, tenant: grant.tenant)
            let body = await body(of: request)
            let change = try SessionChange(body.get())
            try await manager.change(id, tenant: grant.tenant, pipeline: change.pipeline, language: change.language)
            if let pauses = change.pausesRecording {
                try await manager.pauseRecording(pauses, of: id, tenant: grant.tenant)
            }
            return answer(.accepted, ["session": .string(id), "state": "changing"])
        } catch {
            return problem(error)
        }
    }
}

/// What is asked of `PATCH /v1/sessions/{id}`.
struct SessionChange {
    var pipeline: Pipeline?
    var language: String?
    var pausesRecording: Bool?

    /// - Throws: `request.field_invalid`.
    init(_ json: JSONValue) throws(SyrinxError) {
        for (name, value) in (json.object ?? [:]).sorted(by: { $0.key < $1.key }) {
            switch (name, value.string) {
            case ("pipeline", "cascade"): pipeline = .cascade
            case ("pipeline", "s2s"): pipeline = .s2s
            case ("language", .some(let tag)): language = tag
            case ("recording", "paused"): pausesRecording = true
            case ("recording", "on"): pausesRecording = false
            case ("pipeline", _): throw Self.invalid(name, "is neither cascade nor s2s")
            case ("language", _): throw Self.invalid(name, "is no text")
            case ("recording", _): throw Self.invalid(name, "is neither paused nor on")
            default: throw Self.invalid(name, "is no field of this")
            }
        }
        if pipeline == nil, language == nil, pausesRecording == nil {
            throw Self.invalid("pipeline", "or `language` or `recording` is missing")
        }
    }

    private static func invalid(_ name: String, _ message: String) -> SyrinxError {
        let name = String(name.prefix(64))
        return SyrinxError(
            "request.field_invalid", "`\(name)` \(message)",
            fix: "pipeline: cascade or s2s; language: a tag; recording: paused or on",
            place: "$.\(name)")
    }
}
