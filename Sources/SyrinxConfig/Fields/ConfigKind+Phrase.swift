// SPDX-License-Identifier: Apache-2.0

import SyrinxCore

extension ConfigKind {
    /// What is expected, for errors and for the manual.
    var phrase: String {
        switch self {
        case .text(let form): form.phrase
        case .words(let words): Self.choice(of: words)
        case .flag: "`true` or `false`"
        case .integer(let range): "a whole number from \(range.lowerBound) to \(range.upperBound)"
        case .number(let range): "a number from \(plain(range.lowerBound)) to \(plain(range.upperBound))"
        case .bytes(let range): "a size in bytes from \(range.lowerBound) to \(range.upperBound), or with KiB or MiB"
        case .duration(let range):
            "a duration from \(DurationText.text(range.lowerBound)) to \(DurationText.text(range.upperBound))"
        case .list(let form): "a list of \(form.plural)"
        case .wordList(let words, _): "a list of \(Self.choice(of: words))"
        case .stage: "a stage"
        case .stages: "a list of stages"
        case .options: "options of sessions"
        case .section: "a group of keys"
        case .named: "a group of names"
        case .values(let kind, _): "a group of names, each with \(kind.phrase)"
        }
    }

    /// What a number without a unit would leave open; nil where there is none.
    var unit: String? {
        switch self {
        case .duration: "ms, s, m, h, d"
        case .bytes: "bytes, KiB, MiB"
        default: nil
        }
    }

    private static func choice(of words: [String]) -> String {
        words.map { "`\($0)`" }.joined(separator: words.count == 2 ? " or " : ", ")
    }

    private func plain(_ number: Double) -> String {
        number == number.rounded() ? String(Int64(number)) : String(number)
    }
}

extension ConfigText {
    var phrase: String {
        switch self {
        case .any: "a text"
        case .nonempty: "a text that is not empty"
        case .secret: "a secret text"
        case .hash: "`sha256:` and 64 hexadecimal digits"
        case .address: "HOST:PORT"
        case .optionalAddress: "HOST:PORT or `none`"
        case .language: "a language tag"
        case .path: "a path"
        case .time: "a time of RFC 3339"
        case .url: "an http or https URL"
        case .host: "a host name"
        case .phoneNumber: "a telephone number"
        case .network: "a network such as `10.0.0.0/8`, `loopback` or `private`"
        case .pathPart: "one part of a path"
        }
    }

    var plural: String {
        switch self {
        case .host: "host names"
        case .language: "language tags"
        case .phoneNumber: "telephone numbers"
        case .network: "networks"
        case .pathPart: "path parts"
        default: "texts"
        }
    }

    /// A value that shows the form.
    var example: String? {
        switch self {
        case .any, .nonempty: nil
        case .secret: "\"${env:NAME}\""
        case .hash: "\"sha256:\(String(repeating: "0", count: 64))\""
        case .address, .optionalAddress: "127.0.0.1:8080"
        case .language: "de-AT"
        case .path: "../var"
        case .time: "\"2027-01-01T00:00:00Z\""
        case .url: "https://example.org/hook"
        case .host: "voice.example.org"
        case .phoneNumber: "\"+4930123456\""
        case .network: "10.1.0.0/16"
        case .pathPart: "acme"
        }
    }
}
