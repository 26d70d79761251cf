// SPDX-License-Identifier: Apache-2.0

package import SyrinxConversation
package import SyrinxCore

/// The parties of a scenario.
extension Scenario {
    package struct Caller {
        let scenario: Scenario

        /// Frames of speech.
        package func speaks(_ duration: Duration, probability: Float = 0.95) {
            scenario.pass(duration, sending: frame(probability))
        }

        /// Frames of silence.
        package func isSilent(_ duration: Duration) { scenario.pass(duration, sending: frame(0.02)) }

        /// No frames at all.
        package func sendsNothing(_ duration: Duration) { scenario.pass(duration) }

        package func types(_ text: String) { scenario.give(.callerText(text)) }

        /// A sentence, heard and transcribed at once, and the silence that commits it.
        package func says(_ text: String, for duration: Duration = .milliseconds(600)) {
            let before = scenario.transcribes
            scenario.transcribes = (text, .milliseconds(50))
            speaks(duration)
            isSilent(.milliseconds(1000))
            scenario.transcribes = before
        }

        private func frame(_ probability: Float) -> Input {
            .audio(samples: scenario.conversation.options.inputRate / 50, probability: probability)
        }
    }

    package struct SpeechToText {
        let scenario: Scenario

        package func partial(_ text: String) { scenario.give(.partial(utterance: utterance, text: text)) }

        package func final(_ text: String, after delay: Duration = .zero) {
            let input = Input.final(utterance: utterance, text: text, confidence: 1)
            if delay > .zero { scenario.give(input, after: delay) } else { scenario.give(input) }
        }

        package func fails() { scenario.give(.transcriptionFailed(utterance: utterance, code: "stt.lost")) }

        /// The newest utterance.
        package var utterance: UInt64 { scenario.newestUtterance }
    }

    package struct Agent {
        let scenario: Scenario

        package func streams(_ text: String) {
            scenario.give(.delta(generation: generation, text: text))
        }

        package func isDone(hangUp: Bool = false) {
            scenario.give(.agentDone(generation: generation, hangUp: hangUp))
        }

        package func answers(_ text: String) {
            streams(text)
            isDone()
        }

        package func fails(_ code: String) { scenario.give(.agentFailed(generation: generation, code: code)) }

        package func calls(_ call: UInt64) {
            scenario.give(.toolCall(generation: generation, call: call, name: "look", arguments: "{}"))
        }

        /// Of the newest prompt.
        package var generation: UInt64 { scenario.prompts.last?.generation ?? 0 }
    }

    package struct Application {
        let scenario: Scenario

        package func says(
            _ text: String,
            id: UInt64 = 1,
            priority: SpeechPriority = .normal,
            interruptible: Bool = true
        ) {
            scenario.give(.say(SayRequest(id: id, text: text, priority: priority, interruptible: interruptible)))
        }

        package func interrupts() { scenario.give(.interrupt) }
        package func commits() { scenario.give(.commit) }
        package func discards() { scenario.give(.discardTurn) }
        package func closes(_ reason: CloseReason = .clientClosed) { scenario.give(.close(reason)) }
    }
}
