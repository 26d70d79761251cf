// SPDX-License-Identifier: Apache-2.0

internal import Hummingbird
internal import SyrinxAccess
internal import SyrinxCore
internal import SyrinxRuntime

/// Calls that the server places: `{"door": "rooms", "options": {"room": "r1"}}`.
extension Routes {
    func placeCall(_ request: Request, _ context: APIContext) async -> Response {
        do {
            let grant = try gate.grant(context.visit(request), needing: .talk)
            let order = try CallOrder(try await object(request))
            let door = try doors.find(order.door)
            // Another tenant's door is not there.
            guard door.tenant == grant.tenant, let plan = door.backend else {
                throw SyrinxError(
                    "door.not_found", "there is no door `\(order.door)` that places calls",
                    fix: "`doors.NAME.backend` in the configuration makes one")
            }
            let options = plan.options.merging(order.options)
            let call = try await doors.start(order.door, door, plan, options: options, peer: nil, on: loops.chosen)
                .get()
            return answer(.accepted, ["session": .string(call.value.id), "state": "calling"])
        } catch {
            let error = error as? SyrinxError ?? SyrinxError("server.internal", String(describing: error))
            outlets.refused(error, tenant: "")
            return problem(error)
        }
    }

    /// The body, which is a JSON object.
    /// - Throws: `request.*`, `json.invalid`.
    func object(_ request: Request) async throws -> JSONValue {
        let bytes: [UInt8]
        do {
            bytes = Array(try await request.body.collect(upTo: maxBody).readableBytesView)
        } catch {
            throw SyrinxError("request.body_too_large", "the body has more than \(maxBody) bytes")
        }
        let json = try JSONValue(parsing: bytes)
        guard json.object != nil else {
            throw SyrinxError("request.field_invalid", "the body is no JSON object", place: "$")
        }
        return json
    }
}

/// What is asked of `POST /v1/calls`.
struct CallOrder {
    var door: String
    /// For the backend's session, beside those of the configuration.
    var options: JSONValue

    /// - Throws: `request.field_invalid`.
    init(_ json: JSONValue) throws(SyrinxError) {
        if let name = json.object?.keys.sorted().first(where: { $0 != "door" && $0 != "options" }) {
            throw SyrinxError(
                "request.field_invalid", "`\(name.prefix(64))` is no field of this", fix: "door, options",
                place: "$.\(name.prefix(64))")
        }
        guard let door = json["door"]?.string, (1...64).contains(door.utf8.count) else {
            throw SyrinxError(
                "request.field_invalid", "`door` is no name of 1 to 64 bytes", fix: "name a door of the configuration",
                place: "$.door")
        }
        self.door = door
        options = json["options"] ?? .object([:])
        guard options.object != nil else {
            throw SyrinxError("request.field_invalid", "`options` is no object", place: "$.options")
        }
    }
}

extension JSONValue {
    /// The members of both; the other's go before.
    fileprivate func merging(_ other: JSONValue) -> JSONValue {
        .object((object ?? [:]).merging(other.object ?? [:]) { $1 })
    }
}
