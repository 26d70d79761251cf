// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import Synchronization
internal import SyrinxCore
internal import SyrinxHost
internal import SyrinxRuntime

/// The doors of the server: lets visitors in and keeps their calls. Thread-safe.
final class DoorDesk: Sendable {
    let manager: SessionManager
    let providers: DoorProviders
    private let gate: Gatekeeper
    private let policies: PolicyStore
    private let outlets: Outlets
    /// By session id.
    private let calls = Mutex<[String: LoopBound<DoorCall>]>([:])

    init(
        manager: SessionManager, providers: DoorProviders, gate: Gatekeeper, policies: PolicyStore, outlets: Outlets
    ) {
        self.manager = manager
        self.gate = gate
        self.policies = policies
        self.outlets = outlets
        self.providers = providers
    }

    /// An answer, with the call that it is of.
    struct Answer: Sendable {
        let call: LoopBound<DoorCall>
        let request: UInt64
        let reply: DoorReply
    }

    /// - Returns: the plugin's answer, on `loop` for a new call. Fails with `door.*`, `session.*`, `provider.*`, and
    ///   what the gate says.
    func ask(_ request: DoorRequest, on loop: any EventLoop) -> EventLoopFuture<Answer> {
        guard let id = request.call else { return begin(request, on: loop) }
        // A call of another door is not there.
        guard let call = calls.withLock({ $0[id] }), call.value.door == request.door, call.value.isAtDoor,
            !request.isUpgrade
        else {
            return loop.makeFailedFuture(
                SyrinxError("session.not_found", "there is no call `\(id.prefix(64))` at this door"))
        }
        return call.value.loop.flatSubmit { Self.ask(request, of: call.value) }.hop(to: loop)
    }

    static func ask(_ request: DoorRequest, of call: DoorCall) -> EventLoopFuture<Answer> {
        let bound = LoopBound(call)
        return call.ask(request).map { Answer(call: bound, request: $0.id, reply: $0.reply) }
    }

    // MARK: a new call

    private func begin(_ request: DoorRequest, on loop: any EventLoop) -> EventLoopFuture<Answer> {
        let door: Door
        do throws(SyrinxError) {
            door = try find(request.door)
        } catch {
            return loop.makeFailedFuture(error)
        }
        guard let plan = door.transport, !door.isRealtime else {
            return loop.makeFailedFuture(Self.missing(request.door))
        }
        let asked = start(request.door, door, plan, options: plan.options, peer: request.peer, on: loop)
            .flatMap { Self.ask(request, of: $0.value) }
        asked.whenFailure { [outlets] in outlets.refused($0, tenant: door.tenant ?? "") }
        return asked
    }

    /// - Throws: `door.not_found`.
    func find(_ name: String) throws(SyrinxError) -> Door {
        guard let door = policies.current.doors[name] else { throw Self.missing(name) }
        return door
    }

    private static func missing(_ name: String) -> SyrinxError {
        SyrinxError(
            "door.not_found", "there is no door `\(name.prefix(64))`", fix: "`doors` in the configuration names them")
    }

    /// Reserves a place, then opens the plugin's session on the loop.
    func start(
        _ name: String, _ door: Door, _ plan: StagePlan, options: JSONValue, peer: String?, on loop: any EventLoop
    ) -> EventLoopFuture<LoopBound<DoorCall>> {
        start(name, on: loop) { [self] () throws(SyrinxError) in try reserve(door, plan, options, peer) }
    }

    /// - Parameter reserve: opens the provider and reserves a place; it may block.
    func start(
        _ name: String, on loop: any EventLoop,
        reserving reserve: @escaping @Sendable () throws(SyrinxError) -> (DoorProviders.Ready, CallBeginner)
    ) -> EventLoopFuture<LoopBound<DoorCall>> {
        let promise = loop.makePromise(of: LoopBound<DoorCall>.self)
        let started = manager.host.environment.runBlocking { [self] in
            let ready = Result { () throws(SyrinxError) in try reserve() }
            loop.execute { promise.completeWith(Result { try self.open(ready.get(), at: name, on: loop) }) }
        }
        if !started {
            promise.fail(
                SyrinxError("session.busy", "too many sessions begin at once", fix: "try again", retryable: true))
        }
        return promise.futureResult
    }

    private func reserve(
        _ door: Door, _ plan: StagePlan, _ options: JSONValue, _ peer: String?
    ) throws(SyrinxError) -> (DoorProviders.Ready, CallBeginner) {
        try gate.grantDoor(tenant: door.tenant)
        let ready = try providers.open(plan, options: options)
        let tenant = policies.current.tenant(door.tenant ?? "")
        let name = door.tenant ?? CapacityClaim.nobody
        let prepared = try door.tenant.map { (name) throws(SyrinxError) in
            try manager.profiles.find(door.profile ?? tenant.defaultProfile, tenant: name)
        }
        var request = CallRequest(
            profile: prepared?.profile.name ?? "", rate: ready.rate(wanted: door.rate), tenant: name)
        request.metadata = ["provider": ready.provider.descriptor.reference]
        let provider = ready.provider.descriptor.id
        let admission = try manager.admit(request, providers: (prepared?.providerIDs ?? []).union([provider]))
        let router = NumberRouter(door: door, provider: provider, manager: manager, gate: gate, policies: policies)
        return (
            ready,
            CallBeginner(
                manager: manager, outlets: outlets, admission: admission, prepared: prepared,
                details: CallDetails(peer: peer, tenant: tenant), door: door,
                router: plan.kind == .transport && door.asksForNumber ? router : nil)
        )
    }

    private func open(
        _ ready: (DoorProviders.Ready, CallBeginner), at door: String, on loop: any EventLoop
    ) throws(SyrinxError) -> LoopBound<DoorCall> {
        let call = try DoorCall(ready.0, ready.1, at: door, on: loop) { [weak self] id in
            self?.calls.withLock { _ = $0.removeValue(forKey: id) }
        }
        let bound = LoopBound(call)
        calls.withLock { $0[call.id] = bound }
        return bound
    }

    /// Ends a call of `/v1/realtime/calls`.
    /// - Throws: `session.not_found`.
    func hangUp(_ id: String, tenant: String) throws(SyrinxError) {
        // Another tenant's call is not there.
        guard let call = calls.withLock({ $0[id] }), call.value.isRealtime(of: tenant) else {
            throw SyrinxError("session.not_found", "there is no call `\(id.prefix(64))`")
        }
        call.value.loop.execute { call.value.close(.userHangup) }
    }

    /// The server ends: whoever was not drained is told.
    func closeAll() {
        for call in calls.withLock({ Array($0.values) }) {
            call.value.loop.execute { call.value.close(.hostShutdown) }
        }
    }
}
