// SPDX-License-Identifier: Apache-2.0

package import SyrinxCore

/// A prompt sent before its turn is committed. Its answers wait here: no tool runs, nothing is said or written
/// until the commit shows that the caller said just that.
package struct Speculation: Sendable, Equatable {
    package let generation: UInt64
    package let transcript: String
    package let historyVersion: Int
    package private(set) var answers: [Input] = []
    package private(set) var firstToken: Instant?
    private var bytes = 0

    package init(generation: UInt64, transcript: String, historyVersion: Int) {
        self.generation = generation
        self.transcript = transcript
        self.historyVersion = historyVersion
    }

    /// False: it does not fit; the speculation is worth no more memory.
    package mutating func hold(_ answer: Input, bytes count: Int, limit: Int, at now: Instant) -> Bool {
        bytes += count + 16
        guard bytes <= limit else { return false }
        if firstToken == nil { firstToken = now }
        answers.append(answer)
        return true
    }

    package func serves(_ text: String, historyVersion version: Int) -> Bool {
        historyVersion == version && transcript == text.normalisedTranscript
    }
}
