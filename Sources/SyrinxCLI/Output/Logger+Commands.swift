// SPDX-License-Identifier: Apache-2.0

package import Logging

extension Logger {
    /// Logs go to stderr, so that stdout stays clean.
    package static func commands(level: Level, asJSON: Bool = false) -> Logger {
        var logger = Logger(label: "syrinx") { label -> any LogHandler in
            if asJSON { JSONLogHandler() } else { StreamLogHandler.standardError(label: label) }
        }
        logger.logLevel = level
        return logger
    }
}
