// SPDX-License-Identifier: Apache-2.0
import ElevenLabs
import SyrinxPlugin
import SyrinxPluginTesting
import Testing

/// One session of the speaker, and the vendor's side of its socket or requests.
struct ElevenLabsHarness {
    let host = FakeHost()
    let provider: FakeProvider
    let session: FakeSession

    init(
        _ config: String = #"{"api_key":"${secret:api_key}","voice_id":"v"}"#, options: String = "{}",
        rate: UInt32 = 16_000, queueLimit: Int = .max
    ) throws {
        provider = try host.open(elevenLabsModule.table, .tts, "elevenlabs", config: config)
        session = try provider.openSession(
            options: options, output: AudioFormat(sampleRate: rate), queueLimit: queueLimit)
    }

    /// Opens a session whose first connection is there, does something with it, and ends it.
    static func run(
        _ config: String = #"{"voice_id":"v"}"#, options: String = "{}", queueLimit: Int = .max,
        _ body: (ElevenLabsHarness) throws -> Void
    ) throws {
        let harness = try ElevenLabsHarness(config, options: options, queueLimit: queueLimit)
        if harness.session.requests.last?.isSocket == true { harness.accept() }
        try body(harness)
        harness.end()
    }

    func end() {
        session.close()
        #expect(session.eventsAfterClose == 0)
        provider.close()
    }

    // MARK: The vendor

    /// The newest socket or request.
    var exchange: NetworkID { session.requests.last?.id ?? NetworkID(rawValue: 0) }
    func accept() { session.acceptSocket(exchange) }
    func say(_ json: String) { session.deliverText(exchange, json) }

    /// A second of audio has `seconds * 16000` samples of one value; characters are spread over it evenly.
    func audio(_ context: String, _ seconds: Double, sample: Int16 = 7, text: String? = nil) {
        let samples = [Int16](repeating: sample, count: Int(seconds * 16_000))
        var alignment = "null"
        if let text {
            let step = seconds * 1_000 / Double(max(1, text.count))
            let characters = text.map { #""\#($0)""# }.joined(separator: ",")
            let starts = (0..<text.count).map { "\(Int(Double($0) * step))" }.joined(separator: ",")
            alignment =
                #"{"chars":[\#(characters)],"charStartTimesMs":[\#(starts)],"charDurationsMs":[\#(starts)]}"#
        }
        say(
            #"{"audio":"\#(Base64.encode(samples))","contextId":"\#(context)","isFinal":null,"#
                + #""alignment":\#(alignment),"normalizedAlignment":null}"#)
    }

    func final(_ context: String) { say(#"{"isFinal":true,"audio":null,"contextId":"\#(context)"}"#) }

    // MARK: What came of it

    var sent: [String] { session.sentTexts(exchange) }
    /// What was sent about one context, without the rest.
    func sent(_ context: String) -> [String] { sent.filter { $0.contains(#""context_id":"\#(context)""#) } }

    /// All but states; audio in milliseconds of one clause together.
    var spoken: [String] {
        var lines: [String] = []
        var (clause, samples): (String, Int) = ("", 0)
        func endAudio() {
            if samples > 0 { lines.append("\(clause) audio \(samples / 16)") }
            samples = 0
        }
        for event in session.events {
            let name = "\(event.generation).\(event.id)"
            if event.type == .audioOut {
                if name != clause { endAudio() }
                clause = name
                samples += event.samples.count
                continue
            }
            endAudio()
            switch event.type {
            case .mark: lines.append("\(name) mark \(event.integer) \(event.secondInteger)")
            case .done: lines.append("\(name) done")
            case .cancelled: lines.append("\(name) cancelled")
            case .error: lines.append("\(name) error \(event.integer)")
            case .drained: lines.append("drained")
            default: break
            }
        }
        endAudio()
        return lines
    }

    var errors: [RecordedEvent] { session.events.filter { $0.type == .error } }
    var samples: [Int16] { session.events.filter { $0.type == .audioOut }.flatMap(\.samples) }
}
