// SPDX-License-Identifier: Apache-2.0

internal import Synchronization
internal import SyrinxABI
internal import SyrinxCore

/// A provider in helpers: as many as its sessions need, and one in reserve, so that neither a crash nor one session too
/// many has to wait for a process to start. Thread-safe.
final class HelperMembers: ProviderMembers {
    private struct State {
        var members: [ProviderMember] = []
        var spare: ProviderMember?
        var isStarting = false
        var isClosed = false
        /// Why the last helper could not be started.
        var failure: SyrinxError?
    }

    private let module: IsolatedModule
    /// Of the descriptor in the module's table.
    private let index: Int
    private let opening: ProviderMember.Opening
    private let state = Mutex(State())
    /// Held by whoever starts one while others wait for it.
    private let starting = Mutex(())

    init(_ module: IsolatedModule, index: Int, _ opening: ProviderMember.Opening) {
        self.module = module
        self.index = index
        self.opening = opening
    }

    private var limit: Int { module.settings.grouping == .session ? 1 : module.settings.sessionsPerHelper }
    /// When no other helper is ready, sessions crowd together rather than being refused; never beyond one a session.
    private var hardLimit: Int { module.settings.grouping == .session ? 1 : IsolationSettings.mostSessions }

    func open() throws(SyrinxError) {
        let first = try start()
        state.withLock { $0.members.append(first) }
        if module.settings.keepsSpare { startSpare() }
    }

    private func start() throws(SyrinxError) -> ProviderMember {
        let own = state.withLock { $0.members.compactMap(\.helper) }
        let helper = try module.helper(besides: own, files: opening.files)
        let table = helper.module.pointee
        guard index < Int(table.n_plugins), let descriptor = table.plugins[index] else {
            throw SyrinxError(
                "plugin.descriptor.invalid", "the module's table changes from one start to the next",
                place: opening.place)
        }
        return try ProviderMember.open(descriptor, opening, helper: helper)
    }

    func take() throws(SyrinxError) -> ProviderMember {
        try module.checkQuarantine()
        let (member, wantsSpare, failure) = state.withLock { state in
            state.members.removeAll { !$0.isAlive }
            let member = roomiest(&state)
            return (member, state.spare == nil && !state.isClosed, state.failure)
        }
        if wantsSpare && (module.settings.keepsSpare || member == nil) { startSpare() }
        if let member { return member }
        throw failure
            ?? SyrinxError(
                "provider.no_helper", "no helper process is ready for \(opening.name)", fix: "try again in a moment",
                place: opening.place, retryable: true)
    }

    func makeRoom() throws(SyrinxError) {
        try module.checkQuarantine()
        try starting.withLock { _ throws(SyrinxError) in
            let isFull = state.withLock { state in
                state.members.removeAll { !$0.isAlive }
                let hasRoom = state.spare?.isAlive == true || state.members.contains { $0.sessions < hardLimit }
                return !state.isClosed && !hasRoom
            }
            guard isFull else { return }
            let member = try start()
            let isWanted = state.withLock { state in
                if !state.isClosed { state.members.append(member) }
                return !state.isClosed
            }
            if !isWanted { member.close() }
        }
    }

    /// The fullest that has room, so that the others can run empty; then the spare; then whoever is least crowded.
    private func roomiest(_ state: inout State) -> ProviderMember? {
        let byLoad = state.members.sorted { $0.sessions > $1.sessions }
        if let fitting = byLoad.first(where: { $0.take(limit: limit) }) { return fitting }
        if let spare = state.spare {
            state.spare = nil
            if spare.isAlive, spare.take(limit: limit) {
                state.members.append(spare)
                return spare
            }
        }
        return byLoad.last { $0.take(limit: hardLimit) }
    }

    private func startSpare() {
        let isWanted = state.withLock { state in
            guard !state.isStarting, !state.isClosed, state.spare == nil else { return false }
            state.isStarting = true
            return true
        }
        guard isWanted else { return }
        HelperThread.starting.run { [weak self] in self?.addSpare() }
    }

    private func addSpare() {
        let started = Result { () throws(SyrinxError) in try start() }
        let unwanted: ProviderMember? = state.withLock { state in
            state.isStarting = false
            switch started {
            case .failure(let failure):
                state.failure = failure
                return nil
            case .success(let member):
                state.failure = nil
                guard !state.isClosed else { return member }
                state.spare = member
                return nil
            }
        }
        unwanted?.close()
    }

    func giveBack(_ member: ProviderMember) {
        guard member.giveBack() == 0 else { return }
        let retired = state.withLock { state -> ProviderMember? in
            // A session may have been counted in meanwhile: that happens under this lock.
            guard member.sessions == 0, let index = state.members.firstIndex(where: { $0 === member }) else {
                return nil
            }
            guard !member.isAlive || (state.members.count > 1 || module.settings.grouping == .session) else {
                return nil
            }
            return state.members.remove(at: index)
        }
        guard let retired else { return }
        HelperThread.ending.run { retired.close() }
    }

    var anyMember: ProviderMember? {
        state.withLock { state in state.members.first(where: \.isAlive) ?? state.spare }
    }

    func close() {
        let all = state.withLock { state in
            state.isClosed = true
            defer {
                state.members.removeAll()
                state.spare = nil
            }
            return state.members + [state.spare].compactMap(\.self)
        }
        for member in all { member.close() }
    }
}
