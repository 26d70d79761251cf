// SPDX-License-Identifier: Apache-2.0
internal import SyrinxPlugin

/// One clause on its way: from SPEAK to its terminal event.
struct SpokenClause {
    enum Stage: Equatable {
        /// Not with the vendor yet.
        case waiting
        case sent
        /// The vendor has said all of it.
        case complete
        case failed(PluginError)
    }

    let generation: UInt64
    let id: UInt64
    let text: String
    var stage = Stage.waiting
    /// How often it was sent to the vendor.
    var attempts = 0
    /// Samples that came, whether handed over or not. With any, its words would be heard twice when sent again.
    private(set) var received = 0
    /// Samples that the host has no room for yet.
    fileprivate(set) var samples: [Int16] = []
    fileprivate(set) var handedOver = 0
    private var half: UInt8?

    init(generation: UInt64, id: UInt64, text: String) {
        self.generation = generation
        self.id = id
        self.text = text
    }

    /// Audio of it came: 16 bit little-endian; a sample may be cut in two by messages.
    mutating func append(_ bytes: [UInt8]) {
        for byte in bytes {
            if let low = half {
                samples.append(Int16(truncatingIfNeeded: Int(low) | Int(byte) << 8))
                half = nil
                received += 1
            } else {
                half = byte
            }
        }
    }
}

/// The clauses in their order, and their way to the host within its credit. Each has exactly one terminal event (R7).
struct SpeakQueue {
    /// More clauses than this do not wait.
    static let limit = 1_024
    private static let pieceMilliseconds = 100

    private let host: SessionHost
    private let format: AudioFormat
    private var samplesSent: Int64 = 0
    private(set) var clauses: [SpokenClause] = []
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
    /// Something is expected of the vendor.
    var isExpectant: Bool { clauses.contains { $0.stage == .waiting || $0.stage == .sent } }

    mutating func append(_ clause: SpokenClause) { clauses.append(clause) }
    mutating func update(_ index: Int, _ change: (inout SpokenClause) -> Void) { change(&clauses[index]) }
    mutating func removeAll() { (clauses, owed) = ([], []) }

    func index(_ generation: UInt64, _ id: UInt64) -> Int? {
        clauses.firstIndex { $0.generation == generation && $0.id == id && $0.stage == .sent }
    }

    /// The host does not want this generation: CANCELLED for each clause of it that has no terminal.
    mutating func cancel(_ generation: UInt64) {
        for clause in clauses where clause.generation == generation {
            owed.append(.cancelled(generation: generation, id: clause.id))
        }
        clauses.removeAll { $0.generation == generation }
        flush()
    }

    /// Ends all clauses that a test applies to, and that the vendor has not finished, with an error.
    mutating func fail(_ error: PluginError, where applies: (SpokenClause) -> Bool = { _ in true }) {
        for index in clauses.indices where clauses[index].stage != .complete && applies(clauses[index]) {
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

    private func terminal(_ clause: SpokenClause) -> OutgoingEvent? {
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

    /// The first clause's audio. False when the host has no room.
    private mutating func handOver() -> Bool {
        let step = max(1, Int(format.sampleRate) * Self.pieceMilliseconds / 1_000)
        let samples = clauses[0].samples
        while clauses[0].handedOver < samples.count {
            let start = clauses[0].handedOver
            let end = min(start + step, samples.count)
            let status = host.emitAudio(
                samples.span.extracting(start..<end), generation: clauses[0].generation,
                clause: clauses[0].id, format: format, presentationTime: samplesSent)
            if status == .again { return false }
            clauses[0].handedOver = end
            if !status.isError { samplesSent += Int64(end - start) }
        }
        clauses[0].samples.removeAll(keepingCapacity: true)
        clauses[0].handedOver = 0
        return true
    }
}
