// SPDX-License-Identifier: Apache-2.0

/// A list of other systems' keys and values, which is passed on and never read (W3C Trace Context 3.3). At most 32
/// members and 512 characters.
package struct TraceState: Hashable, Sendable {
    package let text: String

    private static let maximumMembers = 32
    private static let maximumLength = 512
    /// 3.3.1.5: members longer than this go first.
    private static let longMember = 128
    /// Longer texts are not even looked at.
    private static let maximumInput = 8192

    /// Several headers are one, joined with commas. Nil when the list is malformed or nothing of it is left.
    package init?(parsing header: String) {
        guard header.utf8.count <= Self.maximumInput else { return nil }
        var members: [String] = []
        var keys: Set<String> = []
        for part in header.split(separator: ",", omittingEmptySubsequences: true) {
            let member = part.utf8.drop { $0 == 0x20 || $0 == 0x09 }
            let trimmed = String(Substring(member)).trimmingEnd()
            if trimmed.isEmpty { continue }
            guard let key = Self.key(of: trimmed), keys.insert(key).inserted else { return nil }
            members.append(trimmed)
        }
        guard !members.isEmpty, members.count <= Self.maximumMembers else { return nil }
        text = Self.shortened(members).joined(separator: ",")
        if text.isEmpty { return nil }
    }

    private static func shortened(_ members: [String]) -> [String] {
        var kept = members
        func isTooLong() -> Bool { kept.reduce(-1) { $0 + $1.utf8.count + 1 } > maximumLength }
        if isTooLong() { kept.removeAll { $0.utf8.count > longMember } }
        while isTooLong() { kept.removeLast() }
        return kept
    }

    /// The key of a well-formed member.
    private static func key(of member: String) -> String? {
        guard let equals = member.utf8.firstIndex(of: UInt8(ascii: "=")) else { return nil }
        let (key, value) = (member.utf8[..<equals], member.utf8[member.utf8.index(after: equals)...])
        guard isKey(Array(key)), isValue(Array(value)) else { return nil }
        return String(Substring(key))
    }

    /// `simple-key`, or `tenant@system`.
    private static func isKey(_ key: [UInt8]) -> Bool {
        let parts = key.split(separator: UInt8(ascii: "@"), maxSplits: 2, omittingEmptySubsequences: false)
        let characters: (UInt8) -> Bool = { byte in isLower(byte) || isDigit(byte) || "_-*/".utf8.contains(byte) }
        guard parts.allSatisfy({ $0.allSatisfy(characters) }), let first = parts.first?.first else { return false }
        switch parts.count {
        case 1: return isLower(first) && key.count <= 256
        case 2:
            guard let system = parts[1].first else { return false }
            return (isLower(first) || isDigit(first)) && parts[0].count <= 241 && isLower(system)
                && parts[1].count <= 14
        default: return false
        }
    }

    /// Printable ASCII without comma and equals sign; the last is no blank.
    private static func isValue(_ value: [UInt8]) -> Bool {
        guard let last = value.last, last != 0x20, value.count <= 256 else { return false }
        return value.allSatisfy { (0x20...0x7E).contains($0) && $0 != 0x2C && $0 != 0x3D }
    }

    private static func isLower(_ byte: UInt8) -> Bool { (0x61...0x7A).contains(byte) }
    private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
}

extension String {
    fileprivate func trimmingEnd() -> String {
        var bytes = Substring(self).utf8
        while let last = bytes.last, last == 0x20 || last == 0x09 { bytes.removeLast() }
        return String(Substring(bytes))
    }
}
