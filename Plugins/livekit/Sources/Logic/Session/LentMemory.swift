// SPDX-License-Identifier: Apache-2.0

/// Memory that the library reads until it says that it is done: it stays where it is, and goes with its last owner.
final class LentMemory: @unchecked Sendable {
    // Unchecked: written before it is lent, and not while.
    private let memory: UnsafeMutableRawBufferPointer

    init(byteCount: Int) {
        memory = .allocate(byteCount: max(1, byteCount), alignment: MemoryLayout<UInt64>.alignment)
    }

    init(_ bytes: [UInt8]) {
        memory = .allocate(byteCount: max(1, bytes.count), alignment: MemoryLayout<UInt64>.alignment)
        memory.copyBytes(from: bytes)
    }

    deinit { memory.deallocate() }

    var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(memory) }

    /// Writes samples, as many as there is room for, and lends them.
    func write(_ samples: [Int16]) -> UnsafePointer<Int16>? {
        samples.withUnsafeBytes { source in
            memory.copyMemory(from: UnsafeRawBufferPointer(rebasing: source.prefix(memory.count)))
        }
        return UnsafePointer(memory.baseAddress?.assumingMemoryBound(to: Int16.self))
    }
}
