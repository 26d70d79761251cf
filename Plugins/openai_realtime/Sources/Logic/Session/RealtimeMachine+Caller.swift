// SPDX-License-Identifier: Apache-2.0
internal import SyrinxPlugin

/// What the caller says: audio to the vendor, turns and transcripts from it ("Order of events", 2).
extension RealtimeMachine {
    private static let maximumTranscripts = 16

    mutating func hear(_ samples: [Int16]) {
        guard !samples.isEmpty else { return }
        configureUnlessDone()
        samplesHeard += Int64(samples.count)
        send(ClientMessage.append(samples))
    }

    mutating func speech(_ type: EventType, milliseconds: JSONValue?) {
        var event = OutgoingEvent(type)
        // The vendor counts the audio that it was given, which began with the session.
        let place = min(max(0, milliseconds?.double ?? 0), 1e9) * Double(RealtimeConfig.sampleRate) / 1_000
        event.integer = min(Int64(place), samplesHeard)
        answers.output.send(event)
    }

    /// The turn is over; the vendor begins to answer by itself.
    mutating func committed() {
        // What it has not answered until now it will not answer any more: one response answers both turns.
        for reply in awaited { finish(reply, nil) }
        awaited = [answers.open()]
    }

    // MARK: Transcripts

    mutating func transcriptDelta(_ event: JSONValue) {
        guard let item = event["item_id"]?.string, let delta = event["delta"]?.string, !delta.isEmpty else { return }
        let index = transcripts.firstIndex { $0.item == item } ?? begin(item)
        guard transcripts[index].text.utf8.count < 65_536 else { return }
        transcripts[index].text += delta
        answers.output.send(.partial(transcripts[index].text, generation: 0))
    }

    mutating func transcriptCompleted(_ event: JSONValue) {
        let item = event["item_id"]?.string ?? ""
        let known = transcripts.first { $0.item == item }?.text
        transcripts.removeAll { $0.item == item }
        answers.output.send(.final(event["transcript"]?.string ?? known ?? "", generation: 0))
    }

    mutating func transcriptFailed(_ event: JSONValue) {
        let item = event["item_id"]?.string ?? ""
        transcripts.removeAll { $0.item == item }
        let error = VendorFailure.error(event["error"], fallback: "a transcription failed")
        host.log(.warning, "the vendor could not write down what the caller said", fields: error.message.asField)
        answers.output.send(.final("", confidence: 0, generation: 0))
    }

    private mutating func begin(_ item: String) -> Int {
        if transcripts.count == Self.maximumTranscripts { transcripts.removeFirst() }
        transcripts.append((item, ""))
        return transcripts.count - 1
    }
}

extension String {
    /// The text as the field `reason` of a log line.
    var asField: String { JSONValue.object(["reason": .string(self)]).text }
}
