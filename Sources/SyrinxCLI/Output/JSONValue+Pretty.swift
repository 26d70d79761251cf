// SPDX-License-Identifier: Apache-2.0

package import SyrinxCore

extension JSONValue {
    /// Indented JSON with sorted keys, for people. What fits on a line stays on it.
    package var prettyText: String { pretty(indentation: "") }

    private static let lineLength = 76

    private func pretty(indentation: String) -> String {
        let short = text
        guard indentation.count + short.count > Self.lineLength else { return short }
        let inner = indentation + "  "
        switch self {
        case .object(let members):
            let lines = members.sorted { $0.key < $1.key }.map { key, value in
                "\(inner)\(JSONValue.string(key).text): \(value.pretty(indentation: inner))"
            }
            return "{\n\(lines.joined(separator: ",\n"))\n\(indentation)}"
        case .array(let elements):
            let lines = elements.map { inner + $0.pretty(indentation: inner) }
            return "[\n\(lines.joined(separator: ",\n"))\n\(indentation)]"
        default: return short
        }
    }
}
