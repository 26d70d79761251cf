// SPDX-License-Identifier: Apache-2.0

import Foundation
import SyrinxCore
import Testing

@testable import SyrinxStore

/// Memory that fails after so many bytes, or at the Nth write, as a disk would.
private final class FailingSink: RecordingSink, @unchecked Sendable {
    var bytes: [UInt8] = []
    var writes = 0
    private let room: Int
    private let failing: Int
    private let fault: Int32

    init(room: Int = .max, failing: Int = .max, fault: Int32) {
        self.room = room
        self.failing = failing
        self.fault = fault
    }

    func write(_ new: UnsafeRawBufferPointer, at offset: Int64) -> (written: Int, fault: Int32) {
        writes += 1
        let start = Int(offset)
        let count = writes >= failing ? min(new.count, 1001) : min(new.count, max(0, room - start))
        // A failed write may have left a part, but not within bytes that were there.
        let kept = start < bytes.count ? new.count : count
        if bytes.count < start + kept { bytes += [UInt8](repeating: 0, count: start + kept - bytes.count) }
        for index in 0..<kept { bytes[start + index] = new[index] }
        return kept == new.count && writes < failing ? (kept, 0) : (kept, fault)
    }

    func truncate(to size: Int64) { bytes.removeLast(max(0, bytes.count - Int(size))) }
    func close() {}

    var file: StereoFile {
        var file = StereoFile("/dev/null")
        file.bytes = bytes
        return file
    }
}

@Suite("Recordings on a disk that fails")
struct RecordingFaultTests {
    @Test(arguments: [44, 45, 10_001, 32_044, 77_777, 99_999])
    func `on a full disk it ends at a whole frame`(room: Int) {
        let sink = FailingSink(room: room, fault: ENOSPC)
        let call = RecordingHarness { sink }
        call.talk(from: 0, to: 6000)
        call.writer.ended(at: RecordingHarness.at(6000))
        call.wait()
        let kept = (room - 44) / 4 * 4
        #expect(
            call.results.all == [
                RecordingResult(reason: .diskFull, duration: Int64(kept / 32), bytes: Int64(44 + kept))
            ])
        #expect(sink.bytes.count == 44 + kept && sink.file.dataSize == kept && sink.file.isReadable)
    }

    /// The first failure, the second, and so on until none is met.
    @Test func `whichever write fails, what is left can be read`() {
        var failing = 1
        while failing < 100 {
            let sink = FailingSink(failing: failing, fault: EIO)
            let call = RecordingHarness { sink }
            call.talk(from: 0, to: 4000)
            call.writer.ended(at: RecordingHarness.at(4000))
            call.wait()
            #expect(call.results.all.count == 1)
            guard call.results.all.first?.reason == .ioError else { break }
            #expect(sink.file.isReadable && sink.bytes.count == 44 + sink.file.dataSize, "write \(failing)")
            failing += 1
        }
        #expect((5..<100).contains(failing))
    }

    @Test(.enabled(if: TinyDisk.isPossible)) func `a real disk that is full`() throws {
        let disk = try TinyDisk()
        defer { disk.unmount() }
        let file = try #require(
            RecordingFile(folder: disk.path, tenant: "acme", session: "s1", startedAt: noon))
        let call = RecordingHarness(file: file)
        call.talk(from: 0, to: 10_000)
        call.writer.ended(at: RecordingHarness.at(10_000))
        call.wait()
        let result = try #require(call.results.all.first)
        #expect(result.reason == .diskFull && result.bytes > 32_000)
        let wav = StereoFile(file.path)
        #expect(wav.isReadable && wav.bytes.count == Int(result.bytes) && wav.bytes.count == 44 + wav.dataSize)
        #expect(wav.samples(0).allSatisfy { $0 == 1 })
    }
}
