// SPDX-License-Identifier: Apache-2.0

internal import SyrinxCore

/// Speech over a socket, `/v1/speak`: text waits for `Flush`, audio goes out faster than it is played.
final class DeepgramMouth: SimulatedSession {
    private static let longestText = 2_000
    private static let chunkMilliseconds = 20

    private let socket: SimulatedSocket
    private let sound: DeepgramSound
    private var text = ""
    /// What is flushed and not spoken yet.
    private var waiting: [String] = []
    private var playing: SimulatedTimer?
    private var sequence: Int64 = 0
    private var isClosing = false

    init(_ socket: SimulatedSocket, _ sound: DeepgramSound) {
        self.socket = socket
        self.sound = sound
    }

    func opened() {
        socket.send(
            [
                "type": "Metadata", "request_id": .string(DeepgramSimulator.identifier(socket.request)),
                "model_name": .string(socket.request.query("model") ?? "aura-asteria-en"),
                "model_version": "simulated", "model_uuid": "00000000-0000-4000-8000-00000000beef",
            ], at: "ready")
    }

    func received(text message: String) {
        let json = try? JSONValue(parsing: message)
        switch json?["type"]?.string {
        case "Speak": speak(json?["text"]?.string ?? "")
        case "Flush": flush()
        case "Clear": clear()
        case "Close":
            isClosing = true
            if !text.isEmpty { flush() }
            closeWhenDone()
        default: socket.close(1008, "DATA-0000")
        }
    }

    func received(binary: [UInt8]) { socket.close(1003, "MESSAGE-0000") }

    private func speak(_ more: String) {
        guard more.count <= Self.longestText else { return socket.close(1009, "BIG-0000") }
        text += more
    }

    private func flush() {
        waiting.append(text)
        text = ""
        if playing == nil { playNext() }
    }

    private func playNext() {
        guard !waiting.isEmpty else { return closeWhenDone() }
        let voice = socket.settings.voice
        let samples = voice.speak(waiting.removeFirst(), rate: sound.rate)
        let chunks = PCM.chunks(samples, milliseconds: Self.chunkMilliseconds, rate: sound.rate)
        playing = socket.play(chunks.count, every: Self.chunkMilliseconds / voice.timesRealTime) { [weak self] index in
            guard let self else { return }
            socket.send(binary: sound.bytes(chunks[index]), at: "audio")
        } end: { [weak self] in
            guard let self else { return }
            playing = nil
            socket.send(["type": "Flushed", "sequence_id": .int(sequence)], at: "flushed")
            sequence += 1
            playNext()
        }
    }

    private func clear() {
        playing?.cancel()
        playing = nil
        text = ""
        waiting = []
        socket.send(["type": "Cleared", "sequence_id": .int(sequence)])
        sequence += 1
        closeWhenDone()
    }

    private func closeWhenDone() {
        guard isClosing, playing == nil, waiting.isEmpty else { return }
        socket.point("done")
        socket.close()
    }
}
