// SPDX-License-Identifier: Apache-2.0

internal import SyrinxCore

extension JSONValue {
    /// The texts in it that are absolute paths: libraries, models, certificates that an operator's configuration names.
    /// The first 64; what is no possible path is none.
    var absolutePaths: Set<String> {
        var found: Set<String> = []
        collectPaths(into: &found)
        return found
    }

    private func collectPaths(into found: inout Set<String>) {
        switch self {
        case .string(let text):
            let isPath = text.hasPrefix("/") && text.utf8.count < 4096 && text.utf8.allSatisfy { $0 >= 0x20 }
            if isPath, found.count < 64 { found.insert(text) }
        case .array(let elements): for element in elements { element.collectPaths(into: &found) }
        case .object(let members):
            for (_, member) in members.sorted(by: { $0.key < $1.key }) { member.collectPaths(into: &found) }
        default: break
        }
    }
}
