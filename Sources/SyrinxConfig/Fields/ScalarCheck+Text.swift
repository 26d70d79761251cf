// SPDX-License-Identifier: Apache-2.0

import SyrinxCore

extension ScalarCheck {
    func checkText(_ scalar: ConfigScalar, _ form: ConfigText) -> Result<CheckedValue, Problem> {
        let text = scalar.text
        switch form {
        case .any: return .success(.text(text))
        case .nonempty, .secret, .path: return accept(scalar, !text.isEmpty)
        case .hash:
            let fix = "`syrinx key new` makes a key and its hash"
            return accept(scalar, TextForms.isHash(text), text.lowercased(), fix: fix)
        case .address: return accept(scalar, ListenAddress(text) != nil, fix: addressFix(scalar))
        case .optionalAddress:
            return accept(scalar, text == "none" || ListenAddress(text) != nil, fix: addressFix(scalar))
        case .language: return accept(scalar, LanguageTag.isValid(text), fix: "write a tag such as `en` or `de-AT`")
        case .time:
            return accept(scalar, TimeText.milliseconds(text) != nil, fix: "write for instance `2027-01-01T00:00:00Z`")
        case .url: return accept(scalar, TextForms.isURL(text), fix: "write for instance `https://example.org/hook`")
        case .host:
            return accept(
                scalar, TextForms.isHost(text), text.lowercased(), fix: "write for instance `voice.example.org`")
        case .phoneNumber:
            return accept(scalar, TextForms.isPhoneNumber(text), fix: "write for instance \"+4930123456\"")
        case .network:
            let fix = "write an address or a network in CIDR notation, `loopback` or `private`"
            return accept(scalar, NetworkConfig.ranges(text) != nil, fix: fix)
        case .pathPart:
            let fix = "use letters, digits, `-`, `_` and `~`, at most 64; `v1` is taken"
            return accept(scalar, TextForms.isPathPart(text), fix: fix)
        }
    }

    private func accept(
        _ scalar: ConfigScalar, _ isValid: Bool, _ value: String? = nil, fix: String? = nil
    ) -> Result<CheckedValue, Problem> {
        isValid ? .success(.text(value ?? scalar.text)) : .failure(expected(scalar, fix: fix))
    }

    private func addressFix(_ scalar: ConfigScalar) -> String? {
        PlainNumber.integer(scalar.text) != nil && !scalar.isSecret ? "write `127.0.0.1:\(scalar.text)`" : nil
    }
}
