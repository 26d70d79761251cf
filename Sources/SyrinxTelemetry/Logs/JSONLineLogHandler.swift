// SPDX-License-Identifier: Apache-2.0

package import Logging
internal import SyrinxCore

/// One JSON object a record, without secrets, for `log.format: json`.
///
/// `time` (RFC 3339, milliseconds), `level` and `message`, then the metadata beside them: `syrinx.session` is `session`,
/// `syrinx.tenant` is `tenant`; `trace_id`, `span_id` and `code` are as they were given. A record's own fields win.
package struct JSONLineLogHandler: LogHandler {
    package var metadata: Logger.Metadata = [:]
    package var metadataProvider: Logger.MetadataProvider?
    package var logLevel = Logger.Level.info
    private let cleaner: LogCleaner
    private let unixNanoseconds: @Sendable () -> Int64
    private let write: @Sendable (String) -> Void

    /// - Parameter write: gets each line without its end, from any thread.
    package init(
        redactor: Redactor, unixNanoseconds: @escaping @Sendable () -> Int64 = TelemetryClock.system.unixNanoseconds,
        write: @escaping @Sendable (String) -> Void
    ) {
        cleaner = LogCleaner(redactor: redactor, escapesControls: false)
        self.unixNanoseconds = unixNanoseconds
        self.write = write
    }

    package subscript(metadataKey key: String) -> Logger.MetadataValue? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    package func log(event: LogEvent) {
        let all = metadata.merging(metadataProvider?.get() ?? [:]) { $1 }.merging(event.metadata ?? [:]) { $1 }
        var record: [String: JSONValue] = [:]
        for (key, value) in cleaner.metadata(all) { record[Self.field(key)] = Self.json(value) }
        if let error = event.error { record["error"] = .string(cleaner.text("\(error)")) }
        record["time"] = .string(RFC3339.text(unixNanoseconds: unixNanoseconds()))
        record["level"] = .string(event.level.rawValue)
        record["message"] = .string(cleaner.text(event.message.description))
        write(JSONValue.object(record).text)
    }

    private static let prefix = "syrinx."

    private static func field(_ key: String) -> String {
        key.hasPrefix(prefix) && key.utf8.count > prefix.utf8.count ? String(key.dropFirst(prefix.count)) : key
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
