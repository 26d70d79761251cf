// SPDX-License-Identifier: Apache-2.0

/// Breaks a configuration that is valid, each time in one way that must be noticed.
struct ConfigMutator {
    enum Fault: Int, CaseIterable {
        case wrongType, unknownKey, duplicateKey, noUnit, badUnit, outOfRange, octal, indentation, tab, missingVariable
        case missingFile, foreignSecret, bomb, anchorOfNothing, merge, tag, secondDocument, openQuote, deepNesting, nul
        case notUTF8, huge, yes, emptyValue, openBrace
    }

    /// `key: value` in block style, with the keys that take any text or any JSON left out.
    fileprivate struct Setting {
        var index: Int
        var indentation: Int
        var key: String
        var value: String
    }

    private let lines: [String]
    private let settings: [Setting]

    init(_ text: String) {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        self.lines = lines
        settings = lines.indices.compactMap { Setting(lines[$0], at: $0) }
    }

    /// Nil where the text offers nothing to break that way.
    func mutated(by fault: Fault, using random: inout SplitMix64) -> [UInt8]? {
        var lines = lines
        switch fault {
        case .wrongType: guard replaceValue(in: &lines, by: "[[]]", &random) else { return nil }
        case .missingVariable: guard replaceValue(in: &lines, by: "${env:NO_SUCH}", &random) else { return nil }
        case .missingFile: guard replaceValue(in: &lines, by: "${file:/no/such}", &random) else { return nil }
        case .foreignSecret: guard replaceValue(in: &lines, by: "\"${secret:KEY}\"", &random) else { return nil }
        case .tag: guard replaceValue(in: &lines, by: "!!set x", &random) else { return nil }
        case .anchorOfNothing: guard replaceValue(in: &lines, by: "*nothing", &random) else { return nil }
        case .openQuote: guard replaceValue(in: &lines, by: "\"open", &random) else { return nil }
        case .openBrace: guard replaceValue(in: &lines, by: "{ a: 1", &random) else { return nil }
        case .emptyValue: guard replaceValue(in: &lines, by: "", &random) else { return nil }
        case .noUnit:
            guard replaceDuration(in: &lines, &random, { String($0.prefix(while: \.isNumber)) }) else { return nil }
        case .badUnit: guard replaceDuration(in: &lines, &random, { $0 + "fortnights" }) else { return nil }
        case .outOfRange:
            guard replaceNumber(in: &lines, by: ["-1", "99999999999999999999", "NaN"], &random) else { return nil }
        case .octal:
            guard replaceNumber(in: &lines, by: ["0100", "0x10", "1_000", "1e3", "1:30"], &random) else { return nil }
        case .yes: guard replaceFlag(in: &lines, &random) else { return nil }
        case .unknownKey: insertLine("surely_unknown: 1", &random, into: &lines)
        case .merge: insertLine("<<: { a: 1 }", &random, into: &lines)
        case .duplicateKey:
            guard let setting = settings.randomElement(using: &random) else { return nil }
            lines.insert(lines[setting.index], at: setting.index + 1)
        case .indentation:
            guard let setting = followers.randomElement(using: &random) else { return nil }
            lines[setting.index] = " " + lines[setting.index]
        case .tab:
            guard let setting = settings.filter({ $0.indentation > 0 }).randomElement(using: &random) else {
                return nil
            }
            lines[setting.index] = "\t" + lines[setting.index].drop { $0 == " " }
        case .bomb: lines += Self.bomb
        case .secondDocument: lines.insert("---", at: Int.random(in: lines.count / 2..<lines.count, using: &random))
        case .deepNesting: lines.append("deep: " + String(repeating: "[", count: 2000))
        case .nul, .notUTF8, .huge: break
        }
        return bytes(of: lines, fault, &random)
    }

    private func bytes(of lines: [String], _ fault: Fault, _ random: inout SplitMix64) -> [UInt8] {
        var bytes = Array(lines.joined(separator: "\n").utf8)
        let place = Int.random(in: 0..<bytes.count, using: &random)
        switch fault {
        case .nul: bytes.insert(0, at: place)
        case .notUTF8: bytes.insert([0xFF, 0xC0, 0xF8].randomElement(using: &random) ?? 0xFF, at: place)
        case .huge: bytes += Array(repeating: UInt8(ascii: "#"), count: 9 << 20)
        default: break
        }
        return bytes
    }

    private func replaceValue(in lines: inout [String], by value: String, _ random: inout SplitMix64) -> Bool {
        replace(in: &lines, settings, &random) { _ in value }
    }

    private func replaceDuration(
        in lines: inout [String], _ random: inout SplitMix64, _ change: (String) -> String
    ) -> Bool {
        let units = ["ms", "s", "m", "h", "d"]
        let durations = settings.filter { setting in
            setting.value.first?.isNumber ?? false && units.contains { setting.value.hasSuffix($0) }
        }
        return replace(in: &lines, durations, &random, change)
    }

    private func replaceNumber(in lines: inout [String], by values: [String], _ random: inout SplitMix64) -> Bool {
        let value = values.randomElement(using: &random) ?? "-1"
        return replace(in: &lines, settings.filter { Double($0.value) != nil }, &random) { _ in value }
    }

    private func replaceFlag(in lines: inout [String], _ random: inout SplitMix64) -> Bool {
        replace(in: &lines, settings.filter { ["true", "false"].contains($0.value) }, &random) {
            $0 == "true" ? "yes" : "no"
        }
    }

    private func replace(
        in lines: inout [String], _ settings: [Setting], _ random: inout SplitMix64, _ change: (String) -> String
    ) -> Bool {
        guard let setting = settings.randomElement(using: &random) else { return false }
        let space = String(repeating: " ", count: setting.indentation)
        lines[setting.index] = "\(space)\(setting.key): \(change(setting.value))"
        return true
    }

    private func insertLine(_ line: String, _ random: inout SplitMix64, into lines: inout [String]) {
        guard let setting = settings.randomElement(using: &random) else { return }
        lines.insert(String(repeating: " ", count: setting.indentation) + line, at: setting.index)
    }

    /// Those right below another one of their group: further in they make no sense.
    private var followers: [Setting] {
        zip(settings, settings.dropFirst()).filter { $1.index == $0.index + 1 && $1.indentation == $0.indentation }
            .map(\.1)
    }

    private static let bomb =
        ["a: &a [x, x, x, x, x, x, x, x, x, x]"]
        + zip("bcdefg", "abcdef").map { name, previous in
            "\(name): &\(name) [" + Array(repeating: "*\(previous)", count: 10).joined(separator: ", ") + "]"
        }
}

extension ConfigMutator.Setting {
    fileprivate init?(_ line: String, at index: Int) {
        let indentation = line.prefix { $0 == " " }.count
        let rest = line.dropFirst(indentation)
        guard let colon = rest.firstIndex(of: ":"), rest[..<colon].allSatisfy({ $0.isLowercase || $0 == "_" }),
            rest[colon...].hasPrefix(": ")
        else { return nil }
        let value = rest[colon...].dropFirst(2).prefix { $0 != "#" }.split(separator: " ").joined(separator: " ")
        guard let first = value.first, !"{[\"|$".contains(first) else { return nil }
        self.init(index: index, indentation: indentation, key: String(rest[..<colon]), value: value)
    }
}
