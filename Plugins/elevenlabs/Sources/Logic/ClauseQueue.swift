// SPDX-License-Identifier: Apache-2.0
internal import SyrinxPlugin

/// The clauses in their order, and their way to the host within its credit. Each has exactly one terminal event (R7).
struct ClauseQueue {
    /// More clauses than this do not wait.
    static let limit = 1_024
    private static let pieceMilliseconds = 100

    private let host: SessionHost
    private let format: AudioFormat
    private var samplesSent: Int64 = 0
    private(set) var clauses: [Clause] = []
    /// CANCELLED events that the host had no room for.
    private var owed: [OutgoingEvent] = []
    /// The host has no room.
    private(set) var isHeldUp = false

    init(host: SessionHost, format: AudioFormat) {
        self.host = host
        self.format = format
    }

    var isEmpty: Bool { clauses.isEmpty && owed.isEmpty }
    var isFull: Bool { clauses.count >= Self.limit }

    mutating func append(_ clause: Clause) { clauses.append(clause) }

    mutating func update(_ index: Int, _ change: (inout Clause) -> Void) { change(&clauses[index]) }

    /// The clause that a context speaks; without a name the only one that is under way.
    func index(context: String?) -> Int? {
        if let context { return clauses.firstIndex { $0.context == context } }
        let underWay = clauses.indices.filter { clauses[$0].isUnderWay }
        return underWay.count == 1 ? underWay.first : nil
    }

    /// The host does not want this generation: CANCELLED for each clause of it that has no terminal.
    ///
    /// - Returns: The contexts that speak it.
    mutating func cancel(_ generation: UInt64) -> [String] {
        let contexts = clauses.filter { $0.generation == generation }.compactMap(\.context)
        for clause in clauses where clause.generation == generation {
            owed.append(.cancelled(generation: generation, id: clause.id))
        }
        clauses.removeAll { $0.generation == generation }
        flush()
        return contexts
    }

    /// Ends all clauses that a test applies to with an error.
    mutating func fail(_ error: PluginError, where applies: (Clause) -> Bool = { _ in true }) {
        for index in clauses.indices where applies(clauses[index]) {
            if case .complete = clauses[index].stage { continue }
            clauses[index].stage = .failed(error)
        }
    }

    /// Hands over what there is, until the host has no room.
    mutating func flush() {
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

    mutating func removeAll() {
        clauses = []
        owed = []
    }

    private func terminal(_ clause: Clause) -> OutgoingEvent? {
        switch clause.stage {
        case .complete: .done(generation: clause.generation, id: clause.id)
        case .failed(let error): .failure(error, generation: clause.generation, id: clause.id)
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
            case .mark(let mark):
                var event = OutgoingEvent(.mark, generation: clause.generation, id: clause.id)
                event.integer = Int64(mark.byte)
                event.secondInteger = Int64(mark.sample)
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
