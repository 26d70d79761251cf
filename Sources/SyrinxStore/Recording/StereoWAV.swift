// SPDX-License-Identifier: Apache-2.0

/// The header of a WAV file of 16-bit stereo (RIFF, one `fmt ` and one `data` chunk).
enum StereoWAV {
    static let headerSize = 44
    static let frameSize = 4
    /// What the header's sizes can say.
    static let maximumDataSize = Int64(UInt32.max) - Int64(headerSize)

    /// - Parameter dataSize: bytes of audio, at most ``maximumDataSize``.
    static func header(rate: Int, dataSize: Int64) -> [UInt8] {
        let size = UInt32(clamping: min(dataSize, maximumDataSize))
        let rate = UInt32(clamping: rate)
        var bytes = Array("RIFF".utf8)
        bytes.append(littleEndian: size + UInt32(headerSize - 8))
        bytes += Array("WAVEfmt ".utf8)
        bytes.append(littleEndian: UInt32(16))
        bytes.append(littleEndian: UInt16(1))
        bytes.append(littleEndian: UInt16(2))
        bytes.append(littleEndian: rate)
        bytes.append(littleEndian: rate.multipliedReportingOverflow(by: UInt32(frameSize)).partialValue)
        bytes.append(littleEndian: UInt16(frameSize))
        bytes.append(littleEndian: UInt16(16))
        bytes += Array("data".utf8)
        bytes.append(littleEndian: size)
        return bytes
    }
}

extension [UInt8] {
    fileprivate mutating func append(littleEndian value: some FixedWidthInteger) {
        Swift.withUnsafeBytes(of: value.littleEndian) { append(contentsOf: $0) }
    }
}
