// SPDX-License-Identifier: Apache-2.0

/// Why bytes are not a WAV file that can be read, with the place.
package struct WAVError: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Code: String, Sendable, CaseIterable {
        case notRIFF = "wav.not_riff"
        case truncated = "wav.truncated"
        case noFormat = "wav.no_format"
        case noData = "wav.no_data"
        case unsupported = "wav.unsupported"
        case invalidFormat = "wav.invalid_format"
    }

    package var code: Code
    /// One sentence.
    package var message: String
    /// Offset of the first byte that is wrong.
    package var offset: Int

    package init(_ code: Code, _ message: String, offset: Int) {
        self.code = code
        self.message = message
        self.offset = offset
    }

    package var description: String { "\(code.rawValue): \(message) (byte \(offset))" }
}
