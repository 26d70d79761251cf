// SPDX-License-Identifier: Apache-2.0
internal import SyrinxPlugin

/// Which items of the vendor's conversation hold the audio of an answer, and how much: what HEARD is turned into
/// truncations with. An answer that calls tools speaks in several items.
struct SpokenItems {
    /// What to tell the vendor of one item.
    struct Truncation: Hashable {
        let item: String
        let content: Int
        let milliseconds: Int
    }

    private struct Item {
        let reply: ResponseLedger.Reply
        let id: String
        let content: Int
        var samples = 0
    }

    private static let memory = 64
    private var items: [Item] = []

    /// The vendor sent samples of an item.
    mutating func add(_ samples: Int, reply: ResponseLedger.Reply, item: String, content: Int) {
        if let index = items.lastIndex(where: { $0.id == item && $0.content == content }) {
            items[index].samples += samples
            return
        }
        if items.count == Self.memory { items.removeFirst() }
        items.append(Item(reply: reply, id: item, content: content, samples: samples))
    }

    /// What is left of an answer of which the caller heard so many milliseconds; items that were heard whole stay.
    mutating func truncate(_ reply: ResponseLedger.Reply, heard milliseconds: Int) -> [Truncation] {
        var left = max(0, milliseconds)
        var result: [Truncation] = []
        for item in items where item.reply == reply {
            let length = item.samples * 1_000 / Int(RealtimeConfig.sampleRate)
            if left < length { result.append(Truncation(item: item.id, content: item.content, milliseconds: left)) }
            left = max(0, left - length)
        }
        items.removeAll { $0.reply == reply }
        return result
    }
}
