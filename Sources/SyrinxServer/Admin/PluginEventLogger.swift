// SPDX-License-Identifier: Apache-2.0

internal import Logging
internal import SyrinxHost

/// Events of plugins as log records.
struct PluginEventLogger: Sendable {
    let logger: Logger

    func log(_ event: PluginEvent) {
        var metadata: Logger.Metadata = ["event": "\(event.name.rawValue)", "syrinx.plugin": "\(event.plugin)"]
        if let version = event.version { metadata["version"] = "\(version)" }
        if event.generation > 0 { metadata["generation"] = "\(event.generation)" }
        if !event.detail.isEmpty { metadata["detail"] = "\(event.detail)" }
        switch event.name {
        case .refused: logger.error("plugin refused", metadata: metadata)
        case .discovered, .loaded, .selfTestPassed: logger.info("plugin event", metadata: metadata)
        default: logger.log(level: event.isBad ? .warning : .notice, "plugin event", metadata: metadata)
        }
    }
}
