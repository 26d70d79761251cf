// SPDX-License-Identifier: Apache-2.0

/// The caller's latest audio, so that an utterance can begin before the detector was sure (prefix padding).
final class PreRoll {
    private let memory: UnsafeMutableBufferPointer<Int16>
    private var next = 0
    private var filled = 0

    init(samples: Int) {
        memory = .allocate(capacity: max(1, samples))
        memory.initialize(repeating: 0)
    }

    deinit { memory.deallocate() }

    func append(_ samples: UnsafePointer<Int16>, count: Int) {
        for index in max(0, count - memory.count)..<count {
            memory[next] = samples[index]
            next = next + 1 == memory.count ? 0 : next + 1
        }
        filled = min(memory.count, filled + count)
    }

    /// The latest `count` samples in order, as far as there are so many.
    func last(_ count: Int) -> [Int16] {
        let count = max(0, min(count, filled))
        let start = (next - count + memory.count) % memory.count
        return (0..<count).map { memory[(start + $0) % memory.count] }
    }
}
