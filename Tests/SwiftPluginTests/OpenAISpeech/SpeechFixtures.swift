// SPDX-License-Identifier: Apache-2.0
import OpenAISpeech
import SyrinxPlugin
import SyrinxPluginTesting

/// A session of `openai`, recogniser or speaker, with a server that the test plays.
struct SpeechDesk {
    let provider: FakeProvider
    let session: FakeSession

    init(
        _ kind: PluginKind, config: String = "{}", options: String = "{}", rate: UInt32? = nil,
        queueLimit: Int = .max, host: FakeHost = FakeHost()
    ) throws {
        provider = try host.open(openAISpeechModule.table, kind, "openai", config: config)
        session = try provider.openSession(
            options: options,
            input: AudioFormat(sampleRate: rate ?? 16_000),
            output: AudioFormat(sampleRate: rate ?? 24_000),
            queueLimit: queueLimit
        )
    }

    func close() {
        session.close()
        provider.close()
    }

    var request: FakeRequest { session.requests[session.requests.count - 1] }
    func id(_ index: Int) -> NetworkID { session.requests[index].id }

    /// Speech of an utterance and its end.
    func utter(_ generation: UInt64, samples: Int = 16_000, rate: UInt32 = 16_000) {
        session.sendAudio([Int16](repeating: 258, count: samples), generation: generation, sampleRate: rate)
        session.send(OutgoingEvent(.endOfInput, generation: generation))
    }

    func stream(_ id: NetworkID, _ events: [String], pieceBytes: Int = 1 << 14) {
        session.answer(id, status: 200, headers: ["content-type": "text/event-stream"])
        session.deliver(id, events.map { "data: \($0)\n\n" }.joined(), pieceBytes: pieceBytes)
        session.finish(id)
    }

    /// What clauses were heard as, in order.
    var audio: [RecordedEvent] { session.events.filter { $0.type == .audioOut } }

    static func bytes(_ samples: [Int16]) -> [UInt8] {
        samples.flatMap { [UInt8(truncatingIfNeeded: $0), UInt8(truncatingIfNeeded: $0 >> 8)] }
    }
}
