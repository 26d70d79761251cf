// SPDX-License-Identifier: Apache-2.0

package import SyrinxCore

/// The whole of a configuration, defaults included, each value with where it comes from.
///
/// Secrets are shown as `[secret]`. Of a configuration that was not read from a file only the defaults are known.
package struct ConfigEffective: Sendable {
    private let file: String
    private let settings: [ConfigSetting]

    package init(_ configuration: Configuration) {
        file = configuration.origin.file
        settings = ConfigSettingList(configuration).settings
    }

    /// YAML that reads back as the same configuration, as long as nothing in it is hidden.
    package var yaml: String {
        var lines = ["# \(file.isEmpty ? "defaults" : file), with all defaults; \(SecretMask.placeholder) is not shown"]
        var group: [String] = []
        for (index, setting) in settings.enumerated() {
            let isName = setting.value == nil
            let parents = isName ? setting.path : Array(setting.path.dropLast())
            let common = zip(group, parents).prefix { $0 == $1 }.count
            for depth in common..<max(common, parents.count) {
                // A name with nothing under it.
                let isLast = isName && depth == parents.count - 1
                let isBare = isLast && !(settings.dropFirst(index + 1).first?.path.starts(with: setting.path) ?? false)
                lines.append(indented(depth, "\(Self.text(parents[depth])):\(isBare ? " {}" : "")"))
            }
            group = parents
            guard let shown = setting.shown, let key = setting.path.last else { continue }
            lines.append(
                indented(parents.count, "\(Self.text(key)): \(Self.text(of: shown))  # \(origin(of: setting))"))
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// `{"file":…,"settings":[{"path":…,"value":…,"origin":"default"}]}`; a value from the file has its `line`, and
    /// `references` when it came from outside.
    package var json: JSONValue {
        let list = settings.compactMap { setting -> JSONValue? in
            guard let shown = setting.shown else { return nil }
            var members: [String: JSONValue] = [
                "path": .string(setting.dotted), "value": shown,
                "origin": setting.line == nil ? "default" : "file",
            ]
            if let line = setting.line { members["line"] = .int(Int64(line)) }
            if !setting.references.isEmpty {
                members["references"] = .array(setting.references.map(JSONValue.string))
            }
            return .object(members)
        }
        return ["file": .string(file), "settings": .array(list)]
    }

    private func origin(of setting: ConfigSetting) -> String {
        guard let line = setting.line else { return "default" }
        let name = file.split(separator: "/").last ?? "file"
        return (["\(name):\(line)"] + setting.references.map { "${\($0)}" }).joined(separator: ", ").singleLine
    }

    private func indented(_ depth: Int, _ text: String) -> String { String(repeating: "  ", count: depth) + text }

    private static func text(of value: JSONValue) -> String {
        if case .string(let text) = value { return self.text(text) }
        return escaped(value).text
    }

    /// Plain where every reader takes it for a text, in quotes elsewhere.
    private static func text(_ text: String) -> String {
        let words: Set<String> = ["true", "false", "null", "yes", "no", "on", "off", "y", "n"]
        let isPlain =
            text.utf8.first.map { isLetter($0) || isDigit($0) } ?? false
            && text.utf8.allSatisfy { isLetter($0) || isDigit($0) || "._/@-:".utf8.contains($0) }
            && (text.utf8.contains(where: isLetter) || isNumericAddress(text)) && text.utf8.last != UInt8(ascii: ":")
        if isPlain, !words.contains(text.lowercased()) { return text }
        return escaped(.string(text)).text
    }

    /// `127.0.0.1:80`, which is no number in YAML, as `1:30` is.
    private static func isNumericAddress(_ text: String) -> Bool {
        ListenAddress(text) != nil && text.utf8.count(where: { $0 == UInt8(ascii: ".") }) == 3
    }

    /// A literal `${` must not be read as a reference.
    private static func escaped(_ value: JSONValue) -> JSONValue {
        switch value {
        case .string(let text): .string(text.replacing("${", with: "$${"))
        case .array(let elements): .array(elements.map(escaped))
        case .object(let members): .object(members.mapValues(escaped))
        default: value
        }
    }

    private static func isLetter(_ byte: UInt8) -> Bool { (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte) }
    private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
}

extension String {
    fileprivate var singleLine: String { String(map { $0.isNewline ? " " : $0 }) }
}
