// SPDX-License-Identifier: Apache-2.0

package import Logging
package import SyrinxCore
package import SyrinxHost
internal import SyrinxRuntime

/// Plugins loaded for a command that needs no server.
package final class PluginShelf: Sendable {
    package let host: PluginHost
    private let environment: RuntimeEnvironment

    /// - Throws: `plugin.folder.missing`.
    package init(
        folders: [String], loading: PluginLoading = PluginLoading(), logger: Logger = .commands(level: .warning)
    ) throws(SyrinxError) {
        environment = RuntimeEnvironment(threads: 2, logger: logger)
        host = PluginHost(environment: environment, loading: loading)
        for folder in folders { try host.load(folder: folder) }
    }

    package func close() {
        host.close()
        environment.stop()
    }
}
