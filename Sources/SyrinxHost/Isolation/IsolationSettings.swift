// SPDX-License-Identifier: Apache-2.0

internal import Foundation

/// Where a plugin's code runs.
package enum LoadMode: String, Sendable, CaseIterable {
    /// In this process: fastest, and as trusted as the host itself.
    case inProcess = "inproc"
    /// In a helper process that may do nothing but compute.
    case isolated
}

/// How isolated plugins are run.
package struct IsolationSettings: Sendable {
    /// Which sessions share a helper, and so its fate.
    package enum Grouping: String, Sendable, CaseIterable {
        case session = "per-session"
        case tenant = "per-tenant"
        case plugin = "per-plugin"
    }

    /// Path of `syrinx-plugin-host`.
    package var program: String
    package var grouping: Grouping
    /// How many sessions one crash may touch.
    package var sessionsPerHelper: Int
    /// Whether a helper with the provider open waits for the next crash or overflow.
    package var keepsSpare: Bool
    /// Address space of a helper in MiB.
    package var memory: Int
    /// Threads of a helper for plugins' blocking work.
    package var workers: Int
    /// A media call without an answer for so long ends the helper; other calls have `callHang`.
    package var mediaHang: Duration
    package var callHang: Duration
    /// A module that is not loaded after so long never will be.
    package var loadHang: Duration
    /// The helper's clock is what the host was told last: for tests.
    package var virtualClock: Bool
    /// No seccomp and no Landlock: for debuggers and sanitizers only.
    package var isUnconfined: Bool

    package init(
        program: String = Self.installedProgram, grouping: Grouping = .tenant, sessionsPerHelper: Int = 25,
        keepsSpare: Bool = true, memory: Int = 2048, workers: Int = 2, mediaHang: Duration = .milliseconds(250),
        callHang: Duration = .seconds(2), loadHang: Duration = .seconds(10), virtualClock: Bool = false,
        isUnconfined: Bool = false
    ) {
        self.program = program
        self.grouping = grouping
        self.sessionsPerHelper = sessionsPerHelper
        self.keepsSpare = keepsSpare
        self.memory = memory
        self.workers = workers
        self.mediaHang = mediaHang
        self.callHang = callHang
        self.loadHang = loadHang
        self.virtualClock = virtualClock
        self.isUnconfined = isUnconfined
    }

    /// That one helper can hold.
    package static let mostSessions = 256

    /// For a library with one state for its process (`SYX_PF_GLOBAL_STATE`): one helper for all of the plugin, without
    /// one in reserve. Who wants a helper for each session has it for such a library, too.
    package var gathered: IsolationSettings {
        guard grouping != .session else { return self }
        var settings = self
        settings.grouping = .plugin
        settings.sessionsPerHelper = Self.mostSessions
        settings.keepsSpare = false
        return settings
    }

    /// `$SYRINX_PLUGIN_HOST`, else `syrinx-plugin-host` beside the running program.
    package static var installedProgram: String {
        if let named = ProcessInfo.processInfo.environment["SYRINX_PLUGIN_HOST"], !named.isEmpty { return named }
        let own = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        return own.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
            + "/syrinx-plugin-host"
    }
}
