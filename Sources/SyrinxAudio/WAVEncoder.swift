// SPDX-License-Identifier: Apache-2.0

/// Writes a WAV file of 16-bit mono audio as a stream: ``opening`` first, then ``encode(_:)`` for each piece, and at
/// the end ``header`` over the first bytes. Cut off in between, the file still reads: its size says "to the end".
package struct WAVEncoder: Sendable {
    package static let headerSize = 44

    private let rate: Int
    private var dataBytes = 0

    /// - Parameter rate: Hz.
    package init(rate: Int) { self.rate = rate }

    /// The header for as long as the length is unknown.
    package var opening: [UInt8] { header(dataSize: .max) }

    /// The header for what was encoded so far.
    package var header: [UInt8] { header(dataSize: UInt32(clamping: dataBytes)) }

    package mutating func encode(_ samples: some Collection<Int16>) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(samples.count * 2)
        for sample in samples { bytes.append(littleEndian: UInt16(bitPattern: sample)) }
        dataBytes += bytes.count
        return bytes
    }

    private func header(dataSize: UInt32) -> [UInt8] {
        let rest = UInt32(Self.headerSize - 8)
        var bytes = Array("RIFF".utf8)
        bytes.append(littleEndian: dataSize > .max - rest ? .max : dataSize + rest)
        bytes += Array("WAVEfmt ".utf8)
        bytes.append(littleEndian: UInt32(16))
        bytes.append(littleEndian: UInt16(1))
        bytes.append(littleEndian: UInt16(1))
        bytes.append(littleEndian: UInt32(clamping: rate))
        bytes.append(littleEndian: UInt32(clamping: rate * 2))
        bytes.append(littleEndian: UInt16(2))
        bytes.append(littleEndian: UInt16(16))
        bytes += Array("data".utf8)
        bytes.append(littleEndian: dataSize)
        return bytes
    }
}

extension [UInt8] {
    fileprivate mutating func append(littleEndian value: some FixedWidthInteger) {
        Swift.withUnsafeBytes(of: value.littleEndian) { append(contentsOf: $0) }
    }
}
