// SPDX-License-Identifier: Apache-2.0

internal import Synchronization
package import SyrinxCore

/// All providers that are loaded, by (kind, id, version, generation), and the routes that new sessions take.
/// Thread-safe: readers see the routes before a change or after it, never between.
package final class PluginRegistry: Sendable {
    private struct State {
        var routes = RouteTable()
        var providers: [RouteTable.Offer: ProviderDescriptor] = [:]
        var generations = 0

        func duplicate(_ descriptors: [ProviderDescriptor], _ replaces: Set<Int>) -> SyrinxError? {
            var seen: Set<RouteTable.Offer> = []
            for descriptor in descriptors {
                let other = routes.current(descriptor.kind, descriptor.id, descriptor.version, except: replaces)
                guard other != nil || !seen.insert(descriptor.offer).inserted else { continue }
                let folder = other.flatMap { providers[$0]?.folder } ?? descriptor.folder
                return SyrinxError(
                    "plugin.duplicate_id",
                    "\(descriptor.kind.name) `\(descriptor.reference)` is already provided by \(folder)",
                    fix: "remove one of the two folders, or give one another version", place: descriptor.folder)
            }
            return nil
        }
    }

    private let state = Mutex(State())

    package init() {}

    /// What a session may get for a reference.
    package struct Choice: Sendable {
        package var stable: ProviderDescriptor
        /// Some sessions try this one.
        package var canary: (descriptor: ProviderDescriptor, plan: CanaryPlan)?
    }

    /// Takes all providers of one module as a new generation, or none.
    /// - Parameters:
    ///   - standing: how new sessions see it.
    ///   - replaces: generations that were in the same folder.
    /// - Returns: the descriptors with their generation.
    /// - Throws: `plugin.duplicate_id` when another folder has one of them: nothing is ever replaced silently.
    @discardableResult
    package func add(
        _ descriptors: [ProviderDescriptor], standing: RouteTable.Standing = .serving, replaces: Set<Int> = []
    ) throws(SyrinxError) -> [ProviderDescriptor] {
        try state.withLock { state -> Result<[ProviderDescriptor], SyrinxError> in
            if let duplicate = state.duplicate(descriptors, replaces) { return .failure(duplicate) }
            state.generations += 1
            var numbered = descriptors
            for index in numbered.indices { numbered[index].generation = state.generations }
            for descriptor in numbered { state.providers[descriptor.offer] = descriptor }
            state.routes.add(
                numbered.map(\.offer), generation: state.generations, standing: standing, replaces: replaces)
            return .success(numbered)
        }.get()
    }

    /// One change of the routes.
    package func change(_ body: (inout RouteTable) -> Void) { state.withLock { body(&$0.routes) } }

    /// The routes now.
    package var routes: RouteTable { state.withLock(\.routes) }

    /// Every provider that a reference can name, sorted by kind, id and version; the latest build of each.
    package var all: [ProviderDescriptor] {
        state.withLock { state in state.routes.routable.compactMap { state.providers[$0] } }
            .sorted { ($0.kind, $0.id, $0.version) < ($1.kind, $1.id, $1.version) }
    }

    /// The provider that the reference names: the newest that serves.
    /// - Throws: `plugin.not_found`, with what there is instead.
    package func find(_ kind: PluginKind, _ reference: ProviderReference) throws(SyrinxError) -> ProviderDescriptor {
        try choice(kind, reference).stable
    }

    /// The same, and what some sessions try instead.
    /// - Throws: `plugin.not_found`.
    package func choice(_ kind: PluginKind, _ reference: ProviderReference) throws(SyrinxError) -> Choice {
        let found: Choice? = state.withLock { state in
            let route = state.routes.route(kind, reference)
            guard let stable = route.stable.flatMap({ state.providers[$0] }) else { return nil }
            let canary = route.canary.flatMap { canary in state.providers[canary.offer].map { ($0, canary.plan) } }
            return Choice(stable: stable, canary: canary)
        }
        if let found { return found }
        let known = all.filter { $0.kind == kind }.map(\.reference).joined(separator: ", ")
        throw SyrinxError(
            "plugin.not_found", "no \(kind.name) provider `\(reference)` is loaded",
            fix: known.isEmpty ? "no \(kind.name) plugin is installed" : "installed: \(known)")
    }

    /// A generation's providers.
    package func descriptors(of generation: Int) -> [ProviderDescriptor] {
        state.withLock { state in state.routes.offers(of: generation).compactMap { state.providers[$0] } }
    }
}

extension ProviderDescriptor {
    package var offer: RouteTable.Offer { RouteTable.Offer(kind, id, version, generation: generation) }
}
