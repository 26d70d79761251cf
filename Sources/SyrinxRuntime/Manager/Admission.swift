// SPDX-License-Identifier: Apache-2.0

internal import Synchronization
internal import SyrinxCore

/// A reserved place for one session. Whoever drops it without using it gives the place back: capacity cannot leak.
package final class Admission: Sendable {
    package let id: String
    /// Known in full when the session begins: a plugin's caller says who he is after he was let in.
    package var request: CallRequest { facts.withLock { $0 } }
    private let facts: Mutex<CallRequest>
    private let giveBack: @Sendable (CapacityClaim) -> Void
    private let state: Mutex<State>

    private enum State {
        case reserved(CapacityClaim)
        case used(CapacityClaim)
        case returned
    }

    init(
        id: String, request: CallRequest, claim: CapacityClaim, giveBack: @escaping @Sendable (CapacityClaim) -> Void
    ) {
        self.id = id
        facts = Mutex(request)
        state = Mutex(.reserved(claim))
        self.giveBack = giveBack
    }

    /// What has become known of the caller.
    package func identify(user: String, language: String?, metadata: [String: String]) {
        facts.withLock { request in
            if !user.isEmpty { request.user = user }
            request.language = language ?? request.language
            request.metadata.merge(metadata) { $1 }
        }
    }

    /// It is another tenant's call, or one of another profile.
    /// - Parameter exchange: gives the place up for another; what it throws leaves all as it was.
    func move(
        to claim: CapacityClaim, profile: String, _ exchange: (CapacityClaim) throws(SyrinxError) -> Void
    ) throws(SyrinxError) {
        try state.withLock { state throws(SyrinxError) in
            guard case .reserved(let held) = state else { return }
            try exchange(held)
            state = .reserved(claim)
        }
        facts.withLock { ($0.tenant, $0.profile) = (claim.tenant, profile) }
    }

    /// The session lives; its end gives the place back, once.
    func use() { state.withLock { if case .reserved(let claim) = $0 { $0 = .used(claim) } } }

    package func release() {
        let held = state.withLock { state -> CapacityClaim? in
            defer { state = .returned }
            switch state {
            case .reserved(let claim), .used(let claim): return claim
            case .returned: return nil
            }
        }
        if let held { giveBack(held) }
    }

    deinit { release() }
}
