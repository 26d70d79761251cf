// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import SyrinxConversation
internal import SyrinxCore
internal import SyrinxHost
internal import SyrinxRuntime

/// Has a place for a call, and begins its conversation when the far end is there.
struct CallBeginner {
    let manager: SessionManager
    let outlets: Outlets
    let admission: Admission
    /// Nil = the called number tells.
    let prepared: PreparedProfile?
    let details: CallDetails
    let door: Door
    /// Nil = it does not matter which number was called.
    let router: NumberRouter?
    /// Of a call that speaks the Realtime protocol.
    var realtime: RealtimeOrder?

    /// - Throws: `provider.*`, `session.*`, and what ``NumberRouter`` says.
    func session(
        for peer: PeerFacts, on loop: any EventLoop, _ transport: any CallTransport
    ) throws(SyrinxError) -> CallSession {
        admission.identify(user: peer.user, language: peer.language, metadata: peer.metadata)
        var (prepared, details) = (prepared, details)
        if let router {
            let route = try router.move(admission, calling: peer.to)
            (prepared, details.tenant) = (route.prepared, route.policy)
        }
        guard let prepared else { throw SyrinxError("server.internal", "a call has no profile") }
        var extras = outlets.extras(admission, details, now: manager.host.environment.now())
        if door.sendsKeys { KeysTool.add(to: &extras, of: transport, on: loop) }
        return try manager.begin(admission, prepared: prepared, on: loop, transport: transport, extras: extras)
    }

    func refused(_ error: SyrinxError) {
        outlets.refused(error, tenant: admission.request.tenant)
        manager.host.environment.log(
            plugin: admission.id, level: 4, message: "a call was refused: \(error.code): \(error.message)", fields: "")
    }

    /// A plugin passed a message on that is none. Its caller hears of it by nothing happening.
    func commandRefused() {
        manager.host.environment.log(
            plugin: admission.id, level: 3, message: "a message of the caller is none of the protocol", fields: "")
    }

    var clock: () -> Instant {
        let environment = manager.host.environment
        return { environment.now() }
    }

    /// The session's events as clients of the native protocol get them.
    var eventJSON: (SessionEvent, Instant) -> String {
        let began = manager.host.environment.now()
        return { event, now in EventJSON.object(event, at: now, began: began).text }
    }
}
