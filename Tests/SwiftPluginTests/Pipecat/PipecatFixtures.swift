// SPDX-License-Identifier: Apache-2.0
import Pipecat
import SyrinxPlugin
import SyrinxPluginTesting

/// A session of `pipecat` and the bot's side of its socket.
final class PipecatCall {
    let host = FakeHost()
    let provider: FakeProvider
    let session: FakeSession
    var socket = NetworkID(rawValue: 0)

    /// Opens a session; when `isReady` the bot has answered client-ready.
    init(
        config: String = #"{"url":"ws://127.0.0.1:8765"}"#, options: String = "{}", call: String = "{}",
        queueLimit: Int = .max, isReady: Bool = true
    ) throws {
        provider = try host.open(pipecatModule.table, .s2s, "pipecat", config: config)
        session = try provider.openSession(
            options: options,
            input: AudioFormat(sampleRate: 16_000),
            output: AudioFormat(sampleRate: 24_000),
            queueLimit: queueLimit
        )
        guard let first = session.requests.first, first.isSocket else { return }
        socket = first.id
        guard isReady else { return }
        session.acceptSocket(socket)
        configure(call)
        receive(RTVIWire.ready)
    }

    func close() {
        session.close()
        provider.close()
    }

    // MARK: The host's side

    func configure(_ json: String) {
        var event = OutgoingEvent(.config)
        event.json = json
        session.send(event)
    }

    @discardableResult
    func prompt(_ generation: UInt64, _ text: String = "") -> Status {
        var event = OutgoingEvent(.prompt, generation: generation)
        event.text = text
        return session.send(event)
    }

    func toolResult(_ call: UInt64, _ text: String, generation: UInt64, failed: Bool = false) {
        var event = OutgoingEvent(.toolResult, generation: generation, id: call)
        event.text = text
        event.integer = failed ? Int64(Status.internalError.rawValue) : 0
        session.send(event)
    }

    // MARK: The bot's side

    /// Messages of RTVI.
    func receive(_ messages: String...) {
        for message in messages { deliver(ProtoWire.message(message)) }
    }

    func deliver(_ bytes: [UInt8]) { session.deliverBinary(socket, bytes) }

    /// What the bot says, at the rate of its output.
    func speak(_ samples: [Int16], rate: UInt64 = 24_000) { deliver(ProtoWire.audio(samples, rate: rate)) }

    func interrupt() { deliver([0x2A, 0x00]) }

    /// The frames that the plugin sent.
    var sent: [ProtoWire.Sent] {
        session.sent(socket).compactMap { if case .binary(let bytes) = $0 { ProtoWire.read(bytes) } else { nil } }
    }

    /// The messages among them.
    var messages: [JSONValue] {
        sent.compactMap { if case .message(let json) = $0 { try? JSONValue(parsing: json) } else { nil } }
    }

    func messages(_ type: String) -> [JSONValue] { messages.filter { $0["type"]?.string == type } }

    var heard: [Int16] {
        sent.flatMap { if case .audio(let samples, 16_000) = $0 { samples } else { [Int16]() } }
    }

    // MARK: What the host got

    func events(_ types: EventType...) -> [RecordedEvent] { session.events.filter { types.contains($0.type) } }

    var types: [EventType] { session.events.map(\.type) }

    func samples(_ generation: UInt64) -> [Int16] {
        events(.audioOut).filter { $0.generation == generation }.flatMap(\.samples)
    }
}

/// Protobuf as a test writes and reads it, apart from the plugin's own code.
enum ProtoWire {
    enum Sent: Hashable {
        case audio([Int16], rate: Int)
        case message(String)
        case interruption
        case other([UInt8])
    }

    static func varint(_ value: Int) -> [UInt8] {
        var (value, bytes) = (value, [UInt8]())
        repeat {
            bytes.append(UInt8(value & 127) | (value > 127 ? 128 : 0))
            value >>= 7
        } while value > 0
        return bytes
    }

    static func field(_ number: Int, _ bytes: [UInt8]) -> [UInt8] {
        varint(number * 8 + 2) + varint(bytes.count) + bytes
    }

    static func field(_ number: Int, _ value: Int) -> [UInt8] { varint(number * 8) + varint(value) }

    static func data(_ samples: [Int16]) -> [UInt8] {
        samples.flatMap { [UInt8(truncatingIfNeeded: $0), UInt8(truncatingIfNeeded: $0 >> 8)] }
    }

    /// As Pipecat writes it, with the ids and names that its frames have.
    static func audio(_ samples: [Int16], rate: UInt64, channels: Int = 1) -> [UInt8] {
        field(
            2,
            field(1, 77) + field(2, Array("OutputAudioRawFrame#3".utf8)) + field(3, data(samples))
                + field(4, Int(rate)) + field(5, channels)
        )
    }

    static func message(_ json: String) -> [UInt8] { field(4, field(1, Array(json.utf8))) }

    static func read(_ bytes: [UInt8]) -> Sent {
        var rest = bytes[...]
        func number() -> Int {
            var (result, shift) = (0, 0)
            while let byte = rest.popFirst() {
                result |= Int(byte & 127) << shift
                shift += 7
                if byte < 128 { break }
            }
            return result
        }
        let kind = number() >> 3
        _ = number()
        var (samples, rate, text) = ([Int16](), 0, "")
        while !rest.isEmpty {
            let key = number()
            guard key & 7 == 2 else {
                let value = number()
                if key >> 3 == 4 { rate = value }
                continue
            }
            let count = number()
            let body = Array(rest.prefix(count))
            rest = rest.dropFirst(count)
            if kind == 2, key >> 3 == 3 {
                samples = stride(from: 0, to: body.count, by: 2).map {
                    Int16(truncatingIfNeeded: Int(body[$0]) | Int(body[$0 + 1]) << 8)
                }
            }
            if kind == 4 { text = String(decoding: body, as: UTF8.self) }
        }
        return switch kind {
        case 2: .audio(samples, rate: rate)
        case 4: .message(text)
        case 5: .interruption
        default: .other(bytes)
        }
    }
}

/// The bot's messages, in the shapes of the protocol page.
enum RTVIWire {
    static let ready = make("bot-ready", #"{"version":"2.2.0","about":{"library":"pipecat-ai"}}"#, id: "ready")
    static let userStarted = make("user-started-speaking")
    static let userStopped = make("user-stopped-speaking")
    static let botStarted = make("bot-started-speaking")
    static let botStopped = make("bot-stopped-speaking")
    static let interrupted = make("bot-interrupted")

    static func make(_ type: String, _ data: String? = nil, id: String? = nil) -> String {
        let members = [
            #""label":"rtvi-ai""#, #""type":"\#(type)""#, id.map { #""id":"\#($0)""# }, data.map { #""data":\#($0)"# },
        ]
        return "{\(members.compactMap(\.self).joined(separator: ","))}"
    }

    static func heard(_ text: String, isFinal: Bool = true) -> String {
        make("user-transcription", #"{"text":"\#(text)","user_id":"","timestamp":"t","final":\#(isFinal)}"#)
    }

    static func output(_ segment: Int, _ spoken: String, _ remaining: String = "", status: String? = nil) -> String {
        let status = status ?? (remaining.isEmpty ? "completed" : "in-progress")
        return make(
            "bot-output",
            """
            {"text":"\(spoken)\(remaining)","output_type":"sentence","segment_id":\(segment),"will_be_spoken":true,
             "spoken_status":"\(status)",
             "spoken_progress":{"accumulated_text":"\(spoken)","remaining_text":"\(remaining)"}}
            """
        )
    }

    /// Sound of this many samples.
    static func sound(_ count: Int, _ level: Int16 = 1_000) -> [Int16] { Array(repeating: level, count: count) }
}
