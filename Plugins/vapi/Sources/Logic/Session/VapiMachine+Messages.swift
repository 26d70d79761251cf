// SPDX-License-Identifier: Apache-2.0
public import SyrinxPlugin

/// What comes over the call's socket.
extension VapiMachine {
    /// Takes what the vendor sent.
    public mutating func take(_ event: NetworkEvent) {
        defer { settle() }
        switch phase {
        case .creating(let id): takeCreation(event, id)
        case .connecting(let socket), .running(let socket): take(event, of: socket)
        default: break
        }
    }

    private mutating func take(_ event: NetworkEvent, of socket: NetworkID) {
        switch event {
        case .opened(socket, _, _): opened(socket)
        case .binary(socket, let bytes): play(bytes)
        case .text(socket, let text): read(text)
        case .writable(socket): outbox?.flush()
        case .closed(socket, let close): closed(close)
        default: break
        }
    }

    private mutating func closed(_ close: SocketClose) {
        guard case .running = phase else { return fail(VapiFailure.close(close, hasBegun: false)) }
        // A call that ends is closed properly, whether its end was told or not.
        guard close.closeCode == 1_000 else { return fail(VapiFailure.close(close, hasBegun: true)) }
        phase = .ended
        talk.botLeft()
    }

    private mutating func play(_ bytes: [UInt8]) {
        guard config.encoding == .pcm else { return talk.botSpoke(output.convert(G711.muLaw.decode(bytes))) }
        talk.botSpoke(output.convert(samples.decode(bytes)))
    }

    // MARK: Messages

    private mutating func read(_ text: String) {
        guard let message = try? JSONValue(parsing: text), message.object != nil else {
            return failProtocol("the server sent a message that is no JSON object", isRetryable: true)
        }
        let type = message["type"]?.string ?? ""
        switch type {
        case "speech-update": speech(message)
        case "user-interrupted":
            words.reset()
            talk.botInterrupted()
        case "status-update": statusChanged(message)
        case "conversation-update":
            for line in words.conversation(message) {
                if line.role == "user" { talk.callerSaid(line.text, isFinal: true) } else { talk.botSaid(line.text) }
            }
        case "tool-calls": callTools(message)
        case "hang": host.log(.warning, "the assistant is slow to answer")
        default:
            // An assistant may ask for `transcript[transcriptType="final"]` only.
            if type.hasPrefix("transcript") { transcribed(message) }
        }
    }

    private mutating func speech(_ message: JSONValue) {
        let isStarted = message["status"]?.string == "started"
        guard isStarted || message["status"]?.string == "stopped" else { return }
        switch (message["role"]?.string, isStarted) {
        case ("user", true): talk.callerStarted()
        case ("user", false): talk.callerStopped()
        case ("assistant", true): talk.botStarted()
        case ("assistant", false): talk.botStopped()
        default: break
        }
    }

    private mutating func transcribed(_ message: JSONValue) {
        guard let text = message["transcript"]?.string else { return }
        let isFinal = message["transcriptType"]?.string != "partial"
        switch message["role"]?.string {
        case "user":
            words.callerHasTranscripts()
            talk.callerSaid(text, isFinal: isFinal)
        case "assistant", "bot": talk.botSaid(words.transcript(text, isFinal: isFinal))
        default: break
        }
    }

    private mutating func statusChanged(_ message: JSONValue) {
        guard message["status"]?.string == "ended" else { return }
        let reason = String((message["endedReason"]?.string ?? "").prefix(120))
        host.log(.info, "Vapi has ended the call", fields: JSONValue.object(["reason": .string(reason)]).text)
        ended()
    }

    /// Calls of the host's tools; those with a server are the vendor's own affair.
    private mutating func callTools(_ message: JSONValue) {
        for call in message["toolCallList"]?.array ?? [] {
            let function = call["function"]
            guard let name = function?["name"]?.string ?? call["name"]?.string, tools.contains(name) else { continue }
            var arguments = function?["arguments"] ?? call["parameters"] ?? call["arguments"]
            if let text = arguments?.string { arguments = try? JSONValue(parsing: text) }
            guard talk.botCalls(name, arguments, vendorID: call["id"]?.string ?? "") else {
                return failProtocol("the assistant called too many tools", isRetryable: true)
            }
        }
    }
}
