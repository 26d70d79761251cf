// SPDX-License-Identifier: Apache-2.0

internal import SyrinxCore

/// The symbols that a shared object defines for others.
struct ELFSymbols {
    /// Majors of the entries that are exported, `1` for `syrinx_plugin_entry_1`.
    var entries: [Int] = []
    /// Other exported symbols that may bind to, or be bound by, symbols of the same name elsewhere; the first few.
    var interposable: [String] = []
    /// `STB_GNU_UNIQUE`: one in the whole process, whoever loads it; the first few.
    var unique: [String] = []

    static let entryPrefix = "syrinx_plugin_entry_"

    init() {}

    init(_ file: ELFBytes, _ table: ELFDynamicTable) throws(SyrinxError) {
        guard let address = table[.symbols] else { throw file.malformed("it has no table of symbols") }
        guard table[.symbolSize] ?? Self.entrySize == Self.entrySize else {
            throw file.malformed("its symbols have an impossible size")
        }
        let start = try table.offset(of: address)
        let count = try ELFSymbolCount.of(file, table)
        guard count <= file.count / Self.entrySize else { throw file.malformed("it has more symbols than bytes") }
        for index in 0..<count {
            let (position, overflow) = start.addingReportingOverflow(index * Self.entrySize)
            guard !overflow else { throw file.malformed("its table of symbols lies outside of the file") }
            try take(file, table, at: position)
        }
        entries.sort()
    }

    private mutating func take(
        _ file: ELFBytes, _ table: ELFDynamicTable, at position: UInt64
    ) throws(SyrinxError) {
        let info = try file.number(UInt8.self, at: position &+ 4, "a symbol")
        let visibility = try file.number(UInt8.self, at: position &+ 5, "a symbol") & 3
        let section = try file.number(UInt16.self, at: position &+ 6, "a symbol")
        let binding = info >> 4
        let isExported =
            section != 0 && binding != Self.local && visibility != Self.hidden && visibility != Self.internal
        guard isExported else { return }
        let name = try table.text(at: UInt64(try file.number(UInt32.self, at: position, "a symbol")))
        if binding == Self.gnuUnique, unique.count < Self.shown { unique.append(name) }
        if name.hasPrefix(Self.entryPrefix), let major = Int(name.dropFirst(Self.entryPrefix.count)) {
            entries.append(major)
        } else if visibility == Self.default, section != Self.absolute, !Self.marks.contains(name),
            interposable.count < Self.shown
        {
            interposable.append(name)
        }
    }

    /// What linkers define by themselves where nobody forbids it; no code refers to them.
    private static let marks: Set = ["_end", "_edata", "__bss_start", "_init", "_fini"]
    /// The section of the names of versions.
    private static let absolute: UInt16 = 0xFFF1
    private static let entrySize: UInt64 = 24
    private static let shown = 5
    private static let local: UInt8 = 0
    private static let gnuUnique: UInt8 = 10
    private static let `default`: UInt8 = 0
    private static let `internal`: UInt8 = 1
    private static let hidden: UInt8 = 2
}

/// The symbol table has no length of its own: the loader knows the hash tables, which know the last symbol.
enum ELFSymbolCount {
    static func of(_ file: ELFBytes, _ table: ELFDynamicTable) throws(SyrinxError) -> UInt64 {
        var count: UInt64 = 0
        if let address = table[.hash] {
            count = UInt64(try file.number(UInt32.self, at: try table.offset(of: address) &+ 4, "the hash table"))
        }
        if let address = table[.gnuHash] { count = max(count, try gnu(file, at: try table.offset(of: address))) }
        guard table[.hash] != nil || table[.gnuHash] != nil else { throw file.malformed("it has no hash table") }
        return count
    }

    /// Buckets hold the first symbol of a chain; a chain's last element has its lowest bit set.
    private static func gnu(_ file: ELFBytes, at start: UInt64) throws(SyrinxError) -> UInt64 {
        let bucketCount = UInt64(try file.number(UInt32.self, at: start, "the hash table"))
        let firstSymbol = UInt64(try file.number(UInt32.self, at: start &+ 4, "the hash table"))
        let bloomWords = UInt64(try file.number(UInt32.self, at: start &+ 8, "the hash table"))
        guard bucketCount <= file.count / 4, bloomWords <= file.count / 8 else {
            throw file.malformed("its hash table is larger than the file")
        }
        let buckets = start &+ 16 &+ bloomWords * 8
        var last: UInt64 = 0
        for bucket in 0..<bucketCount {
            last = max(last, UInt64(try file.number(UInt32.self, at: buckets &+ bucket * 4, "the hash table")))
        }
        guard last != 0 else { return firstSymbol }
        guard last >= firstSymbol else { throw file.malformed("its hash table is inconsistent") }
        let chains = buckets &+ bucketCount * 4
        while try file.number(UInt32.self, at: chains &+ (last - firstSymbol) * 4, "the hash table") & 1 == 0 {
            last += 1
        }
        return last + 1
    }
}
