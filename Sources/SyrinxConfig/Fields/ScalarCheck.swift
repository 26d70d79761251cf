// SPDX-License-Identifier: Apache-2.0

import SyrinxCore

/// Turns the text of a scalar into the kind its field asks for, or into a sentence with the fix.
struct ScalarCheck {
    struct Problem: Error {
        var message: String
        var fix: String?
    }

    let field: ConfigField

    func check(_ scalar: ConfigScalar) -> Result<CheckedValue, Problem> {
        switch field.kind {
        case .text(let form): checkText(scalar, form)
        case .words(let words): checkWord(scalar, words)
        case .flag: checkFlag(scalar)
        case .integer(let range): checkInteger(scalar, range)
        case .number(let range): checkNumber(scalar, range)
        case .bytes(let range): checkBytes(scalar, range)
        case .duration(let range): checkDuration(scalar, range)
        case .list, .wordList, .stage, .stages, .options, .section, .named, .values: .failure(expected(scalar))
        }
    }

    private func checkWord(_ scalar: ConfigScalar, _ words: [String]) -> Result<CheckedValue, Problem> {
        if words.contains(scalar.text) { return .success(.text(scalar.text)) }
        let close = scalar.isSecret ? nil : DidYouMean.suggestion(for: scalar.text, among: words)
        return .failure(expected(scalar, fix: close.map { "did you mean `\($0)`?" }))
    }

    private func checkFlag(_ scalar: ConfigScalar) -> Result<CheckedValue, Problem> {
        // A reference stands for the word even inside quotes, where flow style requires them.
        if scalar.isPlain || scalar.isSecret {
            if scalar.text == "true" { return .success(.flag(true)) }
            if scalar.text == "false" { return .success(.flag(false)) }
        }
        guard !scalar.isSecret else { return .failure(expected(scalar)) }
        let fix: String? =
            switch scalar.text.lowercased() {
            case "yes", "y", "on", "true", "1": "write `true`"
            case "no", "n", "off", "false", "0": "write `false`"
            default: nil
            }
        return .failure(expected(scalar, fix: fix))
    }

    private func checkInteger(_ scalar: ConfigScalar, _ range: ClosedRange<Int64>) -> Result<CheckedValue, Problem> {
        guard let value = PlainNumber.integer(scalar.text) else {
            return .failure(expected(scalar, fix: decimalFix(scalar)))
        }
        guard range.contains(value) else { return .failure(expected(scalar)) }
        return .success(.integer(value))
    }

    private func checkNumber(_ scalar: ConfigScalar, _ range: ClosedRange<Double>) -> Result<CheckedValue, Problem> {
        guard let value = PlainNumber.number(scalar.text) else {
            return .failure(expected(scalar, fix: decimalFix(scalar)))
        }
        guard range.contains(value) else { return .failure(expected(scalar)) }
        return .success(.number(value))
    }

    private func checkBytes(_ scalar: ConfigScalar, _ range: ClosedRange<Int64>) -> Result<CheckedValue, Problem> {
        let units: [(suffix: String, factor: Int64)] = [("KiB", 1024), ("MiB", 1_048_576)]
        let unit = units.first { scalar.text.hasSuffix($0.suffix) }
        let digits = String(scalar.text.dropLast(unit?.suffix.count ?? 0))
        guard let count = PlainNumber.integer(digits) else {
            return .failure(expected(scalar, fix: decimalFix(scalar)))
        }
        let (bytes, overflow) = count.multipliedReportingOverflow(by: unit?.factor ?? 1)
        guard !overflow, range.contains(bytes) else { return .failure(expected(scalar)) }
        return .success(.integer(bytes))
    }

    private func checkDuration(_ scalar: ConfigScalar, _ range: ClosedRange<Duration>) -> Result<CheckedValue, Problem>
    {
        switch DurationText.parse(scalar.text) {
        case .success(let duration):
            return range.contains(duration) ? .success(.duration(duration)) : .failure(expected(scalar))
        case .failure(.noUnit) where !scalar.isSecret:
            let number = scalar.text
            return .failure(
                Problem(
                    message: "`\(field.key)` is a duration and needs its unit, found `\(number)`",
                    fix: "write `\(number)ms` or `\(number)s`"
                )
            )
        case .failure:
            return .failure(
                expected(scalar, fix: clockFix(scalar) ?? "write for instance `500ms`, `1.5s`, `1m30s`, `1h` or `30d`")
            )
        }
    }

    func expected(_ scalar: ConfigScalar, fix: String? = nil) -> Problem {
        Problem(message: "`\(field.key)` takes \(field.kind.phrase), found \(scalar.foundPhrase)", fix: fix)
    }

    /// For `0100`, `0x1F`, `1_000`, `1e3`: numbers elsewhere, and different ones in YAML 1.1 and 1.2.
    private func decimalFix(_ scalar: ConfigScalar) -> String? {
        guard !scalar.isSecret else { return nil }
        let digits = scalar.text.replacing("_", with: "").drop { $0 == "0" }
        let hasSuffix = digits.contains { !$0.isNumber || !$0.isASCII }
        return digits.isEmpty || hasSuffix ? "write a plain decimal number" : "write `\(digits)`"
    }

    /// For `1:30`, which YAML 1.1 reads as 90.
    private func clockFix(_ scalar: ConfigScalar) -> String? {
        let parts = scalar.text.split(separator: ":").compactMap {
            PlainNumber.integer(String($0.drop { $0 == "0" })) ?? ($0.allSatisfy { $0 == "0" } ? 0 : nil)
        }
        guard !scalar.isSecret, parts.count == 2, scalar.text.contains(":") else { return nil }
        return "write `\(parts[0])m\(parts[1])s`"
    }
}
