// SPDX-License-Identifier: Apache-2.0

package import Logging

/// Any log handler behind a redactor: what reaches it has no secrets in it and no line that is not its own.
package struct RedactingLogHandler: LogHandler {
    private var base: any LogHandler
    private let cleaner: LogCleaner
    package var metadata: Logger.Metadata
    package var metadataProvider: Logger.MetadataProvider?

    /// - Parameter base: what it has of metadata is taken over.
    package init(_ base: any LogHandler, redactor: Redactor) {
        self.base = base
        cleaner = LogCleaner(redactor: redactor, escapesControls: true)
        metadata = base.metadata
        metadataProvider = base.metadataProvider
        self.base.metadata = [:]
        // Asked here; a handler that was never given one says so loudly when it is set.
        if metadataProvider != nil { self.base.metadataProvider = nil }
    }

    package var logLevel: Logger.Level {
        get { base.logLevel }
        set { base.logLevel = newValue }
    }

    package subscript(metadataKey key: String) -> Logger.MetadataValue? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    package func log(event: LogEvent) {
        var event = event
        let all = metadata.merging(metadataProvider?.get() ?? [:]) { $1 }.merging(event.metadata ?? [:]) { $1 }
        var clean = cleaner.metadata(all)
        if let error = event.error { clean["error"] = .string(cleaner.text("\(error)")) }
        event.error = nil
        event.metadata = clean.isEmpty ? nil : clean
        event.message = "\(cleaner.text(event.message.description))"
        base.log(event: event)
    }
}
