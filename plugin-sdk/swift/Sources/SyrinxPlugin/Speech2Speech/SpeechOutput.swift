// SPDX-License-Identifier: Apache-2.0

/// Sends what a speech-to-speech session has for the host, within the host's credit.
///
/// Vendors make audio faster than it is played, so most of an answer waits here. Two lanes: what belongs to no place in
/// the audio (turns, transcripts, tool calls, states) passes what waits for credit. Call ``flush()`` on WRITABLE, and hold
/// the vendor up while ``isCongested``: then it is bounded.
public struct SpeechOutput: Sendable {
    private enum Piece: Sendable {
        case event(OutgoingEvent)
        case audio([Int16], from: Int, generation: UInt64)

        var generation: UInt64 {
            switch self {
            case .event(let event): event.generation
            case .audio(_, _, let generation): generation
            }
        }

        var byteCount: Int {
            switch self {
            case .event(let event): 64 + event.text.utf8.count + event.json.utf8.count
            case .audio(let samples, let start, _): 64 + 2 * (samples.count - start)
            }
        }
    }

    /// Answers of speech-to-speech are one clause.
    public static let clause: UInt64 = 1
    private static let eventLimit = 512
    private static let pieceMilliseconds = 100

    private let host: SessionHost
    private let format: AudioFormat
    private let limit: Int
    private var urgent: [OutgoingEvent] = []
    private var queue: [Piece] = []
    private var first = 0
    private var samplesSent: Int64 = 0
    private var isClosed = false

    /// The bytes that wait for credit.
    public private(set) var waitingBytes = 0

    /// Makes an empty output.
    ///
    /// - Parameters:
    ///   - host: The session's host.
    ///   - format: Of the audio: 16 bit mono.
    ///   - limit: The bytes that may wait before it ``isCongested``; 4 minutes at 24 kHz unless told, more than the
    ///     longest answers take, since holding up delays the vendor's word of an interruption, too.
    public init(host: SessionHost, format: AudioFormat, limit: Int = 12 << 20) {
        self.host = host
        self.format = format
        self.limit = limit
    }

    /// True when the vendor should be held up.
    public var isCongested: Bool { waitingBytes > limit || urgent.count > Self.eventLimit }
    /// True when it may go on.
    public var isRelieved: Bool { waitingBytes <= limit / 2 && urgent.count <= Self.eventLimit / 2 }
    /// True when nothing waits.
    public var isEmpty: Bool { first == queue.count && urgent.isEmpty }

    /// Sends an event that has no place in the audio.
    public mutating func send(_ event: OutgoingEvent) {
        guard !isClosed else { return }
        urgent.append(event)
        flushUrgent()
    }

    /// Sends an item of an answer, after what came before it; a tool call goes ahead, since it takes time.
    public mutating func send(_ item: ResponseLedger.Item, generation: UInt64) {
        guard !isClosed else { return }
        switch item {
        case .delta(let text): append(.event(.delta(text, generation: generation)))
        case .audio(let samples):
            if !samples.isEmpty { append(.audio(samples, from: 0, generation: generation)) }
        case .toolCall(let name, let arguments, let id):
            send(.toolCall(name, arguments: arguments, id: id, generation: generation))
        case .end(nil): append(.event(.done(generation: generation)))
        case .hangUp: append(.event(.done(generation: generation, hangUp: true)))
        case .end(let error?): append(.event(.failed(error, generation: generation)))
        }
        flush()
    }

    /// The host cancelled a generation: drops what waits of it.
    ///
    /// - Parameter owesEnd: The answer had not ended; an end that waited here counts as owed, too.
    public mutating func cancel(_ generation: UInt64, owesEnd: Bool) {
        let hadEnd = drop(generation) { _ in true }
        urgent.removeAll { $0.generation == generation && generation != 0 && !$0.type.isTerminal }
        if owesEnd || hadEnd { send(.cancelled(generation: generation)) }
        flush()
    }

    /// The vendor broke an answer off: drops the audio and the words of it that wait, but not its end.
    public mutating func cut(_ generation: UInt64) {
        _ = drop(generation) { !$0.type.isTerminal }
        flush()
    }

    /// Sends what waits, until the host refuses again.
    public mutating func flush() {
        flushUrgent()
        while !isClosed, first < queue.count, sendFirst() { first += 1 }
        if first == queue.count {
            queue.removeAll(keepingCapacity: true)
            first = 0
        } else if first > 256 {
            queue.removeFirst(first)
            first = 0
        }
    }

    /// Sends nothing more.
    public mutating func close() {
        isClosed = true
        urgent = []
        queue = []
        first = 0
        waitingBytes = 0
    }

    // MARK: Inside

    private mutating func append(_ piece: Piece) {
        queue.append(piece)
        waitingBytes += piece.byteCount
    }

    /// Drops the audio and those events of a generation that are wanted gone; true when an end was among them.
    private mutating func drop(_ generation: UInt64, where isUnwanted: (OutgoingEvent) -> Bool) -> Bool {
        var hadEnd = false
        var kept: [Piece] = []
        for piece in queue[first...] {
            guard piece.generation == generation else {
                kept.append(piece)
                continue
            }
            if case .event(let event) = piece {
                guard isUnwanted(event) else {
                    kept.append(piece)
                    continue
                }
                hadEnd = hadEnd || event.type.isTerminal
            }
        }
        queue = kept
        first = 0
        waitingBytes = kept.reduce(0) { $0 + $1.byteCount }
        return hadEnd
    }

    private mutating func flushUrgent() {
        var sent = 0
        while !isClosed, sent < urgent.count, deliver(urgent[sent]) { sent += 1 }
        urgent.removeFirst(sent)
    }

    /// False when the host has no room.
    private mutating func sendFirst() -> Bool {
        switch queue[first] {
        case .event(let event):
            guard deliver(event) else { return false }
            waitingBytes -= queue[first].byteCount
            return true
        case .audio(let samples, let start, let generation):
            return sendAudio(samples, from: start, generation: generation)
        }
    }

    private mutating func sendAudio(_ samples: [Int16], from start: Int, generation: UInt64) -> Bool {
        let step = max(1, Int(format.sampleRate) * Self.pieceMilliseconds / 1_000)
        var next = start
        while next < samples.count {
            let end = min(next + step, samples.count)
            let status = host.emitAudio(
                samples.span.extracting(next..<end),
                generation: generation,
                clause: Self.clause,
                format: format,
                presentationTime: samplesSent
            )
            if status == .again {
                queue[first] = .audio(samples, from: next, generation: generation)
                waitingBytes -= 2 * (next - start)
                return false
            }
            // Refused for good: the rest of this piece is of a cancelled generation, or the session is over.
            guard !status.isError else { break }
            samplesSent += Int64(end - next)
            next = end
        }
        waitingBytes -= Piece.audio(samples, from: start, generation: generation).byteCount
        return true
    }

    /// False when the host has no room. An end that comes too late still ends its request.
    private func deliver(_ event: OutgoingEvent) -> Bool {
        let status = host.emit(event)
        guard status == .stale, event.type.isTerminal, event.type != .cancelled else { return status != .again }
        return host.emit(.cancelled(generation: event.generation, id: event.id)) != .again
    }
}
