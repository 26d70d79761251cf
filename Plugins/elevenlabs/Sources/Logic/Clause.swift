// SPDX-License-Identifier: Apache-2.0
internal import SyrinxPlugin

/// One clause on its way: from SPEAK to its terminal event.
struct Clause {
    enum Stage: Equatable {
        /// Not with the vendor yet.
        case waiting
        /// With the vendor, under this name.
        case sent(String)
        /// The vendor has said all of it.
        case complete
        case failed(PluginError)
    }

    /// What the host gets of it, in order.
    enum Item {
        case mark(WordMarks.Mark)
        case audio([Int16], from: Int)
    }

    let generation: UInt64
    let id: UInt64
    let text: String
    let route: Route
    var stage = Stage.waiting
    /// How often it was sent to the vendor.
    var attempts = 0
    /// Some of its audio has come: sent again, its words would be heard twice.
    var hasAudio = false
    var items: [Item] = []
    /// Of ``items``, those that the host has.
    var handedOver = 0
    private var received = 0
    private var half: UInt8?
    private var marks: WordMarks

    init(generation: UInt64, id: UInt64, text: String, route: Route) {
        self.generation = generation
        self.id = id
        self.text = text
        self.route = route
        marks = WordMarks(text)
    }

    var isUnderWay: Bool { if case .sent = stage { true } else { false } }
    var context: String? { if case .sent(let context) = stage { context } else { nil } }
    /// Bytes of audio that came, whether handed over or not.
    var receivedBytes: Int { received * 2 }

    /// Audio of it came: 16 bit little-endian; a sample may be cut in two by messages.
    mutating func append(_ bytes: [UInt8], _ alignment: Alignment?, sampleRate: Int) {
        var samples: [Int16] = []
        samples.reserveCapacity(bytes.count / 2 + 1)
        for byte in bytes {
            if let low = half {
                samples.append(Int16(truncatingIfNeeded: Int(low) | Int(byte) << 8))
                half = nil
            } else {
                half = byte
            }
        }
        if let alignment {
            items += marks.take(alignment, base: received, count: samples.count, sampleRate: sampleRate).map(Item.mark)
        }
        guard !samples.isEmpty else { return }
        hasAudio = true
        received += samples.count
        items.append(.audio(samples, from: 0))
    }
}
