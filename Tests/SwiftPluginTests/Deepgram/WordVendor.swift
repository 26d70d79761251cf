// SPDX-License-Identifier: Apache-2.0
import SyrinxPlugin
import SyrinxPluginTesting

/// The vendor's side that really listens: word number k is a stretch of audio whose samples are k.
///
/// It hears what was sent over the newest socket, calls a stretch final after every second word, and answers `Finalize`.
/// So a word that is lost or heard twice after a cut shows in the transcript.
final class WordVendor {
    static let words = ["zero", "one", "two", "three", "four", "five", "six", "seven"]
    /// 300 ms of a word and 100 ms of silence, in frames of 20 ms.
    static func frame(_ index: Int) -> Int16 { index % 20 < 15 ? Int16(index / 20 + 1) : 0 }

    private let harness: DeepgramHarness
    private var socket: NetworkID
    private var finalTo = 0
    private var answered = 0
    private var samples: [Int16] = []
    private var messages = 0
    var answersFinalize = true

    init(_ harness: DeepgramHarness) {
        self.harness = harness
        socket = harness.socket
    }

    /// A new connection: accepts it, and knows nothing of the last one.
    func acceptIfNew() {
        guard harness.session.openRequests.last?.id == harness.socket, socket != harness.socket else { return }
        socket = harness.socket
        (finalTo, answered, messages, samples) = (0, 0, 0, [])
        harness.accept()
    }

    func listen() {
        let sent = harness.session.sent(socket)
        for case .binary(let bytes) in sent[messages...] {
            for index in stride(from: 0, to: bytes.count, by: 2) {
                samples.append(Int16(truncatingIfNeeded: Int(bytes[index]) | Int(bytes[index + 1]) << 8))
            }
        }
        messages = sent.count
        let heard = Self.runs(samples[min(finalTo, samples.count)...])
        let finalizes = harness.session.sentTexts(socket).filter { $0.contains("Finalize") }.count
        if finalizes > answered, answersFinalize {
            answered = finalizes
            say(heard.map(\.word), samples.count, final: true, finalize: true)
        } else if heard.count >= 3, let second = heard.dropFirst().first {
            say(heard.prefix(2).map(\.word), second.end, final: true)
        } else if !heard.isEmpty {
            say(heard.map(\.word), samples.count, final: false)
        }
    }

    private func say(_ words: [String], _ end: Int, final: Bool, finalize: Bool = false) {
        let rate = Double(harness.rate)
        harness.results(
            words.joined(separator: " "), Double(finalTo) / rate, Double(end) / rate, final: final, finalize: finalize)
        if final { finalTo = end }
    }

    private static func runs(_ samples: ArraySlice<Int16>) -> [(word: String, end: Int)] {
        var runs: [(word: String, end: Int)] = []
        var last: Int16 = 0
        for index in samples.indices {
            let sample = samples[index]
            defer { last = sample }
            guard sample > 0, Int(sample) <= words.count else { continue }
            if sample != last { runs.append((words[Int(sample) - 1], index + 1)) }
            runs[runs.count - 1].end = index + 1
        }
        return runs
    }
}
