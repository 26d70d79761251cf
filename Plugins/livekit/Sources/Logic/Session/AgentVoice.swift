// SPDX-License-Identifier: Apache-2.0

/// What the agent says and the library has not taken yet, in pieces of 10 ms.
///
/// The library takes one piece at a time. Bounded: beyond a second the oldest is lost.
struct AgentVoice {
    struct Piece {
        let generation: UInt64
        let samples: [Int16]
    }

    static let capacity = 100
    /// Silence before the first words: the library's clock is not the host's, and a piece too late would crackle.
    static let leadPieces = 2
    /// Nothing for so long = the next sound begins anew, in nanoseconds.
    private static let idle: Int64 = 60_000_000

    let pieceLength: Int
    private var pieces: [Piece] = []
    private var first = 0
    private var rest: [Int16] = []
    private var restGeneration: UInt64 = 0
    private var lastSound: Int64?

    init(rate: UInt32) {
        pieceLength = max(1, Int(rate) / 100)
    }

    var count: Int { pieces.count - first }

    /// Takes samples; answers how many pieces were lost for it.
    mutating func add(_ samples: [Int16], generation: UInt64, now: Int64) -> Int {
        if lastSound.map({ now &- $0 > Self.idle }) ?? true, count == 0 {
            let silence = Piece(generation: generation, samples: [Int16](repeating: 0, count: pieceLength))
            pieces += [Piece](repeating: silence, count: Self.leadPieces)
        }
        lastSound = now
        if generation != restGeneration { rest = [] }
        restGeneration = generation
        rest += samples
        var place = 0
        while rest.count - place >= pieceLength {
            pieces.append(Piece(generation: generation, samples: Array(rest[place..<place + pieceLength])))
            place += pieceLength
        }
        rest.removeFirst(place)
        let lost = max(0, count - Self.capacity)
        first += lost
        compact()
        return lost
    }

    mutating func next() -> Piece? {
        guard first < pieces.count else { return nil }
        defer {
            first += 1
            compact()
        }
        return pieces[first]
    }

    mutating func cancel(_ generation: UInt64) {
        pieces = pieces[first...].filter { $0.generation != generation }
        first = 0
        if restGeneration == generation { rest = [] }
    }

    mutating func clear() {
        pieces = []
        first = 0
        rest = []
    }

    private mutating func compact() {
        guard first == pieces.count || first > Self.capacity else { return }
        pieces.removeFirst(first)
        first = 0
    }
}
