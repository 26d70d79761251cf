// SPDX-License-Identifier: Apache-2.0

internal import CSpeexDSP

/// Streaming sample-rate conversion of 16-bit mono audio (libspeexdsp, quality 5: about 11 µs a 20 ms frame from 48 to
/// 16 kHz). One thread at a time.
package final class Resampler {
    private let state: OpaquePointer
    private let ratio: Double

    /// - Parameters: rates in Hz.
    /// - Returns: nil when a rate is not positive or memory is out.
    package init?(from: Int, to: Int) {
        guard let from32 = UInt32(exactly: from), let to32 = UInt32(exactly: to), from32 > 0, to32 > 0 else {
            return nil
        }
        var failure: Int32 = 0
        guard let state = speex_resampler_init(1, from32, to32, 5, &failure), failure == 0 else { return nil }
        self.state = state
        ratio = Double(to) / Double(from)
        // The filter's delay would otherwise show up as silence at the beginning.
        speex_resampler_skip_zeros(state)
    }

    deinit { speex_resampler_destroy(state) }

    /// Forgets what it has heard: the next audio begins a new stream.
    package func reset() {
        speex_resampler_reset_mem(state)
        speex_resampler_skip_zeros(state)
    }

    /// Appends the converted audio to `output`.
    package func convert(_ input: UnsafeBufferPointer<Int16>, into output: inout [Int16]) {
        var offset = 0
        while offset < input.count {
            var consumed = UInt32(min(input.count - offset, 4096))
            let room = Int(Double(consumed) * ratio) + 64
            let start = output.count
            output.append(contentsOf: repeatElement(0, count: room))
            var produced = UInt32(room)
            output.withUnsafeMutableBufferPointer { target in
                guard let from = input.baseAddress, let to = target.baseAddress else { return }
                speex_resampler_process_int(state, 0, from + offset, &consumed, to + start, &produced)
            }
            output.removeLast(room - Int(produced))
            if consumed == 0 && produced == 0 { return }
            offset += Int(consumed)
        }
    }
}
