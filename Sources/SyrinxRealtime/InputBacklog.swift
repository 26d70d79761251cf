// SPDX-License-Identifier: Apache-2.0

internal import SyrinxCore

/// What the client has said and the session has not been given: audio may come much faster than it is spoken, and what
/// is said after it waits its turn.
struct InputBacklog {
    enum Entry {
        case audio([Int16], from: Int)
        case event(ClientEvent, id: String?, bytes: Int)
    }

    private static let longest = 256
    private static let largest = 1 << 20

    private var entries: [Entry] = []
    private var first = 0
    private var samples = 0
    /// Of the events.
    private var bytes = 0

    var isEmpty: Bool { first == entries.count }
    /// It holds 10 s of audio, or takes as long or as much room with little audio and what is between.
    var isFull: Bool {
        samples > RealtimeTranslator.rate * 10 || entries.count - first > Self.longest || bytes > Self.largest
    }

    mutating func add(_ audio: [Int16]) {
        guard !audio.isEmpty else { return }
        samples += audio.count
        entries.append(.audio(audio, from: 0))
    }

    /// - Parameter bytes: of the message that it came in.
    mutating func add(_ event: ClientEvent, id: String?, bytes: Int) {
        self.bytes += bytes
        entries.append(.event(event, id: id, bytes: bytes))
    }

    /// The next event, or at most so many samples.
    mutating func next(upTo limit: Int) -> Entry? {
        guard first < entries.count else { return nil }
        let entry = entries[first]
        guard case .audio(let audio, let start) = entry else {
            if case .event(_, _, let bytes) = entry { self.bytes -= bytes }
            advance()
            return entry
        }
        let end = min(start + max(limit, 1), audio.count)
        samples -= end - start
        if end == audio.count { advance() } else { entries[first] = .audio(audio, from: end) }
        return .audio(start == 0 && end == audio.count ? audio : Array(audio[start..<end]), from: 0)
    }

    private mutating func advance() {
        first += 1
        guard first == entries.count || first >= 256 else { return }
        entries.removeFirst(first)
        first = 0
    }
}
