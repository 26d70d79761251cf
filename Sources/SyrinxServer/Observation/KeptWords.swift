// SPDX-License-Identifier: Apache-2.0

package import SyrinxConversation

/// Whether a turn's words may be kept: not if any part of it fell into a pause of the recording.
package struct KeptWords {
    private struct Stretch {
        /// Something was said in it.
        var isOpen = false
        var wasPaused = false

        /// A pause that ends before anything is said is none.
        mutating func pause(_ isPaused: Bool) { wasPaused = isPaused || (isOpen && wasPaused) }
    }

    /// From the committed turn's first word to the last of its answer.
    private var turn = Stretch()
    /// What the next turn will be made of: it may begin before this one ends.
    private var next = Stretch()
    package private(set) var isPaused = false

    package init() {}

    package mutating func pause(_ isPaused: Bool) {
        self.isPaused = isPaused
        turn.pause(isPaused)
        next.pause(isPaused)
    }

    /// - Returns: of the end of a turn, whether its words may be kept.
    package mutating func note(_ event: SessionEvent) -> Bool {
        switch event {
        case .userSpeechStarted, .partialTranscript, .finalTranscript, .keysPressed: next.isOpen = true
        case .turnCommitted:
            turn = Stretch(isOpen: true, wasPaused: next.wasPaused)
            next = Stretch(wasPaused: isPaused)
        case .turnEnded:
            defer { turn = Stretch(wasPaused: isPaused) }
            return !turn.wasPaused
        default: break
        }
        return true
    }
}
