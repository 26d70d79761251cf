// SPDX-License-Identifier: Apache-2.0

/// Cuts a stream of 16-bit audio into frames of equal length, in memory of its own that is aligned and may be written:
/// the network delivers bytes at any address and in any amount.
final class FrameAssembler {
    let frameSamples: Int
    private let memory: UnsafeMutablePointer<Int16>
    private var filled = 0

    init(frameSamples: Int) {
        self.frameSamples = frameSamples
        memory = .allocate(capacity: frameSamples)
        memory.initialize(repeating: 0, count: frameSamples)
    }

    deinit { memory.deallocate() }

    /// - Parameters:
    ///   - bytes: an even number of bytes, s16le.
    ///   - body: called with each full frame, which it may change.
    @inline(__always)
    func append(_ bytes: UnsafeRawBufferPointer, _ body: (UnsafeMutablePointer<Int16>) -> Void) {
        guard let base = bytes.baseAddress else { return }
        var offset = 0
        while offset < bytes.count {
            let count = min(bytes.count - offset, (frameSamples - filled) * 2)
            UnsafeMutableRawPointer(memory + filled).copyMemory(from: base + offset, byteCount: count)
            offset += count
            filled += count / 2
            guard filled == frameSamples else { return }
            filled = 0
            body(memory)
        }
    }
}
