// SPDX-License-Identifier: Apache-2.0

internal import SyrinxCore

/// The socket of a call: hears the caller, answers in real time, ends.
final class VapiSession: SimulatedSession {
    let socket: SimulatedSocket
    private let call: VapiCall
    private let calls: VapiCalls
    private var recogniser: SimulatedRecogniser
    private var oddByte: UInt8?
    private var speech: VapiSpeech?
    private var isMuted = false
    private var endsAfterSpeech = false
    private var hasEnded = false
    /// What was said, oldest first.
    private var conversation: [JSONValue] = []
    private var turn: Int64 = 0

    init(_ socket: SimulatedSocket, _ call: VapiCall, _ calls: VapiCalls) {
        self.socket = socket
        self.call = call
        self.calls = calls
        recogniser = SimulatedRecogniser(rate: call.rate, lines: socket.settings.lines)
    }

    func opened() {
        socket.point("ready")
        calls.change(call.id, status: "in-progress")
        send(["type": "status-update", "status": "in-progress"])
        if let first = call.assistant["firstMessage"]?.string, !first.isEmpty { say(first) }
    }

    func closed() {
        speech?.stop()
        speech = nil
        if !hasEnded { calls.change(call.id, status: "ended", reason: "customer-ended-call") }
    }

    // MARK: the caller

    func received(binary: [UInt8]) {
        guard !hasEnded else { return }
        for event in recogniser.feed(samples(binary)) {
            switch event {
            case .started:
                send(speechUpdate("started", "user"), at: "speech_started")
                interrupt()
            case .partial(let text): transcribe("user", text, isFinal: false)
            case .final(let text, _, _):
                send(speechUpdate("stopped", "user"), at: "speech_stopped")
                transcribe("user", text, isFinal: true)
                answer(text)
            }
        }
    }

    private func samples(_ binary: [UInt8]) -> [Int16] {
        guard call.format == "pcm_s16le" else { return PCM.fromMulaw(binary) }
        var bytes = binary
        if let oddByte { bytes.insert(oddByte, at: 0) }
        oddByte = bytes.count.isMultiple(of: 2) ? nil : bytes.removeLast()
        return PCM.samples(bytes)
    }

    func received(text: String) {
        guard let message = try? JSONValue(parsing: text), let type = message["type"]?.string else {
            return socket.note("a message that is no JSON object")
        }
        switch type {
        case "end-call", "hangup": end("customer-ended-call")
        case "say":
            endsAfterSpeech = message["endCallAfterSpoken"]?.bool ?? false
            say(message["content"]?.string ?? "")
        case "add-message": add(message)
        case "control": control(message["control"]?.string ?? "")
        default: socket.note("a message of the type \(type.prefix(40))")
        }
    }

    private func add(_ message: JSONValue) {
        let (role, text) = (message["message"]?["role"]?.string ?? "", message["message"]?["content"]?.string ?? "")
        remember(role, text)
        guard message["triggerResponseEnabled"]?.bool ?? true else { return }
        interrupt()
        // What a tool of the client came to is told to the assistant as if by the system.
        guard role == "user" else { return speak(socket.settings.mind.answer(toolResults: [text])) }
        answer(text)
    }

    private func control(_ what: String) {
        switch what {
        case "mute-assistant": isMuted = true
        case "unmute-assistant": isMuted = false
        case "say-first-message": say(call.assistant["firstMessage"]?.string ?? "Hello.")
        default: socket.note("a control of the name \(what.prefix(40))")
        }
    }

    // MARK: the assistant

    private func answer(_ prompt: String) {
        if prompt.lowercased().contains("goodbye") { endsAfterSpeech = true }
        speak(socket.settings.mind.answer(prompt, tools: tools))
    }

    private func speak(_ answer: SimulatedMind.Answer) {
        switch answer {
        case .text(let text): say(text)
        case .calls(let wanted):
            let list = wanted.enumerated().map { index, call -> JSONValue in
                turn += 1
                return [
                    "id": .string("tool-\(turn)-\(index)"), "type": "function",
                    "function": ["name": .string(call.name), "arguments": call.arguments],
                ]
            }
            send(["type": "tool-calls", "toolCallList": .array(list), "toolWithToolCallList": []], at: "tool_call")
        }
    }

    private var tools: [SimulatedTool] {
        (call.assistant["model"]?["tools"]?.array ?? []).compactMap { tool in
            guard let name = tool["function"]?["name"]?.string else { return nil }
            return SimulatedTool(name: name, parameters: tool["function"]?["parameters"] ?? [:])
        }
    }

    private func say(_ text: String) {
        guard !hasEnded else { return }
        interrupt()
        speech = VapiSpeech(self, text, rate: call.rate, isMulaw: call.format != "pcm_s16le", isMuted: isMuted)
        speech?.begin()
    }

    private func interrupt() {
        guard let speech else { return }
        self.speech = nil
        speech.stop()
        turn += 1
        send(["type": "user-interrupted", "turnId": .string("turn-\(turn)")], at: "interrupted")
        spoke(speech.said)
    }

    /// All of it was said.
    func finished(_ speech: VapiSpeech) {
        guard self.speech === speech else { return }
        self.speech = nil
        spoke(speech.said)
        if endsAfterSpeech { end("assistant-ended-call") }
    }

    private func spoke(_ text: String) {
        transcribe("assistant", text, isFinal: true)
        send(speechUpdate("stopped", "assistant"), at: "done")
    }

    func end(_ reason: String) {
        guard !hasEnded else { return }
        hasEnded = true
        speech?.stop()
        speech = nil
        calls.change(call.id, status: "ended", reason: reason)
        send(["type": "status-update", "status": "ended", "endedReason": .string(reason)], at: "ended")
        socket.close(1_000, reason)
    }

    // MARK: messages

    func transcribe(_ role: String, _ text: String, isFinal: Bool) {
        guard !text.isEmpty else { return }
        let type = isFinal ? "final" : "partial"
        let point = role == "assistant" ? "words" : type
        let message: JSONValue = [
            "type": "transcript", "role": .string(role), "transcriptType": .string(type), "transcript": .string(text),
        ]
        send(message, at: point)
        if isFinal { remember(role, text) }
    }

    private func remember(_ role: String, _ text: String) {
        conversation.append(["role": .string(role), "content": .string(text)])
        send(["type": "conversation-update", "messagesOpenAIFormatted": .array(conversation)])
    }

    func speechUpdate(_ status: String, _ role: String) -> JSONValue {
        ["type": "speech-update", "status": .string(status), "role": .string(role), "turn": .int(turn)]
    }

    /// Only what the assistant is to tell its clients.
    func send(_ message: JSONValue, at point: String? = nil) {
        let wanted = call.assistant["clientMessages"]?.array?.compactMap(\.string)
        if let wanted, let type = message["type"]?.string, !wanted.contains(type) {
            if let point { socket.point(point) }
            return
        }
        socket.send(message, at: point)
    }
}
