// SPDX-License-Identifier: Apache-2.0

/// What is being said and what waits to be said: higher priority first, first in first out within one.
package struct SpeechQueue: Sendable, Equatable {
    package var current: Speech?
    package private(set) var waiting: [Speech] = []
    private let limit: Int

    package init(limit: Int) { self.limit = limit }

    package var isEmpty: Bool { current == nil && waiting.isEmpty }
    package var isFull: Bool { waiting.count >= limit }

    package mutating func add(_ speech: Speech) {
        let index = waiting.firstIndex { $0.priority < speech.priority } ?? waiting.endIndex
        waiting.insert(speech, at: index)
    }

    /// Makes the next speech the current one.
    package mutating func advance() -> Bool {
        guard current == nil, !waiting.isEmpty else { return false }
        current = waiting.removeFirst()
        return true
    }

    /// Takes out what an interruption drops, in order.
    package mutating func drop(where shallDrop: (Speech) -> Bool) -> [Speech] {
        guard waiting.contains(where: shallDrop) else { return [] }
        let dropped = waiting.filter(shallDrop)
        waiting.removeAll(where: shallDrop)
        return dropped
    }

    /// Changes the speech of a generation, wherever it stands. False: there is none.
    package mutating func update(_ generation: UInt64, _ change: (inout Speech) -> Void) -> Bool {
        if current?.generation == generation {
            // Optional chaining changes it in place: no copy of the clauses.
            current?.apply(change)
            return true
        }
        guard let index = waiting.firstIndex(where: { $0.generation == generation }) else { return false }
        change(&waiting[index])
        return true
    }

    /// Changes the speech that is synthesised as this generation, if there is one.
    package mutating func update(voice generation: UInt64, _ change: (inout Speech) -> Void) {
        if current?.clauses.voice == generation {
            current?.apply(change)
        } else if let index = waiting.firstIndex(where: { $0.clauses.voice == generation }) {
            change(&waiting[index])
        }
    }

    package func contains(_ generation: UInt64) -> Bool {
        current?.generation == generation || waiting.contains { $0.generation == generation }
    }
}

extension Speech {
    fileprivate mutating func apply(_ change: (inout Speech) -> Void) { change(&self) }
}
