// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// The end of a recording that faces the disk. Used on the recordings' queue alone: hence `@unchecked`.
final class RecordingDisk: @unchecked Sendable {
    private let rate: Int
    private let maximumData: Int64
    private let onEnd: @Sendable (RecordingResult) -> Void
    private var timeline: StereoTimeline
    /// Makes the sink when something is to be written; nil from then on.
    private var make: (() -> (any RecordingSink)?)?
    private var sink: (any RecordingSink)?
    private var dataSize: Int64 = 0
    private var hasEnded = false

    init(
        rate: Int, maximumBytes: Int64, onEnd: @escaping @Sendable (RecordingResult) -> Void,
        sink make: @escaping () -> (any RecordingSink)?
    ) {
        self.make = make
        self.rate = rate
        let data = min(maximumBytes, StereoWAV.maximumDataSize) - Int64(StereoWAV.headerSize)
        maximumData = max(0, data / Int64(StereoWAV.frameSize) * Int64(StereoWAV.frameSize))
        self.onEnd = onEnd
        timeline = StereoTimeline(rate: rate)
    }

    private func open() {
        guard let make else { return }
        self.make = nil
        sink = make()
        guard sink != nil else {
            return end(errno == ENOSPC ? .diskFull : errno == EIO ? .ioError : .refused)
        }
        let fault = writeHeader()
        if fault != 0 { end(Self.reason(fault)) }
    }

    func write(_ block: RecordingBlock) {
        open()
        guard !hasEnded else { return }
        var now: Int64 = 0
        for entry in block.entries {
            now = entry.position
            switch entry.kind {
            case .caller: timeline.caller(block.samples[entry.samples], at: now)
            case .agent: timeline.agent(block.samples[entry.samples], at: now)
            case .clear: timeline.clear(at: now)
            }
        }
        writeAll { $0.take(upTo: now) }
        guard !hasEnded else { return }
        let fault = writeHeader()
        if fault != 0 { end(Self.reason(fault)) }
    }

    func finish(at position: Int64, _ reason: RecordingResult.Reason) {
        open()
        guard !hasEnded else { return }
        writeAll { $0.finish(at: position) }
        end(reason)
    }

    private func writeAll(_ take: (inout StereoTimeline) -> [Int16]) {
        while !hasEnded {
            let frames = take(&timeline)
            guard !frames.isEmpty else { return }
            write(frames)
        }
    }

    /// A file is little-endian, as every machine is that we run on.
    private func write(_ frames: [Int16]) {
        let room = Int(clamping: maximumData - dataSize)
        let (written, fault, isWhole) = frames.withUnsafeBytes { bytes in
            let part = UnsafeRawBufferPointer(rebasing: bytes.prefix(room))
            let (written, fault) = sink?.write(part, at: Int64(StereoWAV.headerSize) + dataSize) ?? (0, EBADF)
            return (written, fault, part.count == bytes.count)
        }
        dataSize += Int64(written / StereoWAV.frameSize * StereoWAV.frameSize)
        if fault != 0 {
            end(Self.reason(fault))
        } else if !isWhole {
            end(.tooLarge)
        }
    }

    /// After the audio that it speaks of.
    private func writeHeader() -> Int32 {
        StereoWAV.header(rate: rate, dataSize: dataSize).withUnsafeBytes { sink?.write($0, at: 0).fault ?? EBADF }
    }

    /// What is beyond the last whole frame goes. The header lies in bytes that the file has already.
    private func end(_ reason: RecordingResult.Reason) {
        guard !hasEnded else { return }
        hasEnded = true
        sink?.truncate(to: Int64(StereoWAV.headerSize) + dataSize)
        _ = writeHeader()
        sink?.close()
        let hasFile = sink != nil
        sink = nil
        let milliseconds = dataSize / Int64(StereoWAV.frameSize) * 1000 / Int64(rate)
        onEnd(
            RecordingResult(
                reason: reason, duration: milliseconds, bytes: hasFile ? Int64(StereoWAV.headerSize) + dataSize : 0))
    }

    private static func reason(_ fault: Int32) -> RecordingResult.Reason {
        fault == ENOSPC || fault == EDQUOT ? .diskFull : .ioError
    }
}
