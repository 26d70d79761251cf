// SPDX-License-Identifier: Apache-2.0

internal import SyrinxABI
internal import SyrinxAudio

/// `syrinx.audio/1`: rate and sample-format conversion for plugins.
enum AudioService {
    nonisolated(unsafe) static let table: UnsafePointer<syx_audio_v1> = {
        let table = UnsafeMutablePointer<syx_audio_v1>.allocate(capacity: 1)
        table.initialize(to: functions())
        return UnsafePointer(table)
    }()

    private static let converters = HandleTable<AudioConverter>()

    private static func functions() -> syx_audio_v1 {
        syx_audio_v1(
            struct_size: UInt32(MemoryLayout<syx_audio_v1>.size), reserved: 0,
            converter: { _, from, to in
                guard let from, let to, let converter = AudioConverter(from: from.pointee, to: to.pointee) else {
                    return 0
                }
                return AudioService.converters.insert(converter)
            },
            convert: { _, handle, input, output in
                guard let input, let output, let converter = AudioService.converters.find(handle) else {
                    return syx_status(SYX_EINVAL)
                }
                return converter.convert(input, output)
            },
            converter_free: { _, handle in AudioService.converters.remove(handle) })
    }
}

/// One stream's conversion between 16-bit and float mono at two rates. One thread at a time, by contract.
private final class AudioConverter: @unchecked Sendable {
    private let from: syx_format
    private let to: syx_format
    private let resampler: Resampler?
    private var samples: [Int16] = []
    private var resampled: [Int16] = []

    init?(from: syx_format, to: syx_format) {
        let formats = [UInt32(SYX_FMT_S16), UInt32(SYX_FMT_F32)]
        let rates: ClosedRange<UInt32> = 4000...192_000
        guard formats.contains(from.format), formats.contains(to.format), from.channels == 1, to.channels == 1,
            rates.contains(from.rate), rates.contains(to.rate)
        else { return nil }
        self.from = from
        self.to = to
        if from.rate == to.rate {
            resampler = nil
        } else {
            guard let made = Resampler(from: Int(from.rate), to: Int(to.rate)) else { return nil }
            resampler = made
        }
    }

    func convert(_ input: UnsafePointer<syx_frame>, _ output: UnsafeMutablePointer<syx_frame>) -> syx_status {
        guard read(input.pointee) else { return syx_status(SYX_EINVAL) }
        resampled.removeAll(keepingCapacity: true)
        if let resampler {
            samples.withUnsafeBufferPointer { resampler.convert($0, into: &resampled) }
        } else {
            swap(&samples, &resampled)
        }
        return write(&output.pointee)
    }

    private func read(_ frame: syx_frame) -> Bool {
        samples.removeAll(keepingCapacity: true)
        let count = Int(frame.samples)
        let width = from.format == UInt32(SYX_FMT_S16) ? 2 : 4
        guard count <= 1 << 20, frame.bytes == count * width, frame.format == from.format, let data = frame.data else {
            return false
        }
        let bytes = UnsafeRawBufferPointer(start: data, count: frame.bytes)
        for index in 0..<count {
            if width == 2 {
                samples.append(bytes.loadUnaligned(fromByteOffset: index * 2, as: Int16.self))
            } else {
                let value = bytes.loadUnaligned(fromByteOffset: index * 4, as: Float.self)
                samples.append(value.isFinite ? Int16(max(-32768, min(32767, value * 32767))) : 0)
            }
        }
        return true
    }

    private func write(_ frame: inout syx_frame) -> syx_status {
        let width = to.format == UInt32(SYX_FMT_S16) ? 2 : 4
        let size = resampled.count * width
        guard frame.bytes >= size, let data = frame.data else { return syx_status(SYX_EINVAL) }
        let bytes = UnsafeMutableRawBufferPointer(start: data, count: size)
        for (index, sample) in resampled.enumerated() {
            if width == 2 {
                bytes.storeBytes(of: sample, toByteOffset: index * 2, as: Int16.self)
            } else {
                bytes.storeBytes(of: Float(sample) / 32768, toByteOffset: index * 4, as: Float.self)
            }
        }
        frame.bytes = size
        frame.samples = UInt32(resampled.count)
        (frame.format, frame.rate, frame.channels) = (to.format, to.rate, 1)
        return syx_status(SYX_OK)
    }
}
