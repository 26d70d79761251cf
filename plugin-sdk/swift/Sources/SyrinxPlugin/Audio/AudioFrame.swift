// SPDX-License-Identifier: Apache-2.0
internal import SyrinxABI

/// A block of audio that the host lent for the duration of one call.
///
/// It cannot be copied, so it cannot outlive that call. Reading it never allocates: fit for the media path.
public struct AudioFrame: ~Copyable {
    private let raw: UnsafePointer<syx_frame>

    init?(_ raw: UnsafePointer<syx_frame>?) {
        guard let raw, raw.pointee.struct_size >= UInt32(MemoryLayout<syx_frame>.size) else { return nil }
        self.raw = raw
    }

    /// The format; `samplesPerFrame` is the length of this frame.
    public var format: AudioFormat {
        AudioFormat(
            encoding: SampleEncoding(rawValue: raw.pointee.format),
            sampleRate: raw.pointee.rate,
            channels: raw.pointee.channels,
            samplesPerFrame: raw.pointee.samples
        )
    }

    /// What is special about it.
    public var flags: FrameFlags { FrameFlags(rawValue: raw.pointee.flags) }
    /// The response or utterance that it belongs to.
    public var generation: UInt64 { raw.pointee.generation }
    /// Samples since the session began, at the frame's own rate.
    public var presentationTime: Int64 { raw.pointee.pts }
    /// The host's clock when it was captured, in nanoseconds.
    public var capturedAt: Int64 { raw.pointee.t_ns }
    /// Samples of each channel.
    public var sampleCount: Int { Int(raw.pointee.samples) }

    var hasData: Bool { raw.pointee.data != nil }
    var byteCount: Int { Int(clamping: raw.pointee.bytes) }

    /// Lends the samples as 16 bit integers, interleaved.
    ///
    /// - Parameter body: Gets the samples; they are valid only inside it.
    /// - Returns: What `body` returned, or nil when the frame holds another encoding or fewer bytes than it claims.
    /// - Throws: What `body` throws.
    public func withInt16<Result, Failure: Error>(
        _ body: (Span<Int16>) throws(Failure) -> Result
    ) throws(Failure) -> Result? {
        guard let samples = samples(.int16, as: Int16.self) else { return nil }
        return try body(samples.span)
    }

    /// Lends the samples as floating point, interleaved; otherwise as ``withInt16(_:)``.
    public func withFloat32<Result, Failure: Error>(
        _ body: (Span<Float>) throws(Failure) -> Result
    ) throws(Failure) -> Result? {
        guard let samples = samples(.float32, as: Float.self) else { return nil }
        return try body(samples.span)
    }

    /// Everything that the frame says is checked here: a wrong length must never become a wild read.
    private func samples<Sample>(
        _ encoding: SampleEncoding,
        as type: Sample.Type
    ) -> UnsafeBufferPointer<Sample>? {
        guard raw.pointee.format == encoding.rawValue, let data = raw.pointee.data,
            UInt(bitPattern: data).isMultiple(of: UInt(MemoryLayout<Sample>.alignment))
        else { return nil }
        let (count, overflow) = UInt(raw.pointee.samples).multipliedReportingOverflow(by: UInt(raw.pointee.channels))
        guard !overflow, count <= UInt(raw.pointee.bytes) / UInt(MemoryLayout<Sample>.stride),
            let length = Int(exactly: count)
        else { return nil }
        return UnsafeBufferPointer(start: data.assumingMemoryBound(to: type), count: length)
    }
}
