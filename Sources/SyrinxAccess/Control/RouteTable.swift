// SPDX-License-Identifier: Apache-2.0

internal import SyrinxCore

/// Which tenant host names, called numbers and paths belong to.
struct RouteTable: Sendable {
    enum Kind: String, CaseIterable {
        case hosts, numbers, paths
    }

    enum Route: Equatable {
        /// Nothing names a tenant.
        case open
        case tenant(String)
        /// A path that nobody has, or facts that name different tenants.
        case nowhere
    }

    private var tenants: [Kind: [String: String]] = [:]

    /// - Returns: the other tenant that has it already.
    mutating func add(_ text: String, _ kind: Kind, tenant: String) -> String? {
        let name = Self.normal(text, kind)
        if let other = tenants[kind]?[name], other != tenant { return other }
        tenants[kind, default: [:]][name] = tenant
        return nil
    }

    /// A host or number that nobody has is no route: people reach a server by its address as well. A path is only ever
    /// there to name a tenant.
    func route(of credentials: Credentials) -> Route {
        var named = Set<String>()
        if let host = credentials.host, let tenant = tenant(host, .hosts) { named.insert(tenant) }
        if let number = credentials.calledNumber, let tenant = tenant(calling: number) { named.insert(tenant) }
        if let path = credentials.pathTenant {
            guard let tenant = tenant(path, .paths) else { return .nowhere }
            named.insert(tenant)
        }
        guard named.count <= 1 else { return .nowhere }
        return named.first.map(Route.tenant) ?? .open
    }

    func tenant(calling number: String) -> String? {
        CalledNumber.forms(of: number).lazy.compactMap { tenants[.numbers]?[$0] }.first
    }

    private func tenant(_ text: String, _ kind: Kind) -> String? { tenants[kind]?[Self.normal(text, kind)] }

    static func normal(_ text: String, _ kind: Kind) -> String {
        switch kind {
        case .hosts: host(text)
        case .numbers: CalledNumber.plain(text)
        case .paths: text
        }
    }

    /// In lower case, without port and the dot at the end (RFC 3986 3.2.2).
    private static func host(_ text: String) -> String {
        var name = Substring(text.lowercased())
        if name.hasPrefix("["), let end = name.firstIndex(of: "]") {
            name = name[...end]
        } else if let colon = name.firstIndex(of: ":") {
            name = name[..<colon]
        }
        return String(name.hasSuffix(".") ? name.dropLast() : name)
    }
}
