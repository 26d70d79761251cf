// SPDX-License-Identifier: Apache-2.0

internal import struct Foundation.Date

/// A step in the life of a plugin's generation. Names are stable: they stand in logs, counters and the admin API.
package struct PluginEvent: Sendable {
    package enum Name: String, Sendable, CaseIterable {
        case discovered, loaded, refused
        case selfTestPassed = "self_test_passed"
        case selfTestFailed = "self_test_failed"
        case canaryStarted = "canary_started"
        case promoted
        case rolledBack = "rolled_back"
        /// It failed as often as a rollback takes, and there is nothing to go back to.
        case failing
        case removed, draining, retired
    }

    package var name: Name
    /// Wall clock, seconds since 1970.
    package var time: Double
    /// The plugin's id, or its folder when the manifest could not be read.
    package var plugin: String
    package var version: String?
    /// 0 = nothing was loaded.
    package var generation: Int
    package var detail: String

    init(_ name: Name, _ plugin: String, version: String? = nil, generation: Int = 0, _ detail: String = "") {
        self.name = name
        time = Date().timeIntervalSince1970
        self.plugin = plugin
        self.version = version
        self.generation = generation
        self.detail = detail
    }

    /// Whether an operator should see it in a log of warnings.
    package var isBad: Bool {
        switch name {
        case .refused, .selfTestFailed, .rolledBack, .failing: true
        default: false
        }
    }
}

/// The latest events of each plugin, and how many of each name there were. Bounded.
struct PluginEventLog {
    private static let limit = 64
    private static let plugins = 1000

    private(set) var events: [String: [PluginEvent]] = [:]
    private(set) var counters: [PluginEvent.Name: Int] = [:]

    mutating func note(_ event: PluginEvent) {
        counters[event.name, default: 0] += 1
        guard events[event.plugin] != nil || events.count < Self.plugins else { return }
        var list = events[event.plugin] ?? []
        if list.count == Self.limit { list.removeFirst() }
        list.append(event)
        events[event.plugin] = list
    }
}
