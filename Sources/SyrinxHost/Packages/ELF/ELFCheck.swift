// SPDX-License-Identifier: Apache-2.0

package import SyrinxCore

/// What is seen of a shared object before any of its code runs.
package struct ELFReport: Sendable, Hashable {
    /// Something about the file: an error refuses it, a warning is shown.
    package struct Finding: Sendable, Hashable {
        package var refuses: Bool
        package var error: SyrinxError
    }

    /// Libraries that the loader would load with it.
    package var needed: [String]
    /// What refuses comes first.
    package var findings: [Finding]

    /// Reads the file's bytes. Never traps, whatever they are.
    package init(of bytes: [UInt8], place: String) {
        do {
            let image = try ELFImage(bytes, place: place)
            needed = image.needed
            findings = ELFCheck(image: image, place: place).findings().sorted { $0.refuses && !$1.refuses }
        } catch {
            needed = []
            findings = [Finding(refuses: true, error: error)]
        }
    }

    /// Why the file is refused, if it is.
    package var refusal: SyrinxError? { findings.first(where: \.refuses)?.error }

    package var warnings: [SyrinxError] { findings.filter { !$0.refuses }.map(\.error) }
}

/// The rules, and which of them refuse.
private struct ELFCheck {
    let image: ELFImage
    let place: String

    func findings() -> [ELFReport.Finding] { kind() + symbols() + memory() + libraries() }

    private func kind() -> [ELFReport.Finding] {
        guard image.machine == Self.thisMachine else {
            return [
                refusal(
                    "plugin.elf.wrong_machine", "built for machine \(image.machine), this one is \(Self.thisMachine)",
                    fix: "build it for this machine")
            ]
        }
        guard image.type == 3, !image.isProgram else {
            return [refusal("plugin.elf.not_a_library", "a program or an object file", fix: "link it with -shared")]
        }
        return []
    }

    private func symbols() -> [ELFReport.Finding] {
        let symbols = image.symbols
        var findings: [ELFReport.Finding] = []
        if !symbols.entries.contains(Self.thisMajor) {
            findings.append(
                refusal(
                    "plugin.load.no_entry", "the shared object does not export \(ModuleLoader.entry)",
                    fix: "export it with SYX_EXPORT; build for ABI major \(Self.thisMajor)"))
        }
        if !symbols.interposable.isEmpty {
            findings.append(
                refusal(
                    "plugin.elf.extra_symbol",
                    "it also exports \(list(symbols.interposable)), which may bind to others of the same name",
                    fix: "link with plugin-sdk/c/plugin.map as version script, compile with -fvisibility=hidden"))
        }
        if !symbols.unique.isEmpty {
            findings.append(
                refusal(
                    "plugin.elf.unique_symbol",
                    "\(list(symbols.unique)) would be shared with every other version of the plugin",
                    fix: "compile with -fno-gnu-unique"))
        }
        return findings
    }

    private func memory() -> [ELFReport.Finding] {
        var findings: [ELFReport.Finding] = []
        if image.hasTextRelocations {
            findings.append(
                refusal(
                    "plugin.elf.text_relocations", "the loader would have to write into its code",
                    fix: "compile with -fPIC"))
        }
        // Without the header the loader makes the stacks of the whole process executable.
        if image.segments.first(where: { $0.kind == ELFSegment.stack })?.isExecutable ?? true {
            findings.append(
                refusal(
                    "plugin.elf.executable_stack", "it asks for executable stacks, for the whole process",
                    fix: "link with -z noexecstack"))
        }
        if image.segments.contains(where: { $0.kind == ELFSegment.load && $0.isWritable && $0.isExecutable }) {
            findings.append(
                refusal(
                    "plugin.elf.writable_code", "it has memory that is writable and executable at once",
                    fix: "link without -N and without a linker script of your own"))
        }
        return findings
    }

    private func libraries() -> [ELFReport.Finding] {
        let paths = image.needed.filter { $0.contains("/") || $0.isEmpty }
        var findings =
            paths.isEmpty
            ? []
            : [
                refusal(
                    "plugin.elf.needed_path", "it needs \(list(paths)): a path instead of a library's name",
                    fix: "link with -l, or give the library a SONAME")
            ]
        for path in image.searchPaths where !path.isWithin("$ORIGIN") && !path.isWithin("${ORIGIN}") {
            findings.append(searchPath(path))
        }
        return findings
    }

    /// An absolute folder is the build machine's: harmless where only root can write it, and useless elsewhere.
    private func searchPath(_ path: String) -> ELFReport.Finding {
        let anyones = ["/tmp", "/var/tmp", "/dev/shm"].contains { path.isWithin($0) }
        guard path.hasPrefix("/"), !anyones, !path.contains("..") else {
            return refusal(
                "plugin.elf.search_path", "its libraries would be looked for in `\(path)`, where anyone may put some",
                fix: "link without -rpath")
        }
        return warn(
            "plugin.elf.search_path", "its libraries are looked for in `\(path)`, a folder of the build machine",
            fix: "link without -rpath, or the libraries statically")
    }

    private func list(_ names: [String]) -> String { names.map { "`\($0.prefix(64))`" }.joined(separator: ", ") }

    private func refusal(_ code: String, _ message: String, fix: String) -> ELFReport.Finding {
        ELFReport.Finding(refuses: true, error: SyrinxError(code, message, fix: fix, place: place))
    }

    private func warn(_ code: String, _ message: String, fix: String) -> ELFReport.Finding {
        ELFReport.Finding(refuses: false, error: SyrinxError(code, message, fix: fix, place: place))
    }

    private static let thisMajor = 1
    #if arch(x86_64)
    private static let thisMachine: UInt16 = 62
    #elseif arch(arm64)
    private static let thisMachine: UInt16 = 183
    #endif
}

extension String {
    /// The folder itself or something below it.
    fileprivate func isWithin(_ folder: String) -> Bool { self == folder || hasPrefix(folder + "/") }
}
