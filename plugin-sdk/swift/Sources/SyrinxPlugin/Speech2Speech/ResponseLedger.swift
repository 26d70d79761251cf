// SPDX-License-Identifier: Apache-2.0

/// Maps what a speech-to-speech vendor answers to the generations of the host.
///
/// The vendor begins an answer by itself, and the host names it with a PROMPT, in either order. Until an answer is named
/// its items are kept here, bounded; once it is, they go to the host at once. Every named answer ends exactly once (R7).
/// A value without I/O: pair it with a ``SpeechOutput``.
public struct ResponseLedger: Sendable {
    /// One answer, whether named or not.
    public struct Reply: Hashable, Sendable {
        /// Counts from 1; fit for the `id` of a TURN_END, which a PROMPT may carry back.
        public let number: UInt64
    }

    /// What an answer consists of.
    public enum Item: Hashable, Sendable {
        /// The next piece of its words.
        case delta(String)
        /// The next samples, 16 bit mono.
        case audio([Int16])
        /// A tool that the host shall call; the arguments are a JSON object.
        case toolCall(name: String, arguments: String, id: UInt64)
        /// Its end; nil = complete.
        case end(PluginError?)
        /// Its end, and the call's once it was played.
        case hangUp

        var isEnd: Bool {
            switch self {
            case .end, .hangUp: true
            default: false
            }
        }

        var byteCount: Int {
            switch self {
            case .delta(let text): 64 + text.utf8.count
            case .audio(let samples): 64 + 2 * samples.count
            case .toolCall(let name, let arguments, _): 64 + name.utf8.count + arguments.utf8.count
            case .end, .hangUp: 64
            }
        }
    }

    /// What is to be done with an item.
    public enum Verdict: Hashable, Sendable {
        /// Send it with this generation.
        case emit(UInt64)
        /// It waits here until the answer is named.
        case held
        /// The answer is over, cancelled or unknown.
        case dropped
        /// The answer waited too long for its name: it is given up, and should be cancelled at the vendor.
        case overflow
    }

    /// What naming an answer brought to light.
    public struct Naming: Sendable {
        /// The answer that has the generation now.
        public let reply: Reply
        /// What it has said already, to be sent in this order.
        public let items: [Item]
        /// Older answers that nobody asked for: given up, to be cancelled at the vendor.
        public let abandoned: [Reply]
    }

    /// An answer that was cancelled.
    public struct Cancellation: Sendable {
        /// The answer.
        public let reply: Reply
        /// True when its end had not been handed out: the host is owed a CANCELLED.
        public let wasOpen: Bool
    }

    private struct Entry {
        let reply: Reply
        var generation: UInt64?
        let openedAt: Int64
        var held: [Item] = []
        var heldBytes = 0
        /// Named before the vendor had begun anything.
        var isExpected = false
        var isEnded = false
        var isCancelled = false

        var isUnnamed: Bool { generation == nil && !isCancelled }
        var isOpen: Bool { generation != nil && !isEnded && !isCancelled }
    }

    /// How long an answer without a name counts as the one that an unnumbered PROMPT means.
    private static let patienceNanoseconds: Int64 = 5_000_000_000
    /// Answers that are remembered, so that a late HEARD still finds its own.
    private static let memory = 32

    private let limit: Int
    private var entries: [Entry] = []
    private var last: UInt64 = 0

    /// Makes an empty ledger.
    ///
    /// - Parameter limit: The bytes that one answer may hold while it has no name; 43 s of audio at 24 kHz unless told.
    public init(limit: Int = 2 << 20) {
        self.limit = limit
    }

    // MARK: Beginnings

    /// The vendor has begun, or is about to begin, an answer of its own.
    ///
    /// - Parameter now: The host's clock, in nanoseconds.
    /// - Returns: The answer; it is named already when the host was first.
    public mutating func open(now: Int64) -> Reply {
        if let index = entries.firstIndex(where: { $0.isExpected && $0.isOpen }) {
            entries[index].isExpected = false
            return entries[index].reply
        }
        return append(generation: nil, now: now)
    }

    /// The host asks for an answer that the vendor would not begin by itself.
    public mutating func ask(_ generation: UInt64, now: Int64) -> Reply {
        append(generation: generation, now: now)
    }

    /// The host names the answer to the turn that just ended.
    ///
    /// - Parameters:
    ///   - generation: The name.
    ///   - turn: The answer's number when the host repeats it; 0 = the oldest one without a name that is not stale.
    ///   - now: The host's clock, in nanoseconds.
    public mutating func name(_ generation: UInt64, turn: UInt64 = 0, now: Int64) -> Naming {
        guard let index = unnamed(turn, now) else {
            let reply = append(generation: generation, now: now)
            entries[entries.count - 1].isExpected = true
            return Naming(reply: reply, items: [], abandoned: [])
        }
        var abandoned: [Reply] = []
        for older in 0..<index where entries[older].isUnnamed {
            giveUp(older)
            abandoned.append(entries[older].reply)
        }
        entries[index].generation = generation
        let items = entries[index].held
        entries[index].held = []
        entries[index].heldBytes = 0
        return Naming(reply: entries[index].reply, items: items, abandoned: abandoned)
    }

    // MARK: The middle and the end

    /// The vendor sent an item of an answer. After ``Item/end(_:)`` everything is dropped.
    public mutating func add(_ item: Item, to reply: Reply) -> Verdict {
        guard let index = index(reply), !entries[index].isEnded, !entries[index].isCancelled else { return .dropped }
        if item.isEnd { entries[index].isEnded = true }
        if let generation = entries[index].generation { return .emit(generation) }
        entries[index].heldBytes += item.byteCount
        guard entries[index].heldBytes <= limit else {
            giveUp(index)
            return .overflow
        }
        entries[index].held.append(item)
        return .held
    }

    /// Drops what a nameless answer said so far, since the vendor itself broke it off; its end stays.
    public mutating func forgetHeld(_ reply: Reply) {
        guard let index = index(reply) else { return }
        entries[index].held.removeAll {
            if case .audio = $0 { true } else { false }
        }
    }

    /// The host cancelled a generation; nil when no answer has that name, or it was cancelled before.
    public mutating func cancel(_ generation: UInt64) -> Cancellation? {
        guard let index = entries.lastIndex(where: { $0.generation == generation }), !entries[index].isCancelled
        else { return nil }
        let wasOpen = !entries[index].isEnded
        giveUp(index)
        return Cancellation(reply: entries[index].reply, wasOpen: wasOpen)
    }

    /// Gives an answer up that nobody will name.
    public mutating func abandon(_ reply: Reply) {
        if let index = index(reply), entries[index].isUnnamed { giveUp(index) }
    }

    // MARK: Questions

    /// True while something may be added to the answer.
    public func isLive(_ reply: Reply) -> Bool {
        index(reply).map { !entries[$0].isEnded && !entries[$0].isCancelled } ?? false
    }

    /// The name of an answer.
    public func generation(_ reply: Reply) -> UInt64? {
        index(reply).flatMap { entries[$0].generation }
    }

    /// The answer of this name, also some time after its end.
    public func reply(_ generation: UInt64) -> Reply? {
        entries.last { $0.generation == generation }?.reply
    }

    /// The named answers whose end is owed, oldest first.
    public var openReplies: [Reply] { entries.filter(\.isOpen).map(\.reply) }

    // MARK: Inside

    private mutating func append(generation: UInt64?, now: Int64) -> Reply {
        last += 1
        let reply = Reply(number: last)
        entries.append(Entry(reply: reply, generation: generation, openedAt: now))
        while entries.count > Self.memory {
            // Whoever still owes something is kept longest; a host has few requests under way.
            entries.remove(at: entries.firstIndex { !$0.isOpen } ?? 0)
        }
        return reply
    }

    private func unnamed(_ turn: UInt64, _ now: Int64) -> Int? {
        if turn != 0 { return entries.firstIndex { $0.reply.number == turn && $0.isUnnamed } }
        return entries.firstIndex { $0.isUnnamed && now - $0.openedAt <= Self.patienceNanoseconds }
            ?? entries.lastIndex { $0.isUnnamed }
    }

    private func index(_ reply: Reply) -> Int? {
        entries.firstIndex { $0.reply == reply }
    }

    private mutating func giveUp(_ index: Int) {
        entries[index].isCancelled = true
        entries[index].isExpected = false
        entries[index].held = []
        entries[index].heldBytes = 0
    }
}
