// SPDX-License-Identifier: Apache-2.0
internal import SyrinxABI

#if canImport(Glibc)
internal import Glibc
#else
internal import Musl
#endif

extension AudioFrame {
    /// The level of 16 bit samples without their mean, in dB relative to full scale; -120 for silence and for other
    /// encodings.
    ///
    /// Allocates nothing: fit for the media path.
    public var level: Float {
        let power = withInt16 { samples -> Double in
            var sum = 0
            var squares = 0
            for index in samples.indices {
                let sample = Int(samples[index])
                sum &+= sample
                squares &+= sample &* sample
            }
            let count = Double(max(1, samples.count))
            let mean = Double(sum) / count
            return Double(squares) / count - mean * mean
        }
        guard let power, power >= 1e-3 else { return -120 }
        return Float(10 * log10(power / (32_768 * 32_768)))
    }

    /// False for a frame that claims more or less than it has, which no session should see. Silence may lack its data;
    /// what is packed is not judged.
    var isWhole: Bool {
        let format = format
        guard format.sampleRate > 0, format.channels > 0, sampleCount > 0 else { return false }
        guard let width = format.encoding.bytesPerSample else { return format.encoding.isPacked }
        guard hasData else { return flags.contains(.silence) }
        let (count, overflow) = sampleCount.multipliedReportingOverflow(by: Int(format.channels))
        let (bytes, overflows) = count.multipliedReportingOverflow(by: width)
        return !overflow && !overflows && bytes == byteCount
    }
}

extension SampleEncoding {
    /// Nil for what is packed or unknown.
    fileprivate var bytesPerSample: Int? { self == .int16 ? 2 : self == .float32 ? 4 : nil }
    fileprivate var isPacked: Bool { self == .pcmu || self == .pcma || self == .opus || self == .g722 }
}
