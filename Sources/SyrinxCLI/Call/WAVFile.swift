// SPDX-License-Identifier: Apache-2.0

internal import Foundation
package import SyrinxAudio
package import SyrinxCore

/// A WAV file on disk, written while the call lasts.
package final class WAVFile {
    private static let largest = 1 << 30

    private let path: String
    private let handle: FileHandle
    private var encoder: WAVEncoder

    /// - Throws: `file.not_writable`.
    package init(creating path: String, rate: Int) throws(SyrinxError) {
        self.path = path
        encoder = WAVEncoder(rate: rate)
        guard FileManager.default.createFile(atPath: path, contents: Data(encoder.opening)),
            let handle = FileHandle(forWritingAtPath: path)
        else {
            throw SyrinxError(
                "file.not_writable", "the file cannot be created", fix: "choose a folder that exists and is yours",
                place: path)
        }
        self.handle = handle
        handle.seekToEndOfFile()
    }

    package func append(_ samples: [Int16]) throws(SyrinxError) { try write(encoder.encode(samples), at: nil) }

    /// Puts the true length into the header.
    package func finish() throws(SyrinxError) {
        try write(encoder.header, at: 0)
        try? handle.close()
    }

    private func write(_ bytes: [UInt8], at offset: UInt64?) throws(SyrinxError) {
        do {
            if let offset { try handle.seek(toOffset: offset) }
            try handle.write(contentsOf: Data(bytes))
        } catch {
            throw SyrinxError("file.not_writable", error.localizedDescription, fix: "is the disk full?", place: path)
        }
    }

    /// - Throws: `file.not_readable`, `wav.*`.
    package static func read(_ path: String) throws(SyrinxError) -> WAVAudio {
        guard let handle = FileHandle(forReadingAtPath: path), let data = try? handle.read(upToCount: largest) else {
            throw SyrinxError("file.not_readable", "the file cannot be read", fix: "check the path", place: path)
        }
        do {
            return try WAVReader.read(Array(data))
        } catch {
            throw SyrinxError(
                error.code.rawValue, error.message, fix: "use a WAV file of 16-bit PCM, mono or stereo",
                place: "\(path):\(error.offset)")
        }
    }

    package static func write(_ audio: WAVAudio, to path: String) throws(SyrinxError) {
        let file = try WAVFile(creating: path, rate: audio.rate)
        try file.append(audio.samples)
        try file.finish()
    }
}
