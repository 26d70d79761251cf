// SPDX-License-Identifier: Apache-2.0
internal import SyrinxPlugin

extension TelephonySession {
    func receive(_ event: NetworkEvent) {
        switch event {
        case .digest(let cookie, let digest): receiveDigest(cookie, digest)
        case .text(let id, let text): if id == socket { receive(text) }
        case .binary(let id, _): if id == socket { count(.ignored) }
        case .closed(let id, let close):
            guard id == socket else { return }
            finish(close.reason.isEmpty ? "the vendor closed the stream" : close.reason)
        case .writable(let id): if id == socket { playout?.flush() }
        case .opened, .head, .data, .done: break
        }
    }

    private var socket: NetworkID? {
        switch stage {
        case .opening(let id, _), .streaming(let id, _, _): id
        default: nil
        }
    }

    private func receive(_ text: String) {
        guard let message = FarMessage.parse(text, line.dialect) else { return count(.ignored) }
        switch message {
        case .noted: break
        case .start(let start): begin(start)
        case .media(let stream, let chunk, let audio): hear(stream, chunk, audio)
        case .key(let key):
            guard case .streaming = stage else { return count(.ignored) }
            // One press is told once, by whoever hears it.
            if tones == nil { pressed(key) }
        case .played(let name):
            guard let position = playout?.played(name) else { return }
            var event = OutgoingEvent(.mark)
            event.secondInteger = position
            outbox.send(event)
        case .stop: finish("the call's stream ended")
        case .complaint(let words):
            host.log(.warning, "the vendor complains", fields: JSONValue.object(["words": .string(words)]).text)
        }
    }

    /// The call is there: the conversation begins.
    private func begin(_ start: StreamStart) {
        guard case .opening(let id, let request) = stage else { return count(.ignored) }
        guard let codec = line.dialect.codecs[start.encoding.lowercased()], start.rate == Int64(Dialect.sampleRate)
        else {
            let wanted = line.dialect.codecs.keys.sorted().joined(separator: " or ")
            let found = "the call's audio is '\(start.encoding)' at \(start.rate) Hz"
            return fail(.unsupported("\(found); set it to \(wanted), 8000 Hz"))
        }
        stage = .streaming(id, stream: start.stream, codec: codec)
        playout = Playout(line, host, socket: id, stream: start.stream)
        count(.calls)
        var peer = OutgoingEvent(.peer)
        peer.json = JSONValue.object(facts(start, request)).text
        outbox.send(peer)
    }

    /// Who calls whom: what the stream says, or else the ticket.
    private func facts(_ start: StreamStart, _ request: DoorRequest) -> [String: JSONValue] {
        var facts: [String: JSONValue] = [:]
        let from = start.from ?? request.query["from"]
        let to = start.to ?? request.query["to"]
        let call = start.call.isEmpty ? request.query["call"] ?? "" : start.call
        for (name, value) in [("from", from), ("to", to), ("call", call)] {
            if let value, !value.isEmpty { facts[name] = .string(String(value.prefix(256))) }
        }
        if !start.metadata.isEmpty { facts["metadata"] = .object(start.metadata.mapValues { .string($0) }) }
        return facts
    }

    private func hear(_ name: String?, _ chunk: Int64?, _ audio: [UInt8]) {
        guard case .streaming(_, let stream, let codec) = stage, name == nil || name == stream else {
            return count(.ignored)
        }
        guard chunks.admit(chunk) else { return count(.lostChunks) }
        guard !audio.isEmpty else { return }
        let samples = codec.decode(audio)
        _ = host.emitAudio(
            samples.span,
            generation: 0,
            clause: 0,
            format: AudioFormat(sampleRate: Dialect.sampleRate),
            presentationTime: heard
        )
        heard += Int64(samples.count)
        for key in tones?.process(samples.span) ?? [] { pressed(key) }
    }

    private func pressed(_ key: Character) {
        var event = OutgoingEvent(.dtmfOut)
        event.text = String(key)
        outbox.send(event)
    }
}
