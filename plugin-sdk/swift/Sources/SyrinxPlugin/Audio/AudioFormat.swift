// SPDX-License-Identifier: Apache-2.0
package import SyrinxABI

/// How samples are written down.
public struct SampleEncoding: RawRepresentable, Hashable, Sendable {
    /// The number on the wire.
    public let rawValue: UInt32

    /// Wraps a number from the other side.
    public init(rawValue: UInt32) {
        self.rawValue = rawValue
    }

    /// Signed 16 bit integers, little-endian.
    public static let int16 = SampleEncoding(rawValue: UInt32(SYX_FMT_S16))
    /// 32 bit floating point, full scale at ±1.
    public static let float32 = SampleEncoding(rawValue: UInt32(SYX_FMT_F32))
    /// G.711 µ-law.
    public static let pcmu = SampleEncoding(rawValue: UInt32(SYX_FMT_PCMU))
    /// G.711 A-law.
    public static let pcma = SampleEncoding(rawValue: UInt32(SYX_FMT_PCMA))
    /// Opus packets.
    public static let opus = SampleEncoding(rawValue: UInt32(SYX_FMT_OPUS))
    /// G.722.
    public static let g722 = SampleEncoding(rawValue: UInt32(SYX_FMT_G722))
}

/// An audio format.
public struct AudioFormat: Hashable, Sendable {
    /// How samples are written down.
    public var encoding: SampleEncoding
    /// Samples a second and channel, in hertz.
    public var sampleRate: UInt32
    /// Interleaved channels.
    public var channels: UInt32
    /// Samples a channel and frame; 0 = any.
    public var samplesPerFrame: UInt32

    /// Makes a format; mono 16 bit unless told.
    public init(
        encoding: SampleEncoding = .int16,
        sampleRate: UInt32,
        channels: UInt32 = 1,
        samplesPerFrame: UInt32 = 0
    ) {
        self.encoding = encoding
        self.sampleRate = sampleRate
        self.channels = channels
        self.samplesPerFrame = samplesPerFrame
    }

    /// The rate of 16 bit mono in hertz, `usual` where the host leaves the choice to the plugin; nil for other formats.
    public func monoRate(usual: UInt32) -> UInt32? {
        guard sampleRate > 0 else { return usual }
        return encoding == .int16 && channels == 1 ? sampleRate : nil
    }

    package init(_ raw: syx_format) {
        self.init(
            encoding: SampleEncoding(rawValue: raw.format),
            sampleRate: raw.rate,
            channels: raw.channels,
            samplesPerFrame: raw.samples
        )
    }

    package var raw: syx_format {
        syx_format(format: encoding.rawValue, rate: sampleRate, channels: channels, samples: samplesPerFrame)
    }
}

/// What is special about a frame.
public struct FrameFlags: OptionSet, Hashable, Sendable {
    /// The bits on the wire.
    public let rawValue: UInt32

    /// Wraps bits from the other side.
    public init(rawValue: UInt32) {
        self.rawValue = rawValue
    }

    /// Digital silence: the data may be skipped.
    public static let silence = FrameFlags(rawValue: UInt32(SYX_FR_SILENCE))
    /// Audio is missing before this frame.
    public static let discontinuity = FrameFlags(rawValue: UInt32(SYX_FR_DISCONT))
    /// The last frame of its stream.
    public static let endOfStream = FrameFlags(rawValue: UInt32(SYX_FR_EOS))
    /// Invented by loss concealment.
    public static let concealed = FrameFlags(rawValue: UInt32(SYX_FR_CONCEALED))
    /// What the agent played: an echo canceller's reference, not the caller.
    public static let echoReference = FrameFlags(rawValue: UInt32(SYX_FR_ECHO_REF))
}
