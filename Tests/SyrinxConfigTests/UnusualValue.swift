// SPDX-License-Identifier: Apache-2.0

import Foundation
import SyrinxConfig

/// A value for each key that is not its default, and a file around it.
enum UnusualValue {
    static let environment = [
        "NAME": "x", "ACME_KEY": "x", "OTLP_TOKEN": "x", "ACME_HOOK_SECRET": "x", "ACME_SECRET": "x",
    ]

    static func of(_ entry: Configuration.ManualEntry) -> String? {
        if let value = byPath[entry.path] { return value }
        return switch entry.takes {
        case "a text", "a path", "a text that is not empty", "a secret text": "text"
        case "HOST:PORT", "HOST:PORT or `none`": "localhost:1"
        case "a language tag": "de"
        case "a time of RFC 3339": "\"2030-02-28T23:59:59.5+01:00\""
        case "an http or https URL": "\"http://[::1]:8080/hook?x=1\""
        case "`sha256:` and 64 hexadecimal digits": "sha256:" + String(repeating: "A1", count: 32)
        case "a list of host names", "a list of texts", "a list of path parts": "[x]"
        case "a list of telephone numbers": "[+4930]"
        case "a list of language tags": "[de]"
        case "a list of networks": "[\"fd00::/8\"]"
        case "a stage": "x"
        case "a list of stages": "[x]"
        case "`true` or `false`": entry.fallback == "true" ? "false" : "true"
        case let words where words.hasPrefix("a list of `"): "[" + (lastWord(of: words) ?? "") + "]"
        case let words where words.hasPrefix("`"): lastWord(of: words)
        case let range where range.hasPrefix("a duration"): "1777ms"
        case let range where range.hasPrefix("a number"): "0.25"
        case let range where range.hasPrefix("a whole number"): "77"
        case let range where range.hasPrefix("a size"): "4KiB"
        default: nil
        }
    }

    /// A file with one key set, and with what else such a key needs; without a value that alone.
    static func file(setting entry: Configuration.ManualEntry, to value: String?) -> String {
        let path = entry.path.replacingOccurrences(of: "numbers.NAME", with: "numbers.\"+4930\"")
        let keys = path.split(separator: ".").map { $0 == "NAME" ? "a" : String($0) }
        let companions = (needs.first { entry.path.hasPrefix($0.prefix) }?.companions ?? [])
            .filter { $0.key != keys.last }.map { "\($0.key): \"\($0.value)\"" }
        let own = value.map { ["\(keys.last ?? ""): \($0)"] } ?? []
        let leaf = "{ " + (companions + own).joined(separator: ", ") + " }"
        let group = keys.dropLast().reversed().reduce(leaf) { "{ \($1): \($0) }" }
        return String(group.dropFirst(2).dropLast(2)).replacingOccurrences(of: "{  }", with: "{}")
            .replacingOccurrences(of: "doors: { a: { numbers:", with: "doors: { a: { transport: x, numbers:")
            + (entry.path.hasPrefix("tenants.NAME.records") ? storage : "")
            + (entry.path == "tenants.NAME.profiles" ? "\nprofiles: { reception: {} }" : "")
    }

    private static let storage = "\nstorage: { database: d, recordings: r, event_log: e }"

    private static let byPath = [
        "profiles.NAME.extends": "echo", "profiles.NAME.turn_taking.mode": "manual",
        "tenants.NAME.profiles": "[echo]", "limits.providers": "{ x: 7 }",
        "profiles.NAME.history.characters": "4321",
        "telemetry.traces.headers": "{ X-Token: t }", "tenants.NAME.secrets": "{ KEY: t }",
        "tenants.NAME.voices": "{ de-AT: { voice: x } }", "profiles.NAME.voices": "{ default: { voice: x } }",
        "tenants.NAME.pronunciation": "{ SQL: sequel }",
        "profiles.NAME.speech.pronunciation": "{ \"C++\": see plus plus }",
        "tenants.NAME.limits.reserved": "7", "tenants.NAME.jwt.NAME.key": String(repeating: "k", count: 32),
        "doors.NAME.numbers.NAME.profile": "echo",
        "tenants.NAME.jwt.NAME.algorithm": "EdDSA", "doors.NAME.profile": "echo", "doors.NAME.rate": "8000",
    ]

    private static let needs: [(prefix: String, companions: [(key: String, value: String)])] = [
        ("tenants.NAME.keys.", [("hash", hash)]), ("access.operators.", [("hash", hash)]),
        ("tenants.NAME.jwt.NAME.algorithm", [("key", "-----BEGIN"), ("issuer", "i"), ("audience", "a")]),
        (
            "tenants.NAME.jwt.",
            [
                ("algorithm", "HS256"), ("key", String(repeating: "x", count: 32)), ("issuer", "i"), ("audience", "a"),
            ]
        ),
        ("doors.NAME.profile", [("transport", "x")]), ("doors.NAME.tenant", [("transport", "x")]),
        ("doors.NAME.rate", [("transport", "x")]), ("doors.NAME.send_keys", [("transport", "x")]),
        ("doors.NAME.hear_tones", [("transport", "x")]), ("doors.NAME.realtime", [("transport", "x")]),
        ("tenants.NAME.webhooks.", [("url", "https://h"), ("secret", "s")]),
    ]

    private static let hash = "sha256:" + String(repeating: "0", count: 64)

    private static func lastWord(of words: String) -> String? {
        words.split(separator: "`").last { $0.first?.isLetter ?? false }.map(String.init)
    }
}
