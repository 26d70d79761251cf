// SPDX-License-Identifier: Apache-2.0

package import Logging
package import SyrinxTelemetry

extension Logger {
    /// Logs go to stderr, so that stdout stays clean; without the secrets that `redactor` knows, and without anything
    /// that is written like a credential.
    package static func commands(level: Level, asJSON: Bool = false, redactor: Redactor = Redactor()) -> Logger {
        var logger = Logger(label: "syrinx") { label -> any LogHandler in
            if asJSON {
                JSONLineLogHandler(redactor: redactor) { Terminal.note($0) }
            } else {
                RedactingLogHandler(StreamLogHandler.standardError(label: label), redactor: redactor)
            }
        }
        logger.logLevel = level
        return logger
    }
}
