// SPDX-License-Identifier: Apache-2.0

internal import SyrinxCore

/// `stream-input`: one context, and the socket ends with it.
final class ElevenLabsSingle: SimulatedSession {
    private let socket: SimulatedSocket
    private let format: ElevenLabsFormat
    private let gate: ElevenLabsGuard
    private var context: ElevenLabsContext?

    init(_ socket: SimulatedSocket, _ format: ElevenLabsFormat) {
        self.socket = socket
        self.format = format
        gate = ElevenLabsGuard(socket)
    }

    func opened() {
        socket.point("ready")
        gate.expectMore()
    }

    func received(text: String) {
        guard let message = gate.admit(text) else { return }
        guard let words = message["text"]?.string else {
            gate.refuse("invalid_request", "`text` is missing", 1008)
            return
        }
        guard let context else {
            guard words == " " else {
                gate.refuse("invalid_request", "the first text must be one space", 1008)
                return
            }
            context = ElevenLabsContext(socket, format, identifier: nil, opening: message) { [weak self] _ in
                self?.socket.point("done")
                self?.socket.close()
            }
            return
        }
        if words.isEmpty { return context.end(speaking: true) }
        // The whole schedule is passed over, also by a mere hint.
        let isForced = message["flush"]?.bool == true || message["try_trigger_generation"]?.bool == true
        context.add(words, isForced: isForced)
    }

    func received(binary: [UInt8]) { gate.refuse("invalid_request", "text is expected", 1003) }
}

/// `multi-stream-input`: at most five contexts, which come and go.
final class ElevenLabsMulti: SimulatedSession {
    private static let largestCount = 5

    private let socket: SimulatedSocket
    private let format: ElevenLabsFormat
    private let gate: ElevenLabsGuard
    private var contexts: [String: ElevenLabsContext] = [:]
    /// Closed, and still speaking what was flushed.
    private var leaving: [ObjectIdentifier: ElevenLabsContext] = [:]

    init(_ socket: SimulatedSocket, _ format: ElevenLabsFormat) {
        self.socket = socket
        self.format = format
        gate = ElevenLabsGuard(socket)
    }

    func opened() {
        socket.point("ready")
        gate.expectMore()
    }

    func received(text: String) {
        guard let message = gate.admit(text) else { return }
        if message["close_socket"]?.bool == true {
            for context in contexts.values { context.end(speaking: false) }
            socket.point("done")
            return socket.close()
        }
        let name = message["context_id"]?.string ?? "default"
        let words = message["text"]?.string
        if message["close_context"]?.bool == true {
            close(contexts.removeValue(forKey: name))
        } else if let context = contexts[name] {
            context.add(words ?? "", isForced: message["flush"]?.bool == true)
        } else if let words, !words.isEmpty {
            open(name, message, words)
        }
    }

    func received(binary: [UInt8]) { gate.refuse("invalid_request", "text is expected", 1003) }

    /// What was flushed is still spoken, what waits is not.
    private func close(_ context: ElevenLabsContext?) {
        guard let context else { return }
        leaving[ObjectIdentifier(context)] = context
        context.end(speaking: false)
    }

    private func open(_ name: String, _ message: JSONValue, _ words: String) {
        guard contexts.count + leaving.count < Self.largestCount else {
            let error: JSONValue = [
                "message": "Maximum simultaneous contexts exceeded (5)", "error": "max_active_contexts",
                "code": 1008, "contextId": .string(name),
            ]
            return socket.send(error, at: "error")
        }
        let context = ElevenLabsContext(socket, format, identifier: name, opening: message) { [weak self] context in
            self?.leaving[ObjectIdentifier(context)] = nil
        }
        contexts[name] = context
        context.add(words, isForced: message["flush"]?.bool == true)
    }
}
