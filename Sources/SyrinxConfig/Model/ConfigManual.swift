// SPDX-License-Identifier: Apache-2.0

/// docs/CONFIG.md: its prose is written by hand, its tables are made from the tables of fields.
package enum ConfigManual {
    private static let head = "| key | takes |"

    /// The manual with each table renewed: the first one under each heading that is named as a group of keys.
    package static func renewed(_ text: String) -> String {
        let anchors = Set(Configuration.manual.map(\.anchor))
        var lines: [Substring] = []
        var anchor: String?
        var isInTable = false
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.hasPrefix("#") { anchor = String(line.drop { $0 == "#" || $0 == " " }) }
            if isInTable, line.hasPrefix("|") { continue }
            isInTable = false
            if line.hasPrefix(head), let name = anchor, anchors.contains(name) {
                lines += Configuration.manualTable(anchor: name).split(separator: "\n")
                isInTable = true
            } else {
                lines.append(line)
            }
        }
        return lines.joined(separator: "\n")
    }
}
