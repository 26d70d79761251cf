// SPDX-License-Identifier: Apache-2.0

import Logging

/// Hands every record from warnings on to a test.
struct ListeningLog: LogHandler {
    let hear: @Sendable (LogEvent) -> Void
    var logLevel = Logger.Level.warning
    var metadata: Logger.Metadata = [:]

    static func logger(_ hear: @escaping @Sendable (LogEvent) -> Void) -> Logger {
        Logger(label: "test") { _ in ListeningLog(hear: hear) }
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) { hear(event) }
}
