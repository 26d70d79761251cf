// SPDX-License-Identifier: Apache-2.0

internal import Synchronization
internal import SyrinxCore

/// From generations to routes: self-test, canary, promotion, rollback, retirement.
extension LivePlugins {
    // MARK: towards serving

    /// Tests a generation; then some sessions try it, or all take it.
    func activate(_ generation: Int) {
        let leases: [ProviderLease]
        do {
            leases = try test(generation)
        } catch {
            fail(generation, error)
            return
        }
        endTrials(of: generation)
        if let plan = options.canary, !plan.isEmpty, hasStable(generation) {
            beginTrial(generation, plan)
        } else {
            promote(generation, "")
        }
        // The providers that were tried are those that sessions get: profiles lease them before these leases end.
        withExtendedLifetime(leases) {}
    }

    /// - Returns: leases on the providers that sessions will use.
    private func test(_ generation: Int) throws(SyrinxError) -> [ProviderLease] {
        guard options.selfTest else {
            update(generation) { $0.selfTest = "switched off" }
            return []
        }
        let table = host.registry.routes.promoting(generation)
        // The caller's side is not tried: what it opens, nobody asked for.
        let uses = (state.withLock(\.user)?.uses ?? []).filter { use in
            !use.kind.isCallersSide
                && table.route(use.kind, use.reference).stable?.generation == generation
        }
        var leases: [ProviderLease] = []
        for use in uses {
            guard let offer = table.route(use.kind, use.reference).stable,
                let descriptor = host.registry.descriptors(of: generation).first(where: { $0.offer == offer })
            else { continue }
            leases.append(try SelfTest(host: host, descriptor: descriptor, use: use).run())
        }
        let what = uses.isEmpty ? "no profile uses it" : "passed for \(Set(uses.map(\.profile)).sorted())"
        update(generation) { $0.selfTest = what }
        note(.selfTestPassed, generation, what)
        return leases
    }

    private func fail(_ generation: Int, _ error: SyrinxError) {
        host.registry.change { $0.set(generation, .out) }
        let why = "\(error.code): \(error.message)\(error.place.map { ", at \($0)" } ?? "")"
        update(generation) { record in
            record.phase = .selfTestFailed
            record.selfTest = "failed"
            record.reason = why
        }
        note(.selfTestFailed, generation, why)
        relist(without: generation)
        sweep()
    }

    /// Something else serves its ids now, so that there is something to compare with and to go back to.
    private func hasStable(_ generation: Int) -> Bool {
        let routes = host.registry.routes
        return routes.offers(of: generation).contains { offer in
            routes.route(offer.kind, ProviderReference(id: offer.id)).stable != nil
        }
    }

    private func beginTrial(_ generation: Int, _ plan: CanaryPlan) {
        let now = now
        host.registry.change { $0.set(generation, .canary(plan)) }
        update(generation) { record in
            record.phase = .canary
            record.reason = "on trial"
            record.since = now
            record.trialSessions = 0
            record.rule = FailureRule(options.failures, from: now)
        }
        if let problem = state.withLock(\.user)?.followRoutes(keepWorking: true).first {
            return fail(generation, problem)
        }
        let share = plan.tenants.isEmpty ? "" : "tenants \(plan.tenants.sorted().joined(separator: ", ")); "
        note(.canaryStarted, generation, "\(share)\(plan.percent) % of all sessions")
    }

    /// A newer build ends the trial of an older one.
    private func endTrials(of generation: Int) {
        let plugin = state.withLock { $0.records[generation]?.plugin }
        let trials = state.withLock { state in
            state.records.values.filter { $0.plugin == plugin && $0.phase == .canary && $0.number != generation }
        }
        for record in trials { try? takeBack(record.number, "a newer build came while it was on trial") }
    }

    private func promote(_ generation: Int, _ detail: String) {
        let now = now
        let before = inUse
        host.registry.change { $0.promote(generation) }
        update(generation) { record in
            record.phase = .serving
            record.reason = "promoted"
            record.since = now
            record.rule = FailureRule(options.failures, from: now)
        }
        if let problem = state.withLock(\.user)?.followRoutes(keepWorking: true).first {
            let why = "\(problem.code): \(problem.message)"
            if (try? takeBack(generation, why)) == nil { note(.failing, generation, why) }
            return
        }
        note(.promoted, generation, detail)
        noteMoves(from: before)
    }

    func promoteProven() {
        let now = now
        for record in state.withLock({ $0.records.values.filter { $0.phase == .canary } }) {
            guard case .canary(let plan) = host.registry.routes.standing(of: record.number),
                plan.isProven(for: now - record.since, sessions: record.trialSessions)
            else { continue }
            if let illness = illness(record.number) {
                try? takeBack(record.number, illness.description)
            } else {
                promote(record.number, "\(record.trialSessions) sessions tried it")
            }
        }
    }

    private func illness(_ generation: Int) -> SyrinxError? {
        for provider in host.pool.open where provider.descriptor.generation == generation {
            if case .failure(let error) = provider.health() { return error }
        }
        return nil
    }

    // MARK: back

    /// - Throws: `plugin.rollback.no_previous`.
    func takeBack(_ generation: Int, _ reason: String) throws(SyrinxError) {
        let routes = host.registry.routes
        if routes.standing(of: generation) == .serving { try checkPrevious(generation, routes) }
        let before = inUse
        host.registry.change { $0.set(generation, .out) }
        update(generation) { record in
            record.phase = .rolledBack
            record.reason = reason
        }
        _ = state.withLock(\.user)?.followRoutes(keepWorking: true)
        note(.rolledBack, generation, reason)
        relist(without: generation)
        noteMoves(from: before)
    }

    private func checkPrevious(_ generation: Int, _ routes: RouteTable) throws(SyrinxError) {
        let without = routes.without(generation)
        for offer in routes.offers(of: generation)
        where without.route(offer.kind, ProviderReference(id: offer.id)).stable == nil {
            throw SyrinxError(
                "plugin.rollback.no_previous",
                "there is no other build of \(offer.kind.name) `\(offer.id)` to go back to",
                fix: "put the older version into a folder of its own", place: offer.reference)
        }
    }

    /// The listing names what serves from a folder.
    private func relist(without generation: Int) {
        guard let folder = state.withLock({ $0.records[generation]?.folder }) else { return }
        let serving = state.withLock { state in
            state.records.values.filter { $0.folder == folder && $0.isLive }.max { $0.number < $1.number }
        }
        guard let serving else { return }
        var listed = host.plugins.first { $0.folder == folder }
        listed?.providers = host.registry.descriptors(of: serving.number)
        listed?.manifest?.version = serving.version
        if let listed { host.list(listed) }
    }

    /// Of a plugin: the generation on trial, else the one that its ids lead to.
    func leading(_ plugin: String) -> Int? {
        let routes = host.registry.routes
        let live = state.withLock { $0.records.values.filter { $0.plugin == plugin && $0.isLive } }
        if let trial = live.filter({ $0.phase == .canary }).max(by: { $0.number < $1.number }) { return trial.number }
        return live.map(\.number).sorted(by: >).first { number in
            routes.offers(of: number).contains {
                routes.route($0.kind, ProviderReference(id: $0.id)).stable?.generation == number
            }
        }
    }

    // MARK: what was left behind

    /// Generations that sessions may get now.
    var inUse: Set<Int> {
        let uses = state.withLock(\.user)?.uses ?? []
        var found: Set<Int> = []
        for use in uses {
            let route = host.registry.routes.route(use.kind, use.reference)
            if let stable = route.stable { found.insert(stable.generation) }
            if let canary = route.canary { found.insert(canary.offer.generation) }
        }
        return found
    }

    /// Says which generations get no new sessions any more.
    func noteMoves(from before: Set<Int>) {
        let after = inUse
        for generation in after {
            update(generation) { record in
                record.isDraining = false
                record.isRetired = false
            }
        }
        for generation in before.subtracting(after).sorted() {
            update(generation) { $0.isDraining = true }
            note(.draining, generation, "\(openSessions(generation)) sessions")
        }
        sweep()
    }

    /// Closes providers that no session uses, and that none will get.
    func sweep() {
        let wanted = inUse
        let routes = host.registry.routes
        host.pool.closeIdle { descriptor in
            let number = descriptor.generation
            if wanted.contains(number) { return true }
            switch routes.standing(of: number) {
            case .candidate, .canary, nil: return true
            case .out, .replaced: return false
            // An older version beside a newer one opens again when a pin asks for it.
            case .serving:
                return routes.route(descriptor.kind, ProviderReference(id: descriptor.id)).stable?.generation == number
            }
        }
        let open = Set(host.pool.open.map(\.descriptor.generation))
        let retired = state.withLock { state in
            state.records.values.filter { $0.isDraining && !$0.isRetired && !open.contains($0.number) }.map(\.number)
        }
        for generation in retired.sorted() {
            update(generation) { $0.isRetired = true }
            note(.retired, generation)
        }
    }

    /// Of the provider that has most: a session may use several of a generation.
    func openSessions(_ generation: Int) -> Int {
        var sessions: [RouteTable.Offer: Int] = [:]
        for provider in host.pool.open where provider.descriptor.generation == generation {
            sessions[provider.descriptor.offer, default: 0] += provider.openSessions
        }
        return sessions.values.max() ?? 0
    }
}
