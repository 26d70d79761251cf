// SPDX-License-Identifier: Apache-2.0

internal import Logging
internal import Synchronization
internal import SyrinxCore
internal import SyrinxHost
internal import SyrinxRuntime

/// Takes a new policy over, all or nothing: it is read and checked, its providers are opened beside those that serve,
/// and only when all is well new sessions get it. One at a time.
final class Reloader: Sendable {
    struct Report: Sendable {
        var changes: [PolicyUpdate.Change]
        /// The one that holds now.
        var generation: Int
        var isApplied: Bool

        var json: JSONValue {
            [
                "applied": .bool(isApplied), "generation": .int(Int64(generation)),
                "changes": .array(changes.map(\.json)),
                "restart_needed": .bool(changes.contains { $0.effect == .restart }),
            ]
        }
    }

    private let manager: SessionManager
    private let policies: PolicyStore
    private let source: (any PolicySource)?
    private let logger: Logger
    private let check: @Sendable (ServerPolicy) throws(SyrinxError) -> Void
    private let onResult: @Sendable (_ applied: ServerPolicy?) -> Void
    private let turn = Mutex(())

    /// - Parameters:
    ///   - check: what a policy must agree with that cannot change.
    ///   - onResult: told the policy that was taken over; nil = it was refused.
    init(
        manager: SessionManager, policies: PolicyStore, source: (any PolicySource)?, logger: Logger,
        check: @escaping @Sendable (ServerPolicy) throws(SyrinxError) -> Void,
        onResult: @escaping @Sendable (_ applied: ServerPolicy?) -> Void
    ) {
        self.manager = manager
        self.policies = policies
        self.source = source
        self.logger = logger
        self.check = check
        self.onResult = onResult
    }

    /// Blocks while models load.
    /// - Parameter isDry: tells what would change, and changes nothing.
    /// - Throws: ``PolicyRefusal``; everything is as it was.
    func reload(isDry: Bool = false) throws(PolicyRefusal) -> Report {
        let result = turn.withLock { _ in
            Result { () throws(PolicyRefusal) in try reloadInTurn(isDry: isDry) }
        }
        log(result, isDry: isDry)
        return try result.get()
    }

    private func reloadInTurn(isDry: Bool) throws(PolicyRefusal) -> Report {
        guard let source else {
            throw PolicyRefusal([
                .init("this server has no configuration file", fix: "start it with `syrinx serve --config FILE`")
            ])
        }
        let update = try source.load(manager.host.registry)
        do throws(SyrinxError) {
            try check(update.policy)
        } catch {
            throw PolicyRefusal([.init(error.message, fix: error.fix, place: error.place)])
        }
        let candidate = manager.profiles.candidate(update.policy.profiles)
        try checkProfiles(candidate)
        guard !isDry else {
            return Report(changes: update.changes, generation: policies.generation.number, isApplied: false)
        }
        manager.update(limits: update.policy.limits)
        manager.update(load: update.policy.load)
        manager.profiles.replaceAll(by: candidate)
        update.adopt()
        let number = policies.replace(by: update.policy)
        return Report(changes: update.changes, generation: number, isApplied: true)
    }

    /// A profile that cannot serve is refused, unless it could not before: a missing engine must not block every other
    /// change.
    private func checkProfiles(_ candidate: ProfileStore.Candidate) throws(PolicyRefusal) {
        let broken = candidate.refused.filter { refused in
            let before = Result { () throws(SyrinxError) in
                try manager.profiles.find(refused.name, tenant: refused.tenant)
            }
            guard case .failure(let error) = before else { return true }
            return error.code != refused.error.code
        }
        guard broken.isEmpty else {
            throw PolicyRefusal(
                broken.map { .init($0.error.message, fix: $0.error.fix, place: $0.error.place ?? "profile \($0.name)") }
            )
        }
    }

    private func log(_ result: Result<Report, PolicyRefusal>, isDry: Bool) {
        guard !isDry else { return }
        onResult((try? result.get()).map { _ in policies.current })
        switch result {
        case .success(let report):
            logger.notice(
                "configuration reloaded",
                metadata: ["generation": "\(report.generation)", "changes": "\(report.changes.count)"])
            for change in report.changes where change.effect == .restart {
                logger.warning("needs a restart", metadata: ["key": "\(change.key)"])
            }
        case .failure(let refusal):
            for issue in refusal.issues {
                logger.error(
                    "configuration refused", metadata: ["place": "\(issue.place ?? "")", "error": "\(issue.message)"])
            }
        }
    }
}
