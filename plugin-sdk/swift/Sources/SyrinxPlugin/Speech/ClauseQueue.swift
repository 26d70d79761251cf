// SPDX-License-Identifier: Apache-2.0

/// The clauses of a speaker in their order, and their way to the host within its credit. Each has exactly one terminal
/// event (R7).
///
/// Call ``flush()`` on WRITABLE and after every change, and hold the vendor up while ``isHeldUp``.
public struct ClauseQueue<Detail: Sendable>: Sendable {
    /// One of its clauses.
    public typealias Clause = SpokenClause<Detail>

    private static var limit: Int { 1_024 }
    private static var pieceMilliseconds: Int { 100 }

    private let host: SessionHost
    private let format: AudioFormat
    private var samplesSent: Int64 = 0
    /// CANCELLED events that the host had no room for.
    private var owed: [OutgoingEvent] = []

    /// Those without a terminal event, oldest first.
    public private(set) var clauses: [Clause] = []
    /// The host has no room.
    public private(set) var isHeldUp = false

    /// Makes an empty queue.
    ///
    /// - Parameters:
    ///   - host: The session's host.
    ///   - format: Of the audio: 16 bit mono.
    public init(host: SessionHost, format: AudioFormat) {
        self.host = host
        self.format = format
    }

    /// Nothing is owed to the host.
    public var isEmpty: Bool { clauses.isEmpty && owed.isEmpty }
    /// More clauses do not wait: answer ``Status/again``.
    public var isFull: Bool { clauses.count >= Self.limit }
    /// Something is expected of the vendor.
    public var isExpectant: Bool { clauses.contains { $0.stage == .waiting || $0.stage == .sent } }

    /// Takes a clause in, after the others.
    public mutating func append(_ clause: Clause) { clauses.append(clause) }

    /// Changes one of ``clauses``.
    public mutating func update(_ index: Int, _ change: (inout Clause) -> Void) { change(&clauses[index]) }

    /// Forgets everything: the session ends.
    public mutating func removeAll() { (clauses, owed) = ([], []) }

    /// The host does not want this generation: CANCELLED for each clause of it that has no terminal.
    ///
    /// - Returns: These clauses.
    @discardableResult
    public mutating func cancel(_ generation: UInt64) -> [Clause] {
        let unwanted = clauses.filter { $0.generation == generation }
        owed += unwanted.map { .cancelled(generation: generation, id: $0.id) }
        clauses.removeAll { $0.generation == generation }
        flush()
        return unwanted
    }

    /// Ends all clauses that a test applies to, and that the vendor has not finished, with an error.
    public mutating func fail(_ error: PluginError, where applies: (Clause) -> Bool = { _ in true }) {
        for index in clauses.indices where clauses[index].stage != .complete && applies(clauses[index]) {
            clauses[index].stage = .failed(error)
        }
    }

    /// Hands over what there is, until the host has no room.
    public mutating func flush() {
        isHeldUp = true
        while let event = owed.first {
            guard host.emit(event) != .again else { return }
            owed.removeFirst()
        }
        while !clauses.isEmpty {
            guard handOver() else { return }
            guard let event = terminal(clauses[0]) else { break }
            guard deliver(event) else { return }
            clauses.removeFirst()
        }
        isHeldUp = false
    }

    // MARK: Inside

    private func terminal(_ clause: Clause) -> OutgoingEvent? {
        switch clause.stage {
        case .complete: .done(generation: clause.generation, id: clause.id)
        case .failed(let error): .failed(error, generation: clause.generation, id: clause.id)
        case .waiting, .sent: nil
        }
    }

    /// False when the host has no room. What comes too late still ends its request.
    private func deliver(_ event: OutgoingEvent) -> Bool {
        let status = host.emit(event)
        guard status == .stale else { return status != .again }
        return host.emit(.cancelled(generation: event.generation, id: event.id)) != .again
    }

    /// The first clause's items. False when the host has no room.
    private mutating func handOver() -> Bool {
        while clauses[0].handedOver < clauses[0].items.count {
            let clause = clauses[0]
            switch clause.items[clause.handedOver] {
            case .mark(let byte, let sample):
                var event = OutgoingEvent(.mark, generation: clause.generation, id: clause.id)
                event.integer = Int64(byte)
                event.secondInteger = Int64(sample)
                guard host.emit(event) != .again else { return false }
            case .audio(let samples, let start):
                guard sendAudio(samples, from: start, of: clause) else { return false }
            }
            clauses[0].handedOver += 1
        }
        clauses[0].items.removeAll(keepingCapacity: true)
        clauses[0].handedOver = 0
        return true
    }

    private mutating func sendAudio(_ samples: [Int16], from start: Int, of clause: Clause) -> Bool {
        let step = max(1, Int(format.sampleRate) * Self.pieceMilliseconds / 1_000)
        var next = start
        while next < samples.count {
            let end = min(next + step, samples.count)
            let status = host.emitAudio(
                samples.span.extracting(next..<end), generation: clause.generation, clause: clause.id, format: format,
                presentationTime: samplesSent)
            if status == .again {
                clauses[0].items[clauses[0].handedOver] = .audio(samples, from: next)
                return false
            }
            // Of a cancelled generation: its terminal follows.
            guard !status.isError else { return true }
            samplesSent += Int64(end - next)
            next = end
        }
        return true
    }
}
