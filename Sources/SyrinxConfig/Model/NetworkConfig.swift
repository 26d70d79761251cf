// SPDX-License-Identifier: Apache-2.0

package import SyrinxCore

/// Where plugins may reach.
package struct NetworkConfig: Hashable, Sendable {
    /// Besides all public addresses.
    package var allow: [AddressRange] = []
    /// Path of a PEM file, resolved; nil = the system's certificates.
    package var trustedRoots: String?

    package init() {}

    init(_ checked: CheckedSection) {
        allow = (checked.texts("allow") ?? []).flatMap { Self.ranges($0) ?? [] }
        trustedRoots = checked.text("trusted_roots")
    }

    /// What a word or a network in CIDR notation stands for; nil when it is neither.
    static func ranges(_ text: String) -> [AddressRange]? {
        let networks: [String]
        switch text {
        case "loopback": networks = ["127.0.0.0/8", "::1/128"]
        case "private": networks = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"]
        default: networks = [text]
        }
        let ranges = networks.compactMap(AddressRange.init)
        return ranges.count == networks.count ? ranges : nil
    }
}
