// SPDX-License-Identifier: Apache-2.0

internal import SyrinxCore

/// JSON files with a schema: manifest, lock, keys, signatures, quarantine.
enum CheckedDocument {
    /// The value of a file, which its schema accepts.
    /// - Parameter refusal: makes the error from a sentence, a fix if one can be guessed, and the place.
    static func parse(
        _ bytes: [UInt8], by schema: Result<JSONSchema, SyrinxError>, file: String, maximumBytes: Int,
        refusal: (_ message: String, _ fix: String?, _ place: String) -> SyrinxError
    ) throws(SyrinxError) -> JSONValue {
        let json: JSONValue
        do {
            json = try JSONValue(parsing: bytes, maximumBytes: maximumBytes)
        } catch {
            throw refusal(error.message, nil, "\(file):\(error.place ?? "1:1")")
        }
        let issues = try schema.get().validate(json)
        guard let first = issues.first else { return json }
        let rest = issues.count > 1 ? " (and \(issues.count - 1) more)" : ""
        throw refusal(first.message + rest, first.fix, "\(file):\(first.path)")
    }
}
