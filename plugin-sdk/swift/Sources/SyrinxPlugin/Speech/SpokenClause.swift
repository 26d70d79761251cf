// SPDX-License-Identifier: Apache-2.0

/// One clause of a speaker on its way: from SPEAK to its terminal event.
public struct SpokenClause<Detail: Sendable>: Sendable {
    /// How far a clause has come.
    public enum Stage: Sendable, Equatable {
        /// Not with the vendor yet.
        case waiting
        /// The vendor speaks it.
        case sent
        /// The vendor has said all of it.
        case complete
        /// It ends with an error, after what came of it.
        case failed(PluginError)
    }

    enum Item {
        case mark(byte: Int, sample: Int)
        case audio([Int16], from: Int)
    }

    /// The response that it belongs to.
    public let generation: UInt64
    /// Its number in the response.
    public let id: UInt64
    /// What to say.
    public let text: String
    /// What the plugin knows of it.
    public var detail: Detail
    /// How far it has come.
    public var stage = Stage.waiting
    /// How often it was sent to the vendor.
    public var attempts = 0
    /// Reads the vendor's audio, for those who look at the samples before they ``append(_:)`` them.
    public var decoder = SampleDecoder()
    /// Samples that came, whether handed over or not. With any, its words would be heard twice when sent again.
    public private(set) var receivedSamples = 0

    /// What the host gets of it, in order, and how much of that it has.
    var items: [Item] = []
    var handedOver = 0

    /// Reads SPEAK. The clause waits; one without anything to pronounce is complete, since vendors refuse it or send
    /// nothing.
    public init(_ event: borrowing Event, detail: Detail) {
        generation = event.generation
        id = event.id
        text = event.text
        self.detail = detail
        if text.allSatisfy(\.isWhitespace) { stage = .complete }
    }

    /// The next of its audio came.
    public mutating func append(_ samples: [Int16]) {
        guard !samples.isEmpty else { return }
        receivedSamples += samples.count
        items.append(.audio(samples, from: 0))
    }

    /// The next of its audio came: 16 bit little-endian, of which a sample may be cut between two pieces.
    public mutating func append(bytes: [UInt8]) { append(decoder.decode(bytes)) }

    /// A word begins: in bytes of the text, and in samples of the clause's audio. Before the audio that it belongs to.
    public mutating func mark(byte: Int, sample: Int) {
        items.append(.mark(byte: byte, sample: sample))
    }
}
