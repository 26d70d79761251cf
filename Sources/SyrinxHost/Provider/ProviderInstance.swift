// SPDX-License-Identifier: Apache-2.0

internal import CSyrinxHost
internal import Synchronization
internal import SyrinxABI
package import SyrinxCore

/// An opened provider: one per (plugin version, tenant, configuration). Thread-safe.
package final class ProviderInstance: @unchecked Sendable {
    package let descriptor: ProviderDescriptor
    package let answerTimes = AnswerTimes()
    let environment: any HostEnvironment
    private(set) var handle: UInt64 = 0
    private var members: (any ProviderMembers)?
    private let state = Mutex(State())
    /// Bytes of audio buffers alive. Immortal: a buffer may outlive the provider.
    private let account: UnsafeMutablePointer<Int64>
    /// Nil when it may reach nothing.
    private(set) var network: ProviderNetwork?

    private struct State {
        var sessions = 0
        var closing = false
        var closed = false
        var meters = CallMeters()
        var faults = 0
        var wasDenied = false
        var health: Result<Void, SyrinxError> = .success(())
    }

    static let bufferQuota = 64 << 20

    private init(_ descriptor: ProviderDescriptor, _ environment: any HostEnvironment) {
        self.descriptor = descriptor
        self.environment = environment
        account = .allocate(capacity: 1)
        account.initialize(to: 0)
    }

    /// Opens a provider. Blocks: models may be loaded; call it off the event loops.
    /// - Parameter configuration: already valid by the descriptor's schema, defaults filled in.
    /// - Throws: `provider.*` with the plugin's own sentence.
    package static func open(
        _ descriptor: ProviderDescriptor, configuration: JSONValue, tenant: String, environment: any HostEnvironment
    ) throws(SyrinxError) -> ProviderInstance {
        let instance = ProviderInstance(descriptor, environment)
        let (secrets, visible) = ProviderSecrets.split(configuration, by: descriptor.configSchema)
        environment.hide(secrets: secrets.all)
        let network = ProviderNetwork(
            permissions: descriptor.permissions, configuration: configuration, secrets: secrets,
            addresses: environment.addressRules)
        if network.isGranted || descriptor.kind.isCallersSide { instance.network = network }
        instance.handle = HostCore.providers.insert(instance)
        do {
            try instance.open(visible, tenant)
        } catch {
            HostCore.providers.remove(instance.handle)
            throw error
        }
        return instance
    }

    private func open(_ configuration: JSONValue, _ tenant: String) throws(SyrinxError) {
        let opening = ProviderMember.Opening(
            handle: handle, configuration: configuration.text, tenant: tenant, folder: descriptor.folder,
            files: configuration.absolutePaths, name: descriptor.reference, place: place)
        let members: any ProviderMembers =
            switch descriptor.origin {
            case .inProcess(let raw): OwnMember(raw, opening)
            case .isolated(let module, let index): HelperMembers(module, index: index, opening)
            }
        try members.open()
        self.members = members
    }

    /// Opens a session on this provider.
    /// - Parameters:
    ///   - deliver: gets the plugin's events, on the executor.
    /// - Throws: `provider.*`, or `provider.session_limit` when the plugin serves no more at once.
    package func openSession(
        _ parameters: StageParameters, executor: any SessionExecutor, deliver: @escaping @Sendable (StageEvent) -> Void
    ) throws(SyrinxError) -> StageSession {
        try takeSlot()
        let member = try takeMember()
        let session = StageSession(
            provider: self, member: member, inputRate: parameters.inputRate, outputRate: parameters.outputRate,
            credit: parameters.credit, trace: parameters.trace, executor: executor, deliver: deliver)
        session.handle = HostCore.sessions.insert(session)
        var failure = PluginFailure()
        let (status, opened) = parameters.withRaw { member.openSession(session.handle, $0, &failure) }
        guard status >= 0 else {
            session.abandon()
            HostCore.sessions.remove(session.handle)
            sessionEnded(CallMeters(), on: member)
            throw failure.error(status, doing: "session_open", place: place)
        }
        session.attach(opened)
        return session
    }

    /// After the death of its only helper, or where each session has its own: starts one, so that the next session finds
    /// it. Blocks while it starts.
    /// - Throws: `provider.*`, `plugin.quarantined`, `plugin.isolation.*`.
    package func makeRoom() throws(SyrinxError) { try members?.makeRoom() }

    private func takeMember() throws(SyrinxError) -> ProviderMember {
        do throws(SyrinxError) {
            guard let members else {
                throw SyrinxError("provider.closed", "\(descriptor.reference) is closed", place: place)
            }
            return try members.take()
        } catch {
            state.withLock { $0.sessions -= 1 }
            throw error
        }
    }

    private func takeSlot() throws(SyrinxError) {
        let limit = descriptor.maxSessions
        let (taken, closing) = state.withLock { state in
            let taken = !state.closing && (limit == 0 || state.sessions < limit)
            if taken { state.sessions += 1 }
            return (taken, state.closing)
        }
        guard !closing else {
            throw SyrinxError("provider.closed", "\(descriptor.reference) is closing", place: place, retryable: true)
        }
        guard taken else {
            throw SyrinxError(
                "provider.session_limit", "\(descriptor.reference) serves at most \(limit) sessions at once",
                place: place, retryable: true)
        }
    }

    func sessionEnded(_ meters: CallMeters, on member: ProviderMember) {
        members?.giveBack(member)
        state.withLock { state in
            state.sessions -= 1
            state.meters.merge(meters)
        }
    }

    /// Ends the provider if no session is left; from now on none begins. Nothing happens the second time.
    /// - Returns: false when sessions still use it.
    package func close() -> Bool {
        let (isBusy, isFirst) = state.withLock { state in
            state.closing = true
            defer { state.closed = state.closed || state.sessions == 0 }
            return (state.sessions > 0, !state.closed)
        }
        guard !isBusy else { return false }
        guard isFirst else { return true }
        members?.close()
        HostCore.providers.remove(handle)
        return true
    }

    /// Asks the plugin how it is. A pending answer counts as the last one until it comes.
    package func health() -> Result<Void, SyrinxError> {
        guard let member = members?.anyMember, member.isAlive else {
            return .failure(
                SyrinxError("provider.no_helper", "no helper process lives", place: place, retryable: true))
        }
        var failure = PluginFailure()
        let status = member.health(&failure)
        guard status != syx_status(SYX_PENDING) else { return state.withLock(\.health) }
        return status >= 0 ? .success(()) : .failure(failure.error(status, doing: "health", place: place))
    }

    package var openSessions: Int { state.withLock(\.sessions) }
    package var meters: CallMeters { state.withLock(\.meters) }
    /// Malformed or forbidden events so far.
    package var faults: Int { state.withLock(\.faults) }

    private var place: String { "\(descriptor.kind.name) \(descriptor.reference)" }

    // MARK: host services

    /// Whether it may reach anything at all.
    package var usesNetwork: Bool { network != nil }

    func makeNetwork(_ trace: (any SessionTrace)?) -> StageNetwork? {
        guard let network, let client = environment.network else { return nil }
        return StageNetwork(network, client: client, trace: trace)
    }

    /// `prewarm`: connects to where a request of the plugin would go.
    func prewarm(_ url: syx_str) -> syx_status {
        guard let network, let client = environment.network else { return syx_status(SYX_EPERM) }
        do throws(NetworkRefusal) {
            let reader = RequestReader(network: network, plugin: descriptor.reference)
            client.prewarm(NetworkRequest(url: try reader.url(url, isWebSocket: nil), rules: network.rules))
            return syx_status(SYX_OK)
        } catch {
            return error.status
        }
    }

    /// `core->run` without the permission: told once in the log, refused always.
    func denyWork() -> syx_status {
        let isFirst = state.withLock { state in
            defer { state.wasDenied = true }
            return !state.wasDenied
        }
        if isFirst {
            log(
                level: 4,
                message: "blocking work refused: plugin.json does not ask for it (\"permissions\": {\"run\": true})",
                fields: "")
        }
        return syx_status(SYX_EPERM)
    }

    func countFault() { state.withLock { $0.faults += 1 } }

    func receive(_ event: UnsafePointer<syx_event>) -> syx_status {
        guard descriptor.kind.mayEmit(event.pointee.type), let copy = StageEvent(copying: event, outputRate: 0) else {
            countFault()
            return syx_status(SYX_EINVAL)
        }
        if case .other(let type, let text, _) = copy.kind, type == SYX_EV_HEALTH {
            let failed = event.pointee.i0 < 0
            let code = ProviderErrorClass(status: Int32(clamping: event.pointee.i0)).code
            let place = place
            state.withLock { $0.health = failed ? .failure(SyrinxError(code, text, place: place)) : .success(()) }
        }
        return syx_status(SYX_OK)
    }

    func log(level: Int, message: String, fields: String) {
        environment.log(plugin: descriptor.reference, level: level, message: message, fields: fields)
    }

    func metric(index: Int, value: Double) {
        guard descriptor.metrics.indices.contains(index), value.isFinite else { return countFault() }
        environment.metric(plugin: descriptor.reference, name: descriptor.metrics[index], value: value)
    }

    func allocate(_ bytes: Int) -> OpaquePointer? {
        guard bytes >= 0, bytes <= Self.bufferQuota - Int(syrinx_account_load(account)) else { return nil }
        return syrinx_buf_alloc(bytes, account)
    }
}
