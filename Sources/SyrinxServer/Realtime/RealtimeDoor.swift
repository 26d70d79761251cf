// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import NIOHTTP1
internal import SyrinxAccess
internal import SyrinxConversation
internal import SyrinxCore
internal import SyrinxHost
internal import SyrinxRealtime
internal import SyrinxRuntime
internal import SyrinxTelemetry

/// The door for clients of OpenAI's Realtime protocol: the same sessions, in another language.
struct RealtimeDoor: SocketDoor {
    let manager: SessionManager
    let gate: Gatekeeper
    let policies: PolicyStore
    let outlets: Outlets

    var maxMessage: Int { RealtimeTranslator.maximumEvent }

    func matches(_ uri: String) -> Bool { RealtimeRequest.matches(uri) }

    func open(_ head: HTTPRequestHead, peer: SocketAddress?, on loop: any EventLoop) -> EventLoopFuture<AcceptedSocket>
    {
        var tenant = ""
        do {
            let request = try RealtimeRequest(head, peer: peer)
            let grant = try gate.grantCall(request.visit.withoutForeignKeys(policies))
            tenant = grant.tenant
            let socket = try begin(request, grant, head, peer, loop)
            return loop.makeSucceededFuture(socket)
        } catch {
            outlets.refused(error, tenant: tenant)
            return loop.makeFailedFuture(error)
        }
    }

    private func begin(
        _ request: RealtimeRequest, _ grant: Grant, _ head: HTTPRequestHead, _ peer: SocketAddress?,
        _ loop: any EventLoop
    ) throws(SyrinxError) -> AcceptedSocket {
        let (name, prepared) = try RealtimeProfile.prepared(request.model, grant, manager, policies)
        let call = CallRequest(
            profile: name, rate: RealtimeTranslator.rate, user: grant.user ?? "", tenant: grant.tenant)
        let admission = try manager.admit(call, providers: prepared.providerIDs)
        let details = CallDetails(
            peer: peer?.ipAddress, trace: TalkDoor.trace(head.headers), longest: grant.maxDuration,
            tenant: policies.current.tenant(grant.tenant))
        let environment = manager.host.environment
        let setup = RealtimeProfile.setup(
            id: admission.id, model: request.model ?? name, options: prepared.profile.conversation)
        let party = RealtimeParty(
            RealtimeTranslator(setup), settings: grant.settings, now: { environment.now() },
            onDropped: { [metrics = outlets.metrics, tenant = grant.tenant] count in
                metrics.framesDropped(tenant: tenant, cause: "slow_reader", count)
            })
        let extras = outlets.extras(admission, details, now: environment.now())
        party.attach(
            try manager.begin(admission, prepared: prepared, on: loop, transport: party, extras: extras))
        return AcceptedSocket(
            handler: SocketHandler(owner: party, maxMessage: maxMessage), headers: request.headers)
    }
}

/// Which pipeline a client gets, and what of it is otherwise here.
enum RealtimeProfile {
    /// `model` is a profile's name, or `profile/NAME`; any other name means the tenant's first.
    /// - Throws: `profile.not_found`.
    static func name(
        _ model: String?, _ grant: Grant, _ manager: SessionManager, _ policies: PolicyStore
    ) throws(SyrinxError) -> String {
        if let only = grant.profile { return only }
        let usual = policies.current.tenant(grant.tenant).defaultProfile
        guard let model else { return usual }
        let prefix = "profile/"
        if model.hasPrefix(prefix) {
            let name = String(model.dropFirst(prefix.count))
            _ = try manager.profiles.find(name, tenant: grant.tenant)
            return name
        }
        return manager.profiles.names(of: grant.tenant).contains(model) ? model : usual
    }

    /// The pipeline of a client's call.
    /// - Throws: `profile.*`, `plugin.not_found`, `realtime.unsupported`.
    static func prepared(
        _ model: String?, _ grant: Grant, _ manager: SessionManager, _ policies: PolicyStore
    ) throws(SyrinxError) -> (name: String, PreparedProfile) {
        let name = try name(model, grant, manager, policies)
        var prepared = try manager.profiles.find(name, tenant: grant.tenant)
        try adapt(&prepared)
        if let longest = grant.maxDuration { prepared.limit(duration: longest) }
        return (name, prepared)
    }

    /// The client leads: it is greeted when it asks for that, and told of a failure instead of consoled for it.
    /// - Throws: `realtime.unsupported`.
    static func adapt(_ prepared: inout PreparedProfile) throws(SyrinxError) {
        guard prepared.profile.conversation.pipeline != .loopback else {
            throw SyrinxError(
                "realtime.unsupported", "profile `\(prepared.profile.name)` echoes, it does not converse",
                fix: "name another as `model`")
        }
        prepared.profile.conversation.greeting = nil
        prepared.profile.conversation.fallbackLine = nil
        prepared.profile.conversation.filler = nil
        // Tools are run by the client, and some by people.
        prepared.profile.conversation.timeouts.tool = .seconds(300)
        // Whoever asks for it interrupts; whether the voice does is the client's to say.
        if !prepared.profile.conversation.interruption.enabled {
            prepared.profile.conversation.interruption.enabled = true
            prepared.profile.conversation.interruption.byVoice = false
        }
    }

    static func setup(id: String, model: String, options: Options) -> RealtimeTranslator.Setup {
        let longest = options.timeouts.maxDuration ?? .seconds(86_400)
        return RealtimeTranslator.Setup(
            id: id, model: model, options: options, expires: (UnixTime.current + longest).seconds)
    }
}
