// SPDX-License-Identifier: Apache-2.0

internal import SyrinxCore

/// One context of a socket: text that waits, and audio on its way. The socket with one context has one of these, too.
final class ElevenLabsContext {
    private let socket: SimulatedSocket
    private let format: ElevenLabsFormat
    /// Nil on a socket with one context.
    private let identifier: String?
    /// Text is spoken once so much of it waits; each stretch waits for more than the one before.
    private var schedule: [Int]
    private let isAutomatic: Bool
    private var text = ""
    private var waiting: [ElevenLabsPiece] = []
    private var playing: SimulatedTimer?
    private var isEnding = false
    private let ended: (ElevenLabsContext) -> Void

    init(
        _ socket: SimulatedSocket, _ format: ElevenLabsFormat, identifier: String?, opening: JSONValue,
        ended: @escaping (ElevenLabsContext) -> Void
    ) {
        self.socket = socket
        self.format = format
        self.identifier = identifier
        self.ended = ended
        isAutomatic = socket.request.query("auto_mode") == "true"
        let wanted = opening["generation_config"]?["chunk_length_schedule"]?.array?.compactMap { $0.int }
        schedule = (wanted ?? [120, 160, 250, 290]).map { Int(clamping: $0) }
    }

    /// More text. `isForced`: it is spoken now.
    func add(_ more: String, isForced: Bool) {
        guard !isEnding else { return }
        text += more
        let isSentence = isAutomatic && text.reversed().first { !$0.isWhitespace }.map { ".!?".contains($0) } ?? false
        guard isForced || isSentence || text.count >= schedule.first ?? 1 else { return }
        if schedule.count > 1 { schedule.removeFirst() }
        generate()
    }

    /// What waits is spoken, then the end is told.
    func end(speaking isWanted: Bool) {
        guard !isEnding else { return }
        if isWanted { generate() }
        isEnding = true
        if playing == nil { finish() }
    }

    private func generate() {
        // The space that opens a context is not spoken.
        let spoken = String(text.drop(while: \.isWhitespace))
        text = ""
        guard !spoken.isEmpty else { return }
        waiting += ElevenLabsPiece.pieces(spoken, socket.settings.voice, rate: format.rate)
        if playing == nil { playNext() }
    }

    private func playNext() {
        guard !waiting.isEmpty else {
            playing = nil
            if isEnding { finish() }
            return
        }
        let piece = waiting.removeFirst()
        send(piece.message(format), at: "audio")
        playing = socket.after(piece.milliseconds / socket.settings.voice.timesRealTime) { [weak self] in
            self?.playNext()
        }
    }

    private func finish() {
        send(["isFinal": true, "audio": .null, "alignment": .null, "normalizedAlignment": .null], at: "final")
        ended(self)
    }

    private func send(_ message: [String: JSONValue], at point: String) {
        var message = message
        if let identifier { message["contextId"] = .string(identifier) }
        socket.send(.object(message), at: point)
    }
}

/// What both sockets watch over: the key of the first message, and silence.
final class ElevenLabsGuard {
    private let socket: SimulatedSocket
    private var isAdmitted: Bool
    private var idle: SimulatedTimer?

    init(_ socket: SimulatedSocket) {
        self.socket = socket
        let request = socket.request
        isAdmitted =
            socket.settings.key == nil || request.header("xi-api-key") != nil || request.bearer != nil
            || request.query("authorization") != nil
    }

    /// Nil: the message was answered with a refusal.
    func admit(_ text: String) -> JSONValue? {
        guard let message = try? JSONValue(parsing: text), message.object != nil else {
            return refuse("invalid_request", "not a JSON object", 1007)
        }
        let key = message["xi-api-key"]?.string ?? message["xi_api_key"]?.string
        if !isAdmitted, key != socket.settings.key { return refuse("invalid_api_key", "Invalid API key", 1008) }
        isAdmitted = true
        expectMore()
        return message
    }

    @discardableResult
    func refuse(_ code: String, _ message: String, _ close: Int) -> JSONValue? {
        socket.send(
            ["message": .string(message), "error": .string(code), "code": .int(Int64(close))], at: "error")
        socket.close(close, String(message.prefix(100)))
        return nil
    }

    func expectMore() {
        let seconds = min(max(socket.request.query("inactivity_timeout").flatMap { Int($0) } ?? 20, 1), 180)
        idle?.cancel()
        idle = socket.after(seconds * 1_000) { [weak self] in
            self?.refuse("input_timeout_exceeded", "no text for \(seconds) s", 1008)
        }
    }
}
