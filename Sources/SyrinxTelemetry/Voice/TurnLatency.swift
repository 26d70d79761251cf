// SPDX-License-Identifier: Apache-2.0

/// How long the steps of one turn took, each from the one before. A step that did not happen is nil.
package struct TurnLatency: Sendable, Equatable {
    /// From the end of speech to the decision that the turn is over.
    package var endpointing: Duration?
    /// From that decision to the final transcript.
    package var stt: Duration?
    /// From the transcript to the agent's first token.
    package var agent: Duration?
    /// From that token to the first byte of speech.
    package var tts: Duration?
    /// From the end of speech to the first audio of the answer.
    package var response: Duration?

    package init(
        endpointing: Duration? = nil, stt: Duration? = nil, agent: Duration? = nil, tts: Duration? = nil,
        response: Duration? = nil
    ) {
        self.endpointing = endpointing
        self.stt = stt
        self.agent = agent
        self.tts = tts
        self.response = response
    }

    /// The words of the label `step`.
    var steps: [(name: String, time: Duration)] {
        [("endpointing", endpointing), ("stt", stt), ("agent", agent), ("tts", tts)].compactMap { name, time in
            time.map { (name, $0) }
        }
    }
}
