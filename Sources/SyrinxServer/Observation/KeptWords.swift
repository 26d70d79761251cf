// SPDX-License-Identifier: Apache-2.0

internal import SyrinxConversation

/// Whether a turn's words may be kept: not if any part of it fell into a pause of the recording.
struct KeptWords {
    /// Something was said that a turn may be made of.
    private var isOpen = false
    private var wasPaused = false
    private(set) var isPaused = false

    mutating func pause(_ isPaused: Bool) {
        self.isPaused = isPaused
        wasPaused = isPaused || (isOpen && wasPaused)
    }

    /// - Returns: of the end of a turn, whether its words may be kept.
    mutating func note(_ event: SessionEvent) -> Bool {
        switch event {
        case .userSpeechStarted, .partialTranscript, .finalTranscript, .turnCommitted: isOpen = true
        case .turnEnded:
            defer { (isOpen, wasPaused) = (false, isPaused) }
            return !wasPaused
        default: break
        }
        return true
    }
}
