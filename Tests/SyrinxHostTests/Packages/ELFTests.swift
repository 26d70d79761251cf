// SPDX-License-Identifier: Apache-2.0

import Foundation
import SyrinxCore
import SyrinxHost
import SyrinxTestKit
import Testing

@Suite("Shared objects before they are loaded") struct ELFTests {
    static let entry = """
        __attribute__((visibility("default"))) const void *syrinx_plugin_entry_1(void) { return 0; }

        """

    @Test func `a plugin built with the header and cc passes`() {
        let report = ELFReport(of: SharedObjects.good, place: "plugin.so")
        #expect(report.findings.isEmpty)
        #expect(report.needed == ["libc.so.6"])
    }

    struct Flaw: CustomTestStringConvertible, Sendable {
        var code: String
        var arguments: [String] = []
        var source = ""
        var compiler = "cc"
        var testDescription: String { code }
    }

    static let flaws = [
        Flaw(code: "plugin.load.no_entry", arguments: ["-Dsyrinx_plugin_entry_1=other"]),
        Flaw(
            code: "plugin.elf.extra_symbol",
            source: "__attribute__((visibility(\"default\"))) int compress(void) { return 1; }"),
        Flaw(code: "plugin.elf.extra_symbol", source: "__attribute__((visibility(\"default\"))) int shared_state;"),
        Flaw(code: "plugin.elf.executable_stack", arguments: ["-Wl,-z,execstack"]),
        Flaw(
            code: "plugin.elf.text_relocations", arguments: ["-Wl,-z,notext"],
            source: "int x; __asm__(\".text\\n.quad x\\n\");"),
        Flaw(code: "plugin.elf.search_path", arguments: ["-Wl,-rpath,/tmp/libraries"]),
        Flaw(code: "plugin.elf.search_path", arguments: ["-Wl,-rpath,libraries"]),
        Flaw(code: "plugin.elf.search_path", arguments: ["-Wl,--disable-new-dtags,-rpath,/usr/../tmp"]),
        Flaw(code: "plugin.elf.not_a_library", arguments: ["-pie"], source: "int main(void) { return 0; }"),
        Flaw(code: "plugin.elf.malformed", arguments: ["-c", "-fno-lto"]),
    ]

    @Test(arguments: flaws) func `a flaw is seen without running anything`(flaw: Flaw) throws {
        let isProgram = flaw.code == "plugin.elf.not_a_library"
        var arguments = flaw.arguments
        if isProgram { arguments += ["-fPIE", "-Wl,--export-dynamic-symbol=syrinx_plugin_entry_1"] }
        let bytes = SharedObjects.built(arguments, source: Self.entry + flaw.source + "\n")
        try #require(!bytes.isEmpty)
        let report = ELFReport(of: bytes, place: "plugin.so")
        #expect(report.refusal?.code == flaw.code, "\(report.findings)")
        #expect(report.refusal?.place == "plugin.so" && report.refusal?.fix != nil)
    }

    @Test func `symbols that are unique in the process are refused`() throws {
        let source = """
            extern "C" __attribute__((visibility("default"))) const void *syrinx_plugin_entry_1() { return 0; }
            struct __attribute__((visibility("default"))) State { static inline int count = 0; };
            int next() { return ++State::count; }
            """
        let bytes = SharedObjects.built(["-std=c++20"], source: source, compiler: "g++")
        try #require(!bytes.isEmpty)
        let codes = ELFReport(of: bytes, place: "f").findings.map(\.error.code)
        #expect(codes.contains("plugin.elf.unique_symbol"))
    }

    @Test func `an absolute search path is shown, not refused`() {
        let bytes = SharedObjects.built(["-Wl,-rpath,/opt/swift/usr/lib:$ORIGIN/lib"])
        let report = ELFReport(of: bytes, place: "f")
        #expect(report.refusal == nil && report.warnings.map(\.code) == ["plugin.elf.search_path"])
    }

    @Test func `protected symbols pass: nothing can come between them and their image`() {
        let source = Self.entry + "__attribute__((visibility(\"protected\"))) int metadata = 1;\n"
        #expect(ELFReport(of: SharedObjects.built([], source: source), place: "f").refusal == nil)
    }

    @Test(arguments: [["-fuse-ld=gold"], ["-fuse-ld=bfd"]]) func `a linker's own marks are no symbols`(linker: [String])
    {
        let bytes = SharedObjects.built(linker)
        #expect(ELFReport(of: bytes, place: "f").findings.isEmpty)
    }

    @Test func `a library by its path is refused`() throws {
        var bytes = SharedObjects.good
        let name = Array("libc.so.6".utf8)
        let at = try #require(bytes.indices.first { bytes[$0...].starts(with: name) })
        bytes[at + 1] = UInt8(ascii: "/")
        #expect(ELFReport(of: bytes, place: "f").refusal?.code == "plugin.elf.needed_path")
    }

    @Test func `code that can be written is refused`() throws {
        var bytes = SharedObjects.good
        // Program headers begin at 64 and have 56 bytes: kind, then flags.
        let header = try #require(
            (0..<Int(bytes[56])).map { 64 + 56 * $0 }.first { bytes[$0] == 1 && bytes[$0 + 4] & 1 == 1 })
        bytes[header + 4] |= 2
        #expect(ELFReport(of: bytes, place: "f").refusal?.code == "plugin.elf.writable_code")
    }

    @Test(arguments: [(4, 1), (5, 2), (18, 8)]) func `another machine's file is refused`(at: Int, value: Int) {
        var bytes = SharedObjects.good
        bytes[at] = UInt8(value)
        #expect(ELFReport(of: bytes, place: "f").refusal?.code == "plugin.elf.wrong_machine")
    }

    @Test(arguments: [1, 64, 4000]) func `half a copy is not taken for a plugin`(missing: Int) {
        let report = ELFReport(of: Array(SharedObjects.good.dropLast(missing)), place: "f")
        #expect(report.refusal?.code == "plugin.elf.malformed")
    }

    @Test func `no file makes the reader trap`() {
        var random = SplitMix64(seed: 7)
        let original = SharedObjects.good
        let interesting: [UInt64] = [
            0, 1, .max, 1 << 63, 1 << 31, 1 << 32, UInt64(original.count), 0x7FFF_FFFF_FFFF_FFFF,
        ]
        var refused = 0
        for _ in 0..<6000 {
            var bytes = original
            if random.next() % 8 == 0 { bytes.removeLast(Int(random.next() % UInt64(bytes.count + 1))) }
            for _ in 0...random.next() % 4 where bytes.count > 8 {
                // Most of what the reader looks at is at the front: headers, hash table, symbols.
                let span = random.next() % 3 == 0 ? bytes.count : min(bytes.count, 2048)
                let at = Int(random.next() % UInt64(span - 7))
                let value = random.next() % 2 == 0 ? interesting[Int(random.next() % 8)] : random.next()
                for index in 0..<Int(random.next() % 9) {
                    bytes[at + index] = UInt8(truncatingIfNeeded: value >> (8 * index))
                }
            }
            refused += ELFReport(of: bytes, place: "f").refusal == nil ? 0 : 1
        }
        #expect(refused > 1000)
        for length in 0..<256 { _ = ELFReport(of: Array(original.prefix(length)), place: "f") }
        #expect(ELFReport(of: [], place: "f").refusal?.code == "plugin.elf.malformed")
    }

    @Test func `mutations of the dynamic segment make no trap either`() throws {
        var random = SplitMix64(seed: 8)
        let original = SharedObjects.good
        // DT_NEEDED and DT_STRTAB side by side mark the segment well enough: look for the tag of DT_GNU_HASH.
        let tag: [UInt8] = [0xF5, 0xFE, 0xFF, 0x6F, 0, 0, 0, 0]
        let at = try #require(
            stride(from: 0, to: original.count - 8, by: 8).first { original[$0...].starts(with: tag) })
        for _ in 0..<4000 {
            var bytes = original
            for _ in 0...random.next() % 3 {
                let position = at - 128 + 8 * Int(random.next() % 64)
                let value = random.next() % 2 == 0 ? random.next() % 0x6000 : random.next()
                guard position >= 0, position + 8 <= bytes.count else { continue }
                for index in 0..<8 { bytes[position + index] = UInt8(truncatingIfNeeded: value >> (8 * index)) }
            }
            _ = ELFReport(of: bytes, place: "f")
        }
    }

    @Test(.enabled(if: built != nil)) func `a large Swift plugin makes no trap either`() throws {
        var random = SplitMix64(seed: 9)
        let folder = try #require(Self.built)
        let original = Array(try Data(contentsOf: URL(filePath: "\(folder)/mock/plugin.so")))
        for _ in 0..<300 {
            var bytes = original
            for _ in 0..<8 {
                let at = Int(random.next() % UInt64(min(bytes.count, 20_000)))
                bytes[at] = UInt8(truncatingIfNeeded: random.next())
            }
            _ = ELFReport(of: bytes, place: "f")
        }
    }

    static let built = ProcessInfo.processInfo.environment["SYRINX_PLUGINS"]

    @Test(.enabled(if: built != nil)) func `every plugin of this repository passes`() throws {
        let folder = try #require(Self.built)
        let names = try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
        for name in names where FileManager.default.fileExists(atPath: "\(folder)/\(name)/plugin.json") {
            let package = try PackageVerifier().examine(folder: "\(folder)/\(name)")
            #expect(package.trust.level == .unsigned)
        }
        #expect(!names.isEmpty)
    }
}
