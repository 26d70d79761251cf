// SPDX-License-Identifier: Apache-2.0

internal import DequeModule
internal import SyrinxABI

/// Events on their way from a plugin to its session's executor. Bounded twice: by number, and by audio that runs ahead
/// of playout (credit); over either, the plugin is told to wait and nothing is lost.
struct StageInbox {
    static let limit = 512

    private var events: Deque<StageEvent> = []
    private var cancelled = RecentGenerations()
    private var samplesAhead = 0
    private let creditSamples: Int
    private var refused = false
    var closed = false

    init(creditSamples: Int) { self.creditSamples = creditSamples }

    enum Answer { case taken(first: Bool), stale, wait, closed }

    mutating func offer(_ event: StageEvent) -> Answer {
        guard !closed else { return .closed }
        if cancelled.contains(event.generation), !event.isTerminal { return .stale }
        var samples = 0
        if case .audio(_, let audio) = event.kind { samples = audio.count }
        // A frame larger than the whole credit still passes when nothing is ahead of it, or it would wait for ever.
        let overCredit = samples > 0 && samplesAhead > 0 && samplesAhead + samples > creditSamples
        guard events.count < Self.limit, !overCredit else {
            refused = true
            return .wait
        }
        samplesAhead += samples
        events.append(event)
        return .taken(first: events.count == 1)
    }

    /// - Returns: whether the plugin waits for room and may go on.
    mutating func takeAll(into batch: inout [StageEvent]) -> Bool {
        batch.append(contentsOf: events)
        events.removeAll(keepingCapacity: true)
        return mayResume()
    }

    func isCancelled(_ generation: UInt64) -> Bool { cancelled.contains(generation) }

    mutating func cancel(_ generation: UInt64) {
        cancelled.insert(generation)
        for event in events where event.generation == generation {
            if case .audio(_, let audio) = event.kind { samplesAhead -= audio.count }
        }
        events.removeAll { $0.generation == generation && !$0.isTerminal }
    }

    /// Audio was played or thrown away.
    /// - Returns: whether the plugin waits for this and may go on.
    mutating func give(back samples: Int) -> Bool {
        samplesAhead = max(0, samplesAhead - samples)
        return mayResume()
    }

    private mutating func mayResume() -> Bool {
        guard refused, samplesAhead <= creditSamples / 2, events.count < Self.limit / 2 else { return false }
        refused = false
        return true
    }
}

/// The latest cancelled generations. Older ones need no memory: the conversation ignores what it no longer knows.
private struct RecentGenerations {
    private var ring: [UInt64] = []
    private var next = 0

    func contains(_ generation: UInt64) -> Bool { ring.contains(generation) }

    mutating func insert(_ generation: UInt64) {
        if ring.count < 16 {
            ring.append(generation)
        } else {
            ring[next] = generation
            next = (next + 1) % 16
        }
    }
}

extension StageEvent {
    /// Ends a request (R7): let through even for a cancelled generation, so that the plugin's books can be closed.
    var isTerminal: Bool {
        switch kind {
        case .done, .cancelled, .failed: true
        default: false
        }
    }
}
