// SPDX-License-Identifier: Apache-2.0

internal import Synchronization

/// What a simulator saw and did: for tests, and a line a connection for the one who watches.
///
/// Safe from any thread. Keeps the newest 10 000 entries and 1000 requests.
package final class SimulatorLog: Sendable {
    package struct Entry: Hashable, Sendable {
        package enum Kind: String, Sendable { case request, body, opened, received, sent, fault, note, closed }

        package var connection: Int
        package var kind: Kind
        /// A text message, or a request's body that is text, as it is; of binary ones the size, `640 bytes`.
        package var text: String
        /// The point that was named, of what was sent.
        package var point: String?
    }

    private struct State {
        var entries: [Entry] = []
        var requests: [SimulatedRequest] = []
        var waiters: [(wanted: @Sendable (Entry) -> Bool, continuation: CheckedContinuation<Entry, Never>)] = []
    }

    private static let entryLimit = 10_000
    private static let requestLimit = 1000

    private let state = Mutex(State())
    private let onEntry: (@Sendable (Entry) -> Void)?

    /// `onEntry` hears each entry, on its connection's event loop.
    package init(onEntry: (@Sendable (Entry) -> Void)? = nil) { self.onEntry = onEntry }

    package var entries: [Entry] { state.withLock { $0.entries } }

    package var requests: [SimulatedRequest] { state.withLock { $0.requests } }

    /// The texts that clients sent, in order.
    package var received: [String] { texts(.received) }

    package func texts(_ kind: Entry.Kind) -> [String] {
        entries.filter { $0.kind == kind }.map(\.text)
    }

    /// All of it, a line an entry; for a failing test.
    package var text: String {
        entries.map {
            "#\($0.connection) \($0.kind.rawValue) \($0.point.map { "[\($0)] " } ?? "")\($0.text.prefix(300))"
        }
        .joined(separator: "\n")
    }

    /// The first entry, past or to come, that is wanted.
    package func first(where wanted: @escaping @Sendable (Entry) -> Bool) async -> Entry {
        await withCheckedContinuation { continuation in
            let past = state.withLock { state -> Entry? in
                if let entry = state.entries.first(where: wanted) { return entry }
                state.waiters.append((wanted, continuation))
                return nil
            }
            if let past { continuation.resume(returning: past) }
        }
    }

    func add(_ request: SimulatedRequest) {
        state.withLock { state in
            if state.requests.count >= Self.requestLimit { state.requests.removeFirst(Self.requestLimit / 10) }
            state.requests.append(request)
        }
        add(Entry(connection: request.connection, kind: .request, text: "\(request.method) \(request.target)"))
        guard !request.body.isEmpty else { return }
        let text = String(validating: request.body, as: UTF8.self) ?? "\(request.body.count) bytes"
        add(Entry(connection: request.connection, kind: .body, text: String(text.prefix(SimulatedSocket.longestTold))))
    }

    func add(_ entry: Entry) {
        let woken = state.withLock { state in
            if state.entries.count >= Self.entryLimit { state.entries.removeFirst(Self.entryLimit / 10) }
            state.entries.append(entry)
            guard !state.waiters.isEmpty else { return [CheckedContinuation<Entry, Never>]() }
            let woken = state.waiters.filter { $0.wanted(entry) }.map(\.continuation)
            state.waiters.removeAll { $0.wanted(entry) }
            return woken
        }
        for continuation in woken { continuation.resume(returning: entry) }
        onEntry?(entry)
    }
}
