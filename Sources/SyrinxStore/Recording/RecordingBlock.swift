// SPDX-License-Identifier: Apache-2.0

/// About half a second of what a recording hears, on its way from the session's event loop to the disk. Its memory is
/// made once: nothing is allocated for a frame.
///
/// It belongs to one side at a time, which hands it over with all that is in it: hence `@unchecked`.
final class RecordingBlock: @unchecked Sendable {
    enum Kind {
        case caller, agent, clear
    }

    struct Entry {
        var kind: Kind
        /// When it came, in samples since the start.
        var position: Int64
        var samples: Range<Int>
    }

    private(set) var entries: [Entry] = []
    private(set) var samples: [Int16] = []
    private let maximumEntries = 256
    private let maximumSamples: Int

    init(rate: Int) {
        maximumSamples = rate + rate / 4
        entries.reserveCapacity(maximumEntries)
        samples.reserveCapacity(maximumSamples)
    }

    var room: Int { entries.count < maximumEntries ? maximumSamples - samples.count : 0 }
    var isEmpty: Bool { entries.isEmpty }
    var isFull: Bool { room <= 0 }
    var firstPosition: Int64 { entries.first?.position ?? .max }

    /// - Parameter new: of at most ``room`` samples, at any address.
    func add(
        _ kind: Kind, at position: Int64, _ new: UnsafeRawBufferPointer = UnsafeRawBufferPointer(start: nil, count: 0)
    ) {
        let start = samples.count
        for offset in stride(from: 0, to: new.count & ~1, by: 2) {
            samples.append(Int16(littleEndian: new.loadUnaligned(fromByteOffset: offset, as: Int16.self)))
        }
        entries.append(Entry(kind: kind, position: position, samples: start..<samples.count))
    }

    func clear() {
        entries.removeAll(keepingCapacity: true)
        samples.removeAll(keepingCapacity: true)
    }
}
