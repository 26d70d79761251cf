// SPDX-License-Identifier: Apache-2.0

internal import Foundation
internal import Synchronization
internal import SyrinxCore

/// Where the agent's voice goes: nowhere, a WAV file, or the standard output.
final class ConsoleSpeaker: Sendable {
    private enum Place {
        case nowhere
        case file(WAVFile)
        case output
    }

    private let place: Mutex<Place>

    /// - Throws: `file.not_writable`.
    init(_ name: String?, rate: Int) throws(SyrinxError) {
        switch name {
        case nil: place = Mutex(.nowhere)
        case "-": place = Mutex(.output)
        case let path?:
            let file = try WAVFile(creating: path, rate: rate)
            place = Mutex(.file(file))
        }
    }

    func play(_ samples: [Int16]) throws(SyrinxError) {
        guard !samples.isEmpty else { return }
        try place.withLock { place throws(SyrinxError) in
            switch place {
            case .nowhere: break
            case .file(let file): try file.append(samples)
            case .output:
                let bytes = samples.withUnsafeBytes { Data($0) }
                do {
                    try FileHandle.standardOutput.write(contentsOf: bytes)
                } catch {
                    throw SyrinxError("file.not_writable", "the standard output takes no more")
                }
            }
        }
    }

    func finish() throws(SyrinxError) {
        try place.withLock { place throws(SyrinxError) in
            if case .file(let file) = place { try file.finish() }
        }
    }
}
