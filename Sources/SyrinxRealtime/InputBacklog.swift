// SPDX-License-Identifier: Apache-2.0

internal import SyrinxCore

/// What the client has said and the session has not been given: audio may come much faster than it is spoken, and what
/// is said after it waits its turn.
struct InputBacklog {
    enum Entry {
        case audio([Int16], from: Int)
        case event(ClientEvent, id: String?)
    }

    private var entries: [Entry] = []
    private var first = 0
    private(set) var samples = 0

    var isEmpty: Bool { first == entries.count }

    mutating func add(_ audio: [Int16]) {
        guard !audio.isEmpty else { return }
        samples += audio.count
        entries.append(.audio(audio, from: 0))
    }

    mutating func add(_ event: ClientEvent, id: String?) { entries.append(.event(event, id: id)) }

    /// The next event, or at most so many samples.
    mutating func next(upTo limit: Int) -> Entry? {
        guard first < entries.count else { return nil }
        guard case .audio(let audio, let start) = entries[first] else {
            defer { advance() }
            return entries[first]
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
