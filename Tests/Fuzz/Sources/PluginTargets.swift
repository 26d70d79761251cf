// SPDX-License-Identifier: Apache-2.0

internal import SyrinxPlugin
internal import SyrinxPluginTesting

@testable internal import AudioSocketTransport
@testable internal import LiveKitBackend
@testable internal import Pipecat
@testable internal import Telephony

/// What LiveKit's library tells.
enum LiveKitTarget {
    static func run(_ bytes: [UInt8]) {
        _ = FFIEvent(bytes)
        guard let message = ProtobufMessage(bytes) else { return }
        _ = RoomEvent(message)
        let written = ProtobufWriter.message { writer in
            for number in message.numbers.prefix(64) {
                writer.write(Int(truncatingIfNeeded: number), message.text(number))
            }
        }
        guard let copy = ProtobufMessage(written) else { fatalError("a message that was written cannot be read") }
        for number in message.numbers.prefix(64) { precondition(copy.text(number) == message.text(number)) }
    }
}

/// The token of a webhook, and its body behind the first line.
enum LiveKitTokenTarget {
    static func run(_ bytes: [UInt8]) {
        let parts = bytes.split(separator: UInt8(ascii: "\n"), maxSplits: 1)
        guard let head = parts.first, let token = WebhookToken(authorization: Array(head).text) else { return }
        _ = token.covers(Array(parts.last ?? []), key: "key", now: 1_700_000_000)
        _ = token.isSigned(bytes)
    }
}

/// A frame of a Pipecat bot.
enum PipecatTarget {
    static func run(_ bytes: [UInt8]) {
        guard case .message(let json)? = WireFrame(bytes) else { return }
        precondition(WireFrame(WireFrame.bytes(message: json)) == .message(json))
    }
}

/// A session with a bot that says what the input says: a piece is a frame, or a message of RTVI without one around it.
enum PipecatBotTarget {
    static func run(_ bytes: [UInt8]) {
        let host = FakeHost()
        guard
            let provider = try? host.open(
                pipecatModule.table, .s2s, "pipecat", config: #"{"url":"ws://127.0.0.1:8765"}"#),
            let session = try? provider.openSession(
                options: "{}", input: AudioFormat(sampleRate: 16_000), output: AudioFormat(sampleRate: 24_000),
                queueLimit: .max),
            let socket = session.requests.first?.id
        else { fatalError("no session") }
        session.acceptSocket(socket)
        var input = Input(bytes)
        for step in 0..<64 where !input.isAtEnd {
            let kind = input.byte()
            let piece = input.piece()
            switch kind & 3 {
            case 0: session.deliverBinary(socket, piece)
            case 1:
                var event = OutgoingEvent(.prompt, generation: UInt64(step + 1))
                event.text = "hello"
                session.send(event)
            default: session.deliverBinary(socket, WireFrame.bytes(message: piece.text))
            }
        }
        session.close()
        provider.close()
    }
}

/// What Twilio, Telnyx or Plivo says over its stream; the first byte chooses.
enum PhoneTarget {
    static func run(_ bytes: [UInt8]) {
        let dialects: [Dialect] = [.twilio, .telnyx, .plivo]
        let dialect = dialects[Int(bytes.first ?? 0) % dialects.count]
        guard let message = FarMessage.parse(Array(bytes.dropFirst()).text, dialect) else { return }
        guard case .start(let start) = message else { return }
        let words = StreamWords(dialect, stream: start.stream)
        for text in [words.media([1, 2, 3]), words.mark("1"), words.clear] {
            guard let json = try? JSONValue(parsing: text) else { fatalError("a message is no JSON: \(text)") }
            if dialect.namesStream { precondition(json[dialect.stream]?.string == start.stream) }
        }
    }
}

/// A webhook's form, and the ticket that is made of it.
enum PhoneFormTarget {
    static func run(_ bytes: [UInt8]) {
        let fields = FormField.parse(bytes)
        precondition(fields.count <= 256 && fields.sorted.reduce(0) { $0 + $1.values.count } == fields.count)
        let ticket = Ticket(
            expires: 1, call: fields["CallSid"] ?? "", from: fields["From"] ?? "", to: fields["To"] ?? "")
        let query = FormField.parse(Array(ticket.query([1, 2]).utf8.dropFirst()))
        let copy = Ticket(Dictionary(query.map { ($0.name, $0.value) }) { $1 })
        precondition(copy?.call == ticket.call && copy?.from == ticket.from && copy?.to == ticket.to)
        _ = Ticket(Dictionary(fields.map { ($0.name, $0.value) }) { $1 })?.isValid(at: 1)
    }
}

/// A connection of Asterisk's, as the network cuts it.
enum AudioSocketTarget {
    static func run(_ bytes: [UInt8]) {
        let whole = read(bytes, piece: max(1, bytes.count))
        precondition(read(bytes, piece: 1) == whole)
        precondition(read(bytes, piece: 7) == whole)
        for case .audio(let samples, let rate) in whole {
            guard let written = Packet.bytes(samples.span, rate: rate) else { fatalError("audio cannot be written") }
            precondition(read(written, piece: 3) == [.audio(samples, rate: rate)])
        }
    }

    private static func read(_ bytes: [UInt8], piece: Int) -> [Packet] {
        var reader = PacketReader()
        var packets: [Packet] = []
        for start in stride(from: 0, to: bytes.count, by: piece) {
            reader.append(bytes[start..<min(start + piece, bytes.count)])
            while let packet = reader.next() { packets.append(packet) }
        }
        return packets
    }
}
