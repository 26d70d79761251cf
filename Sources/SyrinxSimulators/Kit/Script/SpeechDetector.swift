// SPDX-License-Identifier: Apache-2.0

/// Tells speech from silence by its energy, in windows of 20 ms.
package struct SpeechDetector {
    package enum Event: Hashable, Sendable {
        /// Where in all audio fed the speech began.
        case started(milliseconds: Int)
        /// Each 100 ms of it: how long it is.
        case speaking(milliseconds: Int)
        /// Where it ended; so much silence later.
        case stopped(milliseconds: Int)
    }

    private static let window = 20
    /// A click is no speech.
    private static let onset = 60

    private let rate: Int
    private let silenceMilliseconds: Int
    private let threshold: Int
    private var rest: [Int16] = []
    private var loudMilliseconds = 0
    private var quietMilliseconds = 0
    private var start = 0

    /// All audio fed, in milliseconds.
    package private(set) var position = 0
    package private(set) var isSpeaking = false

    /// `threshold` is a root mean square of samples.
    package init(rate: Int, silenceMilliseconds: Int = 500, threshold: Int = 500) {
        self.rate = max(1000, rate)
        self.silenceMilliseconds = silenceMilliseconds
        self.threshold = threshold
    }

    package mutating func feed(_ samples: [Int16]) -> [Event] {
        rest += samples
        let size = rate * Self.window / 1000
        var events: [Event] = []
        var at = 0
        while rest.count - at >= size {
            position += Self.window
            if let event = weigh(isLoud: Self.isLoud(rest[at..<at + size], threshold)) { events.append(event) }
            at += size
        }
        rest.removeFirst(at)
        return events
    }

    /// Ends what is begun.
    package mutating func finish() -> [Event] {
        guard isSpeaking else { return [] }
        return [stop()]
    }

    private mutating func weigh(isLoud: Bool) -> Event? {
        loudMilliseconds = isLoud ? loudMilliseconds + Self.window : (isSpeaking ? loudMilliseconds : 0)
        quietMilliseconds = isLoud ? 0 : quietMilliseconds + Self.window
        guard isSpeaking else {
            guard loudMilliseconds >= Self.onset else { return nil }
            isSpeaking = true
            start = position - loudMilliseconds
            return .started(milliseconds: start)
        }
        if quietMilliseconds >= silenceMilliseconds { return stop() }
        let length = position - start
        return isLoud && length % 100 < Self.window ? .speaking(milliseconds: length) : nil
    }

    private mutating func stop() -> Event {
        let end = position - quietMilliseconds
        isSpeaking = false
        loudMilliseconds = 0
        return .stopped(milliseconds: end)
    }

    private static func isLoud(_ samples: ArraySlice<Int16>, _ threshold: Int) -> Bool {
        let energy = samples.reduce(0) { $0 + Int($1) * Int($1) }
        return energy / max(1, samples.count) >= threshold * threshold
    }
}
