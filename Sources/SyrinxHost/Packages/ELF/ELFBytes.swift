// SPDX-License-Identifier: Apache-2.0

internal import SyrinxCore

/// The bytes of a file that may be anything. Every read is checked against the end, and no sum of offsets can overflow.
struct ELFBytes {
    private let bytes: [UInt8]
    /// Where the file is, for errors.
    let place: String

    init(_ bytes: [UInt8], place: String) {
        self.bytes = bytes
        self.place = place
    }

    var count: UInt64 { UInt64(bytes.count) }

    /// A little-endian number.
    func number<Number: FixedWidthInteger & UnsignedInteger>(
        _ type: Number.Type, at offset: UInt64, _ what: StaticString
    ) throws(SyrinxError) -> Number {
        let size = Number.bitWidth / 8
        guard holds(size, at: offset), var index = Int(exactly: offset) else { throw outside(what) }
        index += size
        var value: Number = 0
        for byte in bytes[(index - size)..<index].reversed() { value = value << 8 | Number(byte) }
        return value
    }

    /// The text up to its NUL, inside a string table.
    func text(at offset: UInt64, in table: Range<UInt64>, _ what: StaticString) throws(SyrinxError) -> String {
        let (start, overflow) = table.lowerBound.addingReportingOverflow(offset)
        guard !overflow, start < table.upperBound, table.upperBound <= count, let first = Int(exactly: start),
            let last = Int(exactly: table.upperBound)
        else { throw outside(what) }
        let characters = bytes[first..<min(last, first + Self.longestText)].prefix { $0 != 0 }
        guard characters.count < min(last - first, Self.longestText) else { throw outside(what) }
        return String(decoding: characters, as: UTF8.self)
    }

    /// Whether so many bytes are there.
    func holds(_ size: Int, at offset: UInt64) -> Bool {
        let (end, overflow) = offset.addingReportingOverflow(UInt64(size))
        return !overflow && end <= count
    }

    func malformed(_ message: String) -> SyrinxError {
        SyrinxError("plugin.elf.malformed", message, fix: "build the plugin again, copy it again", place: place)
    }

    private func outside(_ what: StaticString) -> SyrinxError { malformed("\(what) lies outside of the file") }

    /// Longer than every name that a linker was seen to write; Swift's are long.
    private static let longestText = 1 << 16
}
