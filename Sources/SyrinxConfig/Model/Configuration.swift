// SPDX-License-Identifier: Apache-2.0

/// What a server is told by its configuration file.
///
/// Every value is checked and every key has its default, except in profiles, which are overlays on the built-in ones.
package struct Configuration: Sendable, Equatable {
    package var listen = ListenAddress()
    package var listeners = ListenersConfig()
    package var plugins = PluginsConfig()
    package var access = AccessConfig()
    package var limits = LimitsConfig()
    package var network = NetworkConfig()
    package var drain = DrainConfig()
    package var log = LogConfig()
    package var telemetry = TelemetryConfig()
    package var storage = StorageConfig()
    /// By name; none: see ``servedTenants``.
    package var tenants: [String: TenantConfig] = [:]
    /// By name.
    package var doors: [String: DoorConfig] = [:]
    /// By name; see ``overlay(for:)``.
    package var profiles: [String: ProfileConfig] = [:]
    /// For ``ConfigEffective`` and ``ConfigDiff``.
    var origin = ConfigOrigin()

    /// What holds without a file.
    package init() {}

    /// The profiles that the server defines in code.
    package static let builtInProfiles = ["default", "echo", "mock"]
}

/// Host and port; the port 0 lets the system choose one.
package struct ListenAddress: Hashable, Sendable, CustomStringConvertible {
    package var host: String
    package var port: Int

    package init(host: String = "127.0.0.1", port: Int = 8080) {
        self.host = host
        self.port = port
    }

    /// `127.0.0.1:8080`, `localhost:0`, `[::1]:8080`.
    package init?(_ text: String) {
        guard let colon = text.lastIndex(of: ":"),
            let port = PlainNumber.integer(String(text[text.index(after: colon)...])),
            (0...65_535).contains(port)
        else { return nil }
        var host = text[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = host.dropFirst().dropLast()
            guard host.contains(":") else { return nil }
        } else if host.contains(":") {
            return nil
        }
        let allowed: Set<Character> = [".", "-", "_", ":", "%"]
        guard !host.isEmpty, host.utf8.count <= 255,
            host.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || allowed.contains($0)) })
        else { return nil }
        self.init(host: String(host), port: Int(port))
    }

    package var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}

package struct PluginsConfig: Hashable, Sendable {
    /// Resolved against the file's folder; nil when the file names none, then it is `../plugins` from the binary.
    package var folders: [String]?
    package var watch = true
    package var selfTest = true
    package var maxGenerations = 16
    package var canary = CanaryConfig()
    package var isolation = Isolation()
    /// Paths of key files and folders whose signatures count.
    package var trustedKeys: [String] = []
    /// Nil = `plugins.lock` in each plugin folder, if there is one.
    package var lock: String?
    /// Where verified code and quarantine are kept; nil = in memory, and nowhere.
    package var state: String?

    package struct Isolation: Hashable, Sendable {
        package enum Which: String, Hashable, Sendable, CaseIterable {
            case untrusted, all, none
        }

        package enum Grouping: String, Hashable, Sendable, CaseIterable {
            case session = "per-session"
            case tenant = "per-tenant"
            case plugin = "per-plugin"
        }

        package var of = Which.untrusted
        package var grouping = Grouping.tenant
        package var sessions = 25
        package var spare = true
        package var memoryMB = 2048
        package var workers = 2

        package init() {}
    }

    package init() {}
}

package struct CanaryConfig: Hashable, Sendable {
    package var tenants: [String] = []
    package var percent = 0
    package var promoteAfter = Duration.seconds(600)
    package var promoteSessions = 10

    package init() {}
}

package struct ListenersConfig: Hashable, Sendable {
    /// The admin API's socket.
    package enum Admin: Hashable, Sendable {
        case standard, none
        case path(String)
    }

    /// HTTP of the admin API.
    package enum AdminHTTP: Hashable, Sendable {
        /// ``standardAdminHTTP``, unless that is taken.
        case standard
        case none
        case address(ListenAddress)
    }

    package static let standardAdminHTTP = ListenAddress(host: "127.0.0.1", port: 9464)

    package var admin = Admin.standard
    package var adminHTTP = AdminHTTP.standard

    package init() {}
}

package struct DrainConfig: Hashable, Sendable {
    package var deadline = Duration.seconds(1800)
    /// Said to a caller whose call the deadline ends.
    package var goodbye: String?

    package init() {}
}

package struct LogConfig: Hashable, Sendable {
    /// The levels of swift-log.
    package enum Level: String, Hashable, Sendable, CaseIterable {
        case trace, debug, info, notice, warning, error, critical
    }

    package enum Format: String, Hashable, Sendable, CaseIterable {
        case text, json
    }

    package var level = Level.info
    package var format = Format.text

    package init() {}
}

package struct StorageConfig: Hashable, Sendable {
    /// Path of the database, resolved; nil: no records are kept.
    package var database: String?
    /// Folder of recordings, resolved.
    package var recordings: String?
    /// Folder of the sessions' event logs, resolved; nil: none are kept.
    package var eventLog: String?

    package init() {}
}
