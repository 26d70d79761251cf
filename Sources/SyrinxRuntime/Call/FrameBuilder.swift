// SPDX-License-Identifier: Apache-2.0

internal import SyrinxConversation

/// The agent's next frame while it is put together from pieces of clauses.
final class FrameBuilder {
    let frameSamples: Int
    private let memory: UnsafeMutableBufferPointer<Int16>
    private var filled = 0

    init(frameSamples: Int) {
        self.frameSamples = frameSamples
        memory = .allocate(capacity: frameSamples)
        memory.initialize(repeating: 0)
    }

    deinit { memory.deallocate() }

    /// Room for the next piece, at most what the frame still lacks.
    func room(for samples: Int) -> UnsafeMutableBufferPointer<Int16> {
        let count = max(0, min(samples, frameSamples - filled))
        defer { filled += count }
        return UnsafeMutableBufferPointer(rebasing: memory[filled..<filled + count])
    }

    /// The whole frame, padded with silence, with the gain applied. Valid until the next piece.
    func finish(_ gain: GainRamp) -> UnsafeMutableBufferPointer<Int16> {
        for index in filled..<frameSamples { memory[index] = 0 }
        filled = 0
        if gain != .unity { apply(gain) }
        return memory
    }

    private func apply(_ gain: GainRamp) {
        // The ramp lasts 10 ms, half a frame; then the target holds.
        let ramp = max(1, frameSamples / 2)
        for index in 0..<frameSamples {
            let part = min(1, Float(index) / Float(ramp))
            let factor = gain.from + (gain.to - gain.from) * part
            memory[index] = Int16(max(-32768, min(32767, Float(memory[index]) * factor)))
        }
    }
}
