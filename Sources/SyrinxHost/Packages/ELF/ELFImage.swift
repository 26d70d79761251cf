// SPDX-License-Identifier: Apache-2.0

internal import SyrinxCore

/// What a shared object says to the loader: read from its program headers and its dynamic segment, as the loader does,
/// not from its section headers, which the loader ignores.
struct ELFImage {
    var type: UInt16
    var machine: UInt16
    var segments: [ELFSegment]
    /// Libraries that the loader would load with it, in order.
    var needed: [String] = []
    /// `DT_RPATH` and `DT_RUNPATH`, split at the colons.
    var searchPaths: [String] = []
    var hasTextRelocations = false
    /// Linked as a program, not as a library.
    var isProgram = false
    var symbols = ELFSymbols()

    /// - Throws: `plugin.elf.malformed`, `plugin.elf.wrong_machine`.
    init(_ bytes: [UInt8], place: String) throws(SyrinxError) {
        let file = ELFBytes(bytes, place: place)
        try Self.checkIdentity(file)
        type = try file.number(UInt16.self, at: 16, "the header")
        machine = try file.number(UInt16.self, at: 18, "the header")
        try Self.checkEnd(file)
        segments = try ELFSegment.all(of: file)
        guard let dynamic = segments.first(where: { $0.kind == ELFSegment.dynamic }) else {
            throw file.malformed("it has no dynamic segment: a program or an object file, not a library")
        }
        let table = try ELFDynamicTable(file, dynamic, segments)
        hasTextRelocations = table[.textRelocations] != nil || (table[.flags] ?? 0) & 4 != 0
        isProgram = (table[.flags1] ?? 0) & 0x0800_0000 != 0
        needed = try table.texts(of: [.needed, .auxiliary, .filter])
        searchPaths = try table.texts(of: [.rpath, .runpath]).flatMap {
            $0.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        }
        symbols = try ELFSymbols(file, table)
    }

    /// The section headers, which the loader ignores, stand last: half a copy lacks them.
    private static func checkEnd(_ file: ELFBytes) throws(SyrinxError) {
        let start = try file.number(UInt64.self, at: 40, "the header")
        let size = Int(try file.number(UInt16.self, at: 58, "the header"))
        let count = Int(try file.number(UInt16.self, at: 60, "the header"))
        guard start == 0 || file.holds(size * count, at: start) else {
            throw file.malformed("its end is missing: only a part of it is there")
        }
    }

    /// `e_ident`: 64 bits, little-endian, version 1.
    private static func checkIdentity(_ file: ELFBytes) throws(SyrinxError) {
        let magic = try file.number(UInt32.self, at: 0, "the header")
        guard magic == 0x464C_457F else { throw file.malformed("it is no ELF file") }
        let kind = try file.number(UInt32.self, at: 4, "the header") & 0xFFFFFF
        guard kind == 0x01_0102 else {
            throw SyrinxError(
                "plugin.elf.wrong_machine", "it is not for 64-bit little-endian machines",
                fix: "build it for this machine", place: file.place)
        }
    }
}

/// An entry of the program header table.
struct ELFSegment {
    static let load: UInt32 = 1
    static let dynamic: UInt32 = 2
    static let stack: UInt32 = 0x6474_E551

    var kind: UInt32
    var flags: UInt32
    var offset: UInt64
    var address: UInt64
    var fileSize: UInt64

    var isExecutable: Bool { flags & 1 != 0 }
    var isWritable: Bool { flags & 2 != 0 }

    private static let entrySize: UInt16 = 56
    private static let maximumCount: UInt16 = 512

    static func all(of file: ELFBytes) throws(SyrinxError) -> [ELFSegment] {
        let start = try file.number(UInt64.self, at: 32, "the header")
        let size = try file.number(UInt16.self, at: 54, "the header")
        let count = try file.number(UInt16.self, at: 56, "the header")
        guard size == entrySize, (1...maximumCount).contains(count),
            !start.addingReportingOverflow(UInt64(count) * UInt64(entrySize)).overflow
        else { throw file.malformed("its program headers have an impossible size or number") }
        var segments: [ELFSegment] = []
        for index in 0..<UInt64(count) {
            segments.append(try ELFSegment(file, at: start + index * UInt64(entrySize)))
        }
        try checkOrder(segments.filter { $0.kind == load }, file)
        return segments
    }

    private init(_ file: ELFBytes, at start: UInt64) throws(SyrinxError) {
        kind = try file.number(UInt32.self, at: start, "a program header")
        flags = try file.number(UInt32.self, at: start &+ 4, "a program header")
        offset = try file.number(UInt64.self, at: start &+ 8, "a program header")
        address = try file.number(UInt64.self, at: start &+ 16, "a program header")
        fileSize = try file.number(UInt64.self, at: start &+ 32, "a program header")
    }

    /// Segments that overlap would let the loader see other bytes than this reader does.
    private static func checkOrder(_ loaded: [ELFSegment], _ file: ELFBytes) throws(SyrinxError) {
        var last: UInt64 = 0
        for segment in loaded {
            let (end, overflow) = segment.address.addingReportingOverflow(segment.fileSize)
            let (fileEnd, fileOverflow) = segment.offset.addingReportingOverflow(segment.fileSize)
            guard !overflow, !fileOverflow, segment.address >= last, fileEnd <= file.count else {
                throw file.malformed("its segments overlap, are out of order, or lie outside of the file")
            }
            last = end
        }
    }
}
