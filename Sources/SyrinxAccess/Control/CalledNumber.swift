// SPDX-License-Identifier: Apache-2.0

/// A telephone number as carriers write it: `+49 30 123456`, `4930123456`, `tel:+4930123456`, `sip:+4930123456@host`.
package enum CalledNumber {
    /// Without what people put between the digits.
    static func plain(_ text: String) -> String { String(text.filter { !" -()./".contains($0) }) }

    /// How it may stand in a configuration, the likeliest first: some carriers leave the `+` out.
    package static func forms(of text: String) -> [String] {
        var number = text[...]
        for scheme in ["sip:", "sips:", "tel:"] where number.lowercased().hasPrefix(scheme) {
            number = number.dropFirst(scheme.count).prefix { $0 != "@" && $0 != ";" }
        }
        let plain = plain(String(number))
        guard !plain.isEmpty else { return [] }
        return [plain, plain.hasPrefix("+") ? String(plain.dropFirst()) : "+" + plain]
    }
}
