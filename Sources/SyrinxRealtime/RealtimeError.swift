// SPDX-License-Identifier: Apache-2.0

internal import SyrinxCore

/// What is told in an `error` event. The session goes on.
struct RealtimeError: Error, Equatable {
    var type = "invalid_request_error"
    var code: String
    var message: String
    /// The JSON path of what was wrong, as `session.audio.input.format`.
    var param: String?

    static func missing(_ param: String) -> RealtimeError {
        RealtimeError(
            code: "missing_required_parameter", message: "`\(param)` is missing", param: param)
    }

    static func wrongType(_ param: String, _ expected: String) -> RealtimeError {
        RealtimeError(code: "invalid_type", message: "`\(param)` must be \(expected)", param: param)
    }

    static func invalid(_ param: String, _ message: String) -> RealtimeError {
        RealtimeError(code: "invalid_value", message: "`\(param)` \(message)", param: param)
    }

    static func unsupported(_ param: String, _ message: String) -> RealtimeError {
        RealtimeError(code: "unsupported_value", message: "`\(param)` \(message)", param: param)
    }

    /// - Parameter cause: the client's own id of the event that was wrong.
    func json(cause: String?) -> JSONValue {
        [
            "type": "error",
            "error": [
                "type": .string(type), "code": .string(code), "message": .string(message),
                "param": param.map(JSONValue.string) ?? .null, "event_id": cause.map(JSONValue.string) ?? .null,
            ],
        ]
    }
}

/// Reads one JSON object strictly: a wrong type is an error with its path, null counts as absent where it may.
struct Fields {
    let object: [String: JSONValue]
    let path: String

    init(_ json: JSONValue, _ path: String) throws(RealtimeError) {
        guard let object = json.object else { throw .wrongType(path, "an object") }
        self.object = object
        self.path = path
    }

    func place(_ name: String) -> String { path.isEmpty ? name : "\(path).\(name)" }

    /// Nil where it is absent or null.
    func value(_ name: String) -> JSONValue? {
        guard let value = object[name], !value.isNull else { return nil }
        return value
    }

    func isNull(_ name: String) -> Bool { object[name]?.isNull == true }

    func text(_ name: String, limit: Int = 65_536) throws(RealtimeError) -> String? {
        guard let value = value(name) else { return nil }
        guard let text = value.string else { throw .wrongType(place(name), "a string") }
        guard text.utf8.count <= limit else { throw .invalid(place(name), "has more than \(limit) bytes") }
        return text
    }

    func required(_ name: String, limit: Int = 65_536) throws(RealtimeError) -> String {
        guard let text = try text(name, limit: limit) else { throw .missing(place(name)) }
        return text
    }

    func truth(_ name: String) throws(RealtimeError) -> Bool? {
        guard let value = value(name) else { return nil }
        guard let truth = value.bool else { throw .wrongType(place(name), "true or false") }
        return truth
    }

    func number(_ name: String, _ range: ClosedRange<Double>) throws(RealtimeError) -> Double? {
        guard let value = value(name) else { return nil }
        guard let number = value.double else { throw .wrongType(place(name), "a number") }
        guard range.contains(number) else {
            throw .invalid(place(name), "must be from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    func whole(_ name: String, _ range: ClosedRange<Int64>) throws(RealtimeError) -> Int? {
        guard let value = value(name) else { return nil }
        guard let number = value.int else { throw .wrongType(place(name), "a whole number") }
        guard range.contains(number) else {
            throw .invalid(place(name), "must be from \(range.lowerBound) to \(range.upperBound)")
        }
        return Int(number)
    }

    func list(_ name: String, limit: Int) throws(RealtimeError) -> [JSONValue]? {
        guard let value = value(name) else { return nil }
        guard let list = value.array else { throw .wrongType(place(name), "an array") }
        guard list.count <= limit else { throw .invalid(place(name), "has more than \(limit) elements") }
        return list
    }

    func fields(_ name: String) throws(RealtimeError) -> Fields? {
        guard let value = value(name) else { return nil }
        return try Fields(value, place(name))
    }
}
