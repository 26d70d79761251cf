// SPDX-License-Identifier: Apache-2.0

import Dispatch
import Foundation
import Synchronization
import SyrinxAudio
import SyrinxCore

@testable import SyrinxStore

/// A recording at 8 kHz on a queue that the test can stop and wait for.
final class RecordingHarness {
    let queue = DispatchQueue(label: "test.recordings")
    let results = Results()
    let writer: RecordingWriter

    final class Results: Sendable {
        private let list = Mutex<[RecordingResult]>([])
        func add(_ result: RecordingResult) { list.withLock { $0.append(result) } }
        var all: [RecordingResult] { list.withLock { $0 } }
    }

    init(
        limits: RecordingLimits = RecordingLimits(), isStopped: Bool = false,
        sink: @escaping @Sendable () -> (any RecordingSink)?
    ) {
        let results = results
        if isStopped { queue.suspend() }
        writer = RecordingWriter(
            rate: 8000, limits: limits, at: .zero, queue: queue, onEnd: { results.add($0) }, sink: sink)
    }

    convenience init(file: RecordingFile, limits: RecordingLimits = RecordingLimits(), isStopped: Bool = false) {
        self.init(limits: limits, isStopped: isStopped) { file.create().map(RecordingFileSink.init) }
    }

    static func at(_ milliseconds: Int) -> Instant { .zero + .milliseconds(milliseconds) }

    /// Both sides talk, in frames of 20 ms.
    func talk(from start: Int, to end: Int, caller: Int16 = 1, agent: Int16 = 2) {
        let left = [Int16](repeating: caller, count: 160), right = [Int16](repeating: agent, count: 160)
        for now in stride(from: start, to: end, by: 20) {
            right.withUnsafeBufferPointer { writer.agent($0, at: Self.at(now)) }
            left.withUnsafeBytes { writer.caller($0, at: Self.at(now + 20)) }
        }
    }

    func wait() { queue.sync {} }
}

/// Reads a stereo file for what it is, not only what its header says.
struct StereoFile {
    var bytes: [UInt8]

    init(_ path: String) { bytes = Array(FileManager.default.contents(atPath: path) ?? Data()) }

    var isReadable: Bool { (try? WAVReader.read(bytes)) != nil }
    /// Bytes of audio by the header.
    var dataSize: Int { (0..<4).reduce(0) { $0 | Int(bytes[40 + $1]) << (8 * $1) } }
    var frames: Int { dataSize / 4 }

    func samples(_ channel: Int) -> [Int16] {
        stride(from: 44 + channel * 2, to: 44 + dataSize, by: 4).map {
            Int16(bitPattern: UInt16(bytes[$0]) | UInt16(bytes[$0 + 1]) << 8)
        }
    }
}
