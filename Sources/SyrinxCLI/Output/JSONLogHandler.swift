// SPDX-License-Identifier: Apache-2.0

internal import Foundation
internal import Logging
internal import SyrinxCore

/// One JSON object a record on stderr, for `log.format: json`.
struct JSONLogHandler: LogHandler {
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.info

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let fields = metadata.merging(event.metadata ?? [:]) { $1 }
        Terminal.note(Self.record(event.level, "\(event.message)", fields, at: Date()).text)
    }

    /// Metadata stands beside the record's own fields, which win.
    static func record(_ level: Logger.Level, _ message: String, _ fields: Logger.Metadata, at date: Date) -> JSONValue
    {
        var record = fields.mapValues(json)
        record["time"] = .string(date.formatted(.iso8601.time(includingFractionalSeconds: true)))
        record["level"] = .string(level.rawValue)
        record["message"] = .string(message)
        return .object(record)
    }

    private static func json(_ value: Logger.MetadataValue) -> JSONValue {
        switch value {
        case .string(let text): .string(text)
        case .stringConvertible(let value): .string(value.description)
        case .array(let values): .array(values.map(json))
        case .dictionary(let values): .object(values.mapValues(json))
        }
    }
}
