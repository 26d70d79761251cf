// SPDX-License-Identifier: Apache-2.0

internal import Foundation
internal import Synchronization
package import SyrinxCore

/// What operators see.
extension LivePlugins {
    /// Every plugin with its generations, and the counters of all events.
    package var overview: JSONValue {
        ["plugins": .array(pluginNames.map { plugin($0) }), "events": counters]
    }

    /// How many events of each name there were.
    package var counters: JSONValue {
        let counters = state.withLock(\.log.counters)
        return .object(
            Dictionary(
                uniqueKeysWithValues: PluginEvent.Name.allCases.map {
                    ($0.rawValue, JSONValue.int(Int64(counters[$0] ?? 0)))
                }))
    }

    /// Why a plugin's versions serve or do not: its generations, refusals and latest events.
    /// - Throws: `plugin.not_found`.
    package func why(_ name: String) throws(SyrinxError) -> JSONValue {
        guard pluginNames.contains(name) else { throw notFound(name) }
        guard case .object(var members) = plugin(name) else { return .null }
        let events = state.withLock { $0.log.events[name] ?? [] }
        members["events"] = .array(events.map(Self.json))
        return .object(members)
    }

    private var pluginNames: [String] {
        state.withLock { state in
            Set(state.slots.values.map(\.plugin)).union(state.records.values.map(\.plugin)).sorted()
        }
    }

    private func plugin(_ name: String) -> JSONValue {
        let (records, slots, images) = state.withLock { state in
            (
                state.records.values.filter { $0.plugin == name }.sorted { $0.number < $1.number },
                state.slots.filter { $0.value.plugin == name }, state.images[name] ?? 0
            )
        }
        let refusals = slots.compactMap { folder, slot in slot.refusal.map { Self.json($0, folder) } }
        return [
            "plugin": .string(name), "generations": .array(records.map(json)), "refusals": .array(refusals),
            "serving": leading(name).map { .int(Int64($0)) } ?? .null,
            "loaded_builds": .int(Int64(images)), "max_builds": .int(Int64(options.maxGenerations)),
        ]
    }

    private func json(_ record: GenerationRecord) -> JSONValue {
        [
            "generation": .int(Int64(record.number)), "version": .string("\(record.version)"),
            "sha256": .string(record.hash), "folder": .string(record.folder), "state": .string(status(record)),
            "reason": .string(record.reason), "self_test": .string(record.selfTest),
            "sessions": .int(Int64(openSessions(record.number))),
            "sessions_ended": .int(Int64(record.sessionsEnded)), "sessions_failed": .int(Int64(record.sessionsFailed)),
            "providers": .array(
                host.registry.routes.offers(of: record.number).map { .string("\($0.kind.name) \($0.reference)") }),
        ]
    }

    /// One word for where it is: `standby` serves pins only, or nobody asks for it.
    private func status(_ record: GenerationRecord) -> String {
        if record.phase == .selfTestFailed { return record.phase.rawValue }
        if record.isDraining, !record.isRetired { return "draining" }
        guard record.phase == .serving else { return record.phase.rawValue }
        let routes = host.registry.routes
        let leads = routes.offers(of: record.number).contains {
            routes.route($0.kind, ProviderReference(id: $0.id)).stable?.generation == record.number
        }
        if leads || inUse.contains(record.number) { return "serving" }
        return record.isRetired ? "retired" : "standby"
    }

    private static func json(_ refusal: SyrinxError, _ folder: String) -> JSONValue {
        var members: [String: JSONValue] = [
            "folder": .string(folder), "code": .string(refusal.code), "message": .string(refusal.message),
        ]
        if let fix = refusal.fix { members["fix"] = .string(fix) }
        if let place = refusal.place { members["place"] = .string(place) }
        return .object(members)
    }

    private static func json(_ event: PluginEvent) -> JSONValue {
        [
            "event": .string(event.name.rawValue),
            "time": .string(Date(timeIntervalSince1970: event.time).formatted(.iso8601)),
            "version": event.version.map(JSONValue.string) ?? .null,
            "generation": event.generation == 0 ? .null : .int(Int64(event.generation)),
            "detail": .string(event.detail),
        ]
    }
}
