// SPDX-License-Identifier: Apache-2.0

/// Hysteresis over the voice activity probability: says when speech truly began and truly ended.
package struct SpeechDetector: Sendable, Equatable {
    package enum Change: Sendable, Equatable {
        case none
        /// Speech began `ago` before the end of this frame.
        case started(ago: Duration)
        /// Speech ended `silence` before the end of this frame.
        case ended(silence: Duration)
        /// What looked like speech was too short to be any.
        case abandoned
    }

    private var options: SpeechOptions
    package private(set) var isSpeaking = false
    /// Since the onset, tentative or not.
    private var run = Duration.zero
    /// Since the last frame of speech.
    package private(set) var silence = Duration.zero

    package init(options: SpeechOptions) { self.options = options }

    /// What is going on goes on, by the new rules.
    package mutating func adjust(_ options: SpeechOptions) { self.options = options }

    /// Speech, or what may become speech.
    package var isActive: Bool { run > .zero }

    /// Speech heard so far without the silence after it: what barge-in measures.
    package var voiced: Duration { run - silence }

    package mutating func hear(_ frame: Duration, probability: Float) -> Change {
        isSpeaking ? hearWhileSpeaking(frame, probability) : hearWhileSilent(frame, probability)
    }

    /// Ends speech from outside: the audio has stopped coming.
    package mutating func reset() {
        isSpeaking = false
        run = .zero
        silence = .zero
    }

    private mutating func hearWhileSilent(_ frame: Duration, _ probability: Float) -> Change {
        if probability >= options.onThreshold {
            run += frame
        } else if !(probability >= options.offThreshold) {
            // Also NaN ends here. Between the thresholds a frame neither adds nor resets.
            guard run > .zero else { return .none }
            run = .zero
            return .abandoned
        }
        guard run > .zero, run >= options.minSpeech else { return .none }
        isSpeaking = true
        return .started(ago: run)
    }

    private mutating func hearWhileSpeaking(_ frame: Duration, _ probability: Float) -> Change {
        run += frame
        if probability >= options.offThreshold {
            silence = .zero
            return .none
        }
        // The silence began before the detector let go.
        silence += silence == .zero ? min(frame + options.hangover, run) : frame
        guard silence >= options.minSilence else { return .none }
        let ended = silence
        reset()
        return .ended(silence: ended)
    }
}
