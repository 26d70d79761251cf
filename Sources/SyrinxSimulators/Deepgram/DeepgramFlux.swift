// SPDX-License-Identifier: Apache-2.0

internal import SyrinxCore

/// One live transcription that decides turns, `/v2/listen`.
final class DeepgramFlux: SimulatedSession {
    private let socket: SimulatedSocket
    private var audio: DeepgramAudio
    private var recogniser: SimulatedRecogniser
    private var sequence: Int64 = 0
    private var turn: Int64 = 0
    private var turnStart = 0
    private var isTurnOpen = false
    private let isEager: Bool
    private let tellsLanguage: Bool

    init(_ socket: SimulatedSocket, _ audio: DeepgramAudio) {
        self.socket = socket
        self.audio = audio
        tellsLanguage = socket.request.query("model")?.hasSuffix("-multi") ?? false
        isEager = socket.request.query("eager_eot_threshold") != nil
        recogniser = SimulatedRecogniser(rate: audio.rate, lines: socket.settings.lines)
    }

    func opened() { send(["type": "Connected"], at: "ready") }

    func received(binary: [UInt8]) {
        for event in recogniser.feed(audio.samples(binary)) { tell(event) }
    }

    func received(text: String) {
        let message = try? JSONValue(parsing: text)
        switch message?["type"]?.string {
        case "CloseStream":
            for event in recogniser.finish() { tell(event) }
            socket.point("done")
            socket.close()
        case "Configure":
            send(
                [
                    "type": "ConfigureSuccess", "thresholds": message?["thresholds"] ?? [:],
                    "keyterms": message?["keyterms"] ?? [],
                ])
        default:
            send(["type": "Error", "code": "UNPARSABLE_CLIENT_MESSAGE", "description": "no such message"], at: "error")
            socket.close(1011, "UNPARSABLE_CLIENT_MESSAGE")
        }
    }

    func closed() { recogniser.abandon() }

    private func tell(_ event: SimulatedRecogniser.Event) {
        switch event {
        case .started(let milliseconds): turnStart = milliseconds
        case .partial(let text):
            info(
                isTurnOpen ? "Update" : "StartOfTurn", text, confidence: 0.05,
                at: isTurnOpen ? "partial" : "speech_started")
            isTurnOpen = true
        case .final(let text, _, _):
            if !isTurnOpen { info("StartOfTurn", text, confidence: 0.05, at: "speech_started") }
            if isEager { info("EagerEndOfTurn", text, confidence: 0.6, at: "final") }
            info("EndOfTurn", text, confidence: 0.9, at: "turn_end")
            isTurnOpen = false
            turn += 1
        }
    }

    private func info(_ event: String, _ text: String, confidence: Double, at point: String) {
        let words = DeepgramWords.spread(text, from: turnStart, to: recogniser.position)
        var fields: [String: JSONValue] = [
            "type": "TurnInfo", "event": .string(event), "turn_index": .int(turn),
            "audio_window_start": .double(Double(turnStart) / 1_000),
            "audio_window_end": .double(Double(recogniser.position) / 1_000),
            "transcript": .string(text),
            "words": .array(words.map { ["word": .string($0.word), "confidence": 0.98] }),
            "end_of_turn_confidence": .double(confidence),
        ]
        if tellsLanguage { fields["languages"] = [.string(recogniser.language ?? "en")] }
        send(.object(fields), at: point)
    }

    private func send(_ message: JSONValue, at point: String? = nil) {
        var fields = message.object ?? [:]
        fields["sequence_id"] = .int(sequence)
        fields["request_id"] = .string(DeepgramSimulator.identifier(socket.request))
        sequence += 1
        socket.send(.object(fields), at: point)
    }
}
