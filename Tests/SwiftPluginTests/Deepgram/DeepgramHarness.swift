// SPDX-License-Identifier: Apache-2.0
import Deepgram
import SyrinxPlugin
import SyrinxPluginTesting
import Testing

/// One session of the recogniser, and the vendor's side of its sockets.
struct DeepgramHarness {
    let host = FakeHost()
    let provider: FakeProvider
    let session: FakeSession
    let rate: UInt32

    init(_ config: String = #"{"api_key":"${secret:api_key}"}"#, options: String = "{}", rate: UInt32 = 16_000) throws {
        self.rate = rate
        provider = try host.open(deepgramModule.table, .stt, "deepgram", config: config)
        session = try provider.openSession(options: options, input: AudioFormat(sampleRate: rate))
    }

    /// Opens a session whose first connection is there, does something with it, and ends it.
    static func run(
        _ config: String = "{}", options: String = "{}", rate: UInt32 = 16_000,
        _ body: (DeepgramHarness) throws -> Void
    ) throws {
        let harness = try DeepgramHarness(config, options: options, rate: rate)
        harness.accept()
        try body(harness)
        harness.end()
    }

    func end() {
        session.close()
        #expect(session.eventsAfterClose == 0)
        provider.close()
    }

    // MARK: The vendor

    /// The newest socket.
    var socket: NetworkID { session.requests.last?.id ?? NetworkID(rawValue: 0) }
    func accept() { session.acceptSocket(socket) }
    func say(_ json: String) { session.deliverText(socket, json) }

    /// Results of a stretch, in seconds of the connection.
    func results(
        _ text: String, _ start: Double, _ end: Double, final: Bool = true, speechFinal: Bool = false,
        finalize: Bool = false, confidence: Double = 0.9
    ) {
        say(
            #"{"type":"Results","channel_index":[0,1],"start":\#(start),"duration":\#(end - start),"is_final":\#(final),"#
                + #""speech_final":\#(speechFinal),"from_finalize":\#(finalize),"channel":{"alternatives":"#
                + #"[{"transcript":"\#(text)","confidence":\#(confidence),"words":[]}]},"metadata":{"request_id":"r"}}"#
        )
    }

    func turn(_ event: String, _ text: String, end: Double = 0, confidence: Double = 0.1) {
        say(
            #"{"type":"TurnInfo","request_id":"r","sequence_id":1,"event":"\#(event)","turn_index":0,"#
                + #""audio_window_start":0,"audio_window_end":\#(end),"transcript":"\#(text)","words":"#
                + #"[{"word":"x","confidence":0.8}],"end_of_turn_confidence":\#(confidence)}"#)
    }

    // MARK: The host

    /// Frames of 20 ms of a sample that tells where it is from.
    func speak(_ milliseconds: Int, in utterance: UInt64, sample: Int16 = 1) {
        let count = Int(rate) / 50
        for _ in 0..<milliseconds / 20 {
            session.sendAudio([Int16](repeating: sample, count: count), generation: utterance, sampleRate: rate)
            session.advance(milliseconds: 20)
        }
    }

    @discardableResult
    func finish(_ utterance: UInt64) -> Status { session.send(OutgoingEvent(.endOfInput, generation: utterance)) }

    // MARK: What came of it

    /// All but states.
    var heard: [String] { session.events.compactMap(Self.line) }
    var types: [EventType] { session.events.map(\.type).filter { $0 != .state && $0 != .ready } }
    func texts(_ type: EventType) -> [String] { session.events.filter { $0.type == type }.map(\.text) }
    var errors: [RecordedEvent] { session.events.filter { $0.type == .error } }
    func sentText(_ id: NetworkID? = nil) -> [String] { session.sentTexts(id ?? socket) }

    /// Milliseconds of audio that were sent over a socket, and whether all of it was the caller's.
    func sentMilliseconds(_ id: NetworkID? = nil) -> Int { sentSamples(id).count * 1_000 / Int(rate) }

    func sentSamples(_ id: NetworkID? = nil) -> [Int16] {
        session.sent(id ?? socket).flatMap { message -> [Int16] in
            guard case .binary(let bytes) = message else { return [] }
            return stride(from: 0, to: bytes.count, by: 2).map { index in
                Int16(truncatingIfNeeded: Int(bytes[index]) | Int(bytes[index + 1]) << 8)
            }
        }
    }

    private static func line(_ event: RecordedEvent) -> String? {
        switch event.type {
        case .partial: "\(event.generation) partial \(event.text)"
        case .final: "\(event.generation) final \(event.text)"
        case .speechStart: "\(event.generation) start"
        case .speechStop: "\(event.generation) stop"
        case .turnEnd: "\(event.generation) turn \(Int((event.number * 100).rounded()))"
        case .error: "\(event.generation) error \(event.integer)"
        case .cancelled: "\(event.generation) cancelled"
        case .drained: "drained"
        default: nil
        }
    }
}
