// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import SyrinxConversation
internal import SyrinxCore
internal import SyrinxRuntime

/// The caller's socket, as the line of a session sees it: on the same event loop, or on another.
struct TalkSocket: Sendable {
    let connection: TalkConnection
    private let party: LoopBound<WeakParty>
    private let loop: any EventLoop
    /// Nil = the session's own loop.
    private let isLocal: Bool

    final class WeakParty {
        private(set) weak var party: TalkParty?

        init(_ party: TalkParty) { self.party = party }
    }

    init(_ party: TalkParty, on loop: any EventLoop, sessionLoop: any EventLoop) {
        connection = party.connection
        self.party = LoopBound(WeakParty(party))
        self.loop = loop
        isLocal = loop === sessionLoop
    }

    func send(audio samples: UnsafeBufferPointer<Int16>) {
        if isLocal {
            party.value.party?.send(audio: samples)
        } else {
            let copy = Array(samples)
            loop.execute { [party] in
                copy.withUnsafeBufferPointer { party.value.party?.send(audio: $0) }
                party.value.party?.flush()
            }
        }
    }

    func send(event: JSONValue) { run { $0.send(json: event) } }

    func flush() {
        if isLocal { party.value.party?.flush() }
    }

    /// Nothing follows.
    func ended(_ reason: CloseReason) { run { $0.ended(reason) } }

    private func run(_ body: @escaping @Sendable (TalkParty) -> Void) {
        if isLocal {
            if let party = party.value.party { body(party) }
        } else {
            loop.execute { [party] in
                guard let party = party.value.party else { return }
                body(party)
                party.flush()
            }
        }
    }
}
