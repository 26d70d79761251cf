// SPDX-License-Identifier: Apache-2.0

internal import SyrinxCore

/// The dynamic segment: tags and values for the loader.
struct ELFDynamicTable {
    enum Tag: UInt64 {
        case needed = 1
        case hash = 4
        case strings = 5
        case symbols = 6
        case stringsSize = 10
        case symbolSize = 11
        case rpath = 15
        case textRelocations = 22
        case runpath = 29
        case flags = 30
        case gnuHash = 0x6FFF_FEF5
        case flags1 = 0x6FFF_FFFB
        case auxiliary = 0x7FFF_FFFD
        case filter = 0x7FFF_FFFF
    }

    private let file: ELFBytes
    private let loaded: [ELFSegment]
    private var values: [Tag: [UInt64]] = [:]

    init(_ file: ELFBytes, _ segment: ELFSegment, _ segments: [ELFSegment]) throws(SyrinxError) {
        self.file = file
        loaded = segments.filter { $0.kind == ELFSegment.load }
        let start = try offset(of: segment.address)
        guard start == segment.offset, file.holds(Int(clamping: segment.fileSize), at: start) else {
            throw file.malformed("its dynamic segment is not where it is loaded")
        }
        var entries = 0
        for position in stride(from: start, to: start + segment.fileSize, by: 16) {
            let tag = try file.number(UInt64.self, at: position, "the dynamic segment")
            guard tag != 0 else { return }
            let value = try file.number(UInt64.self, at: position &+ 8, "the dynamic segment")
            if let known = Tag(rawValue: tag) { values[known, default: []].append(value) }
            entries += 1
            guard entries <= Self.maximumEntries else { break }
        }
        throw file.malformed("its dynamic segment has no end")
    }

    /// The value that counts: the loader keeps the last one.
    subscript(tag: Tag) -> UInt64? { values[tag]?.last }

    func texts(of tags: [Tag]) throws(SyrinxError) -> [String] {
        var texts: [String] = []
        for tag in tags {
            for offset in values[tag] ?? [] { texts.append(try text(at: offset)) }
        }
        return texts
    }

    func text(at offset: UInt64) throws(SyrinxError) -> String {
        try file.text(at: offset, in: try strings(), "a name")
    }

    /// Where the byte that is loaded at this address stands in the file.
    func offset(of address: UInt64) throws(SyrinxError) -> UInt64 {
        for segment in loaded {
            let (distance, below) = address.subtractingReportingOverflow(segment.address)
            if !below, distance < segment.fileSize { return segment.offset + distance }
        }
        throw file.malformed("it points to an address that is not loaded from it")
    }

    private func strings() throws(SyrinxError) -> Range<UInt64> {
        guard let address = self[.strings], let size = self[.stringsSize] else {
            throw file.malformed("it has no table of names")
        }
        let start = try offset(of: address)
        let (end, overflow) = start.addingReportingOverflow(size)
        guard !overflow, end <= file.count else { throw file.malformed("its table of names lies outside of the file") }
        return start..<end
    }

    private static let maximumEntries = 4096
}
