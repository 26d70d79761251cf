// SPDX-License-Identifier: Apache-2.0

internal import SyrinxABI
internal import SyrinxAudio
internal import SyrinxHost

/// Tells echo-cancelling filters what the agent plays, at their own rate and in their own frames.
final class EchoReference {
    private let filters: [StageSession]
    private let resampler: Resampler?
    private let assembler: FrameAssembler
    private var samples: [Int16] = []
    private var pts: Int64 = 0

    /// - Parameters: rates in Hz, of the agent's audio and of the filters.
    init?(filters: [StageSession], from rate: Int, to pipelineRate: Int) {
        guard !filters.isEmpty else { return nil }
        self.filters = filters
        resampler = rate == pipelineRate ? nil : Resampler(from: rate, to: pipelineRate)
        assembler = FrameAssembler(frameSamples: pipelineRate / 50)
    }

    func played(_ frame: UnsafeBufferPointer<Int16>) {
        guard let resampler else { return feed(UnsafeRawBufferPointer(frame)) }
        samples.removeAll(keepingCapacity: true)
        resampler.convert(frame, into: &samples)
        samples.withUnsafeBytes { feed($0) }
    }

    private func feed(_ bytes: UnsafeRawBufferPointer) {
        assembler.append(bytes) { frame in
            let count = assembler.frameSamples
            for filter in filters {
                _ = filter.process(frame, nil, samples: count, pts: pts, flags: UInt32(SYX_FR_ECHO_REF))
            }
            pts &+= Int64(count)
        }
    }
}
