// SPDX-License-Identifier: Apache-2.0

package import SyrinxCore

/// How configuration names a provider: `deepgram` (newest), `deepgram@1` (newest of a major), `deepgram@1.4.2`.
package struct ProviderReference: Hashable, Sendable, CustomStringConvertible {
    package var id: String
    /// Leading numbers of the version; empty = any.
    package var version: [Int]

    /// - Throws: `config.provider_reference`.
    package init(_ text: String) throws(SyrinxError) {
        let halves = text.split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false)
        let numbers = halves.count == 2 ? halves[1].split(separator: ".", omittingEmptySubsequences: false).map { Int($0) } : []
        guard isIdentifier(String(halves[0])), numbers.count <= 3, !numbers.contains(nil) else {
            throw SyrinxError(
                "config.provider_reference", "`\(text)` does not name a provider",
                fix: "write `id`, `id@MAJOR` or `id@MAJOR.MINOR.PATCH`")
        }
        id = String(halves[0])
        version = numbers.compactMap(\.self)
    }

    /// The newest version of a provider whose id is known to be well-formed.
    package init(newestOf id: String) {
        self.id = id
        version = []
    }

    package var description: String {
        version.isEmpty ? id : "\(id)@\(version.map(String.init).joined(separator: "."))"
    }

    func matches(_ descriptor: ProviderDescriptor) -> Bool {
        let theirs = [descriptor.version.major, descriptor.version.minor, descriptor.version.patch]
        return descriptor.id == id && zip(version, theirs).allSatisfy(==)
    }
}
