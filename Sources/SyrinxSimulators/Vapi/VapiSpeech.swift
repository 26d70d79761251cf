// SPDX-License-Identifier: Apache-2.0

internal import SyrinxCore

/// Something that the assistant says: frames of 20 ms at the pace of speech, and its words as they are spoken.
final class VapiSpeech {
    private static let frameMilliseconds = 20

    private weak var session: VapiSession?
    private let words: [String]
    private let isMulaw: Bool
    private let isMuted: Bool
    /// The frames of each word.
    private var frames: [(samples: [Int16], word: Int)] = []
    private var timer: SimulatedTimer?
    private var spoken = 0

    init(_ session: VapiSession, _ text: String, rate: Int, isMulaw: Bool, isMuted: Bool) {
        self.session = session
        self.isMulaw = isMulaw
        self.isMuted = isMuted
        words = SimulatedText.words(text)
        for (index, word) in words.enumerated() {
            let samples = session.socket.settings.voice.speak(word, rate: rate)
            frames += PCM.chunks(samples, milliseconds: Self.frameMilliseconds, rate: rate).map { ($0, index) }
        }
    }

    /// The words whose sound has gone out.
    var said: String { words.prefix(spoken).joined() }

    func begin() {
        guard let session else { return }
        session.send(session.speechUpdate("started", "assistant"))
        timer = session.socket.play(frames.count, every: Self.frameMilliseconds) { [weak self] in
            self?.step($0)
        } end: { [weak self] in
            guard let self else { return }
            spoken = words.count
            self.session?.finished(self)
        }
    }

    func stop() { timer?.cancel() }

    private func step(_ index: Int) {
        guard let session else { return }
        let frame = frames[index]
        if frame.word + 1 > spoken {
            spoken = frame.word + 1
            session.transcribe("assistant", said, isFinal: false)
        }
        let samples = isMuted ? [Int16](repeating: 0, count: frame.samples.count) : frame.samples
        session.socket.send(binary: isMulaw ? PCM.mulaw(samples) : PCM.bytes(samples), at: "audio")
    }
}
