// SPDX-License-Identifier: Apache-2.0
internal import SyrinxABI

/// The host's resampler and sample converter for one stream of a session.
///
/// Belongs to one thread at a time; ``convert(_:generation:into:)`` may run on the media path.
public final class AudioConverter {
    private let session: SessionHost
    private let service: UnsafePointer<syx_audio_v1>
    private let converter: UInt64
    private let source: AudioFormat
    private let target: AudioFormat

    /// Makes a converter between two formats of 16 bit samples.
    ///
    /// - Throws: ``PluginError`` with ``Status/unsupported`` when the host has no such service or not this pair.
    public init(session: SessionHost, from source: AudioFormat, to target: AudioFormat) throws(PluginError) {
        guard let table = session.host.service(SYX_SERVICE_AUDIO_1)?.assumingMemoryBound(to: syx_audio_v1.self),
            table.pointee.struct_size >= UInt32(MemoryLayout<syx_audio_v1>.size)
        else { throw .unsupported("the host does not convert audio") }
        var from = source.raw
        var to = target.raw
        guard source.encoding == .int16, target.encoding == .int16,
            let converter = table.pointee.converter?(session.handle, &from, &to), converter != 0
        else { throw .unsupported("the host cannot convert \(source.sampleRate) Hz to \(target.sampleRate) Hz") }
        self.session = session
        self.service = table
        self.converter = converter
        self.source = source
        self.target = target
    }

    deinit {
        service.pointee.converter_free?(session.handle, converter)
    }

    /// Converts a block of interleaved samples.
    ///
    /// - Parameters:
    ///   - input: The source's samples.
    ///   - generation: The response or utterance that they belong to.
    ///   - output: Gets the result; its length is the capacity.
    /// - Returns: How many samples were written, or nil when the output is too small.
    public func convert(_ input: Span<Int16>, generation: UInt64, into output: inout MutableSpan<Int16>) -> Int? {
        input.withUnsafeBytes { bytes in
            output.withUnsafeMutableBytes { room in
                var from = frame(source, bytes.count, generation)
                from.data = UnsafeMutableRawPointer(mutating: bytes.baseAddress)
                var to = frame(target, room.count, generation)
                to.data = room.baseAddress
                let status = service.pointee.convert?(session.handle, converter, &from, &to)
                guard status == Status.ok.rawValue, to.bytes <= room.count else { return nil }
                return to.bytes / MemoryLayout<Int16>.stride
            }
        }
    }

    private func frame(_ format: AudioFormat, _ bytes: Int, _ generation: UInt64) -> syx_frame {
        var frame = syx_frame()
        frame.struct_size = UInt32(MemoryLayout<syx_frame>.size)
        frame.format = format.encoding.rawValue
        frame.rate = format.sampleRate
        frame.channels = format.channels
        frame.samples = UInt32(clamping: bytes / MemoryLayout<Int16>.stride / max(1, Int(format.channels)))
        frame.generation = generation
        frame.bytes = bytes
        return frame
    }
}
