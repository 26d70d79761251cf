// SPDX-License-Identifier: Apache-2.0

import SyrinxCore

/// Rules that span tenants, and the keys of one.
struct TenantChecker {
    /// A tenant with the place of its name, in the order of the file.
    struct Tenant {
        var name: String
        var place: SourcePlace
        var checked: CheckedSection
        var config: TenantConfig
    }

    /// Far more than one server has, and few enough for the tables made of them.
    static let mostTenants = 10_000

    let configuration: Configuration
    let checked: CheckedSection
    var checker: SectionChecker
    /// Where each hash, route and rule of tokens stands, by its kind and text.
    private var owners: [[String]: String] = [:]
    private let known: Set<String>

    init(_ configuration: Configuration, _ checked: CheckedSection, _ checker: SectionChecker) {
        self.configuration = configuration
        self.checked = checked
        self.checker = checker
        // A profile with faults is there all the same.
        known = Set(checked.named("profiles").keys).union(Configuration.builtInProfiles)
    }

    mutating func check() {
        let tenants = tenants()
        if tenants.count > Self.mostTenants, let place = checked.nodes["tenants"]?.place {
            checker.report(
                at: place, "there are \(tenants.count) tenants, and a server takes \(Self.mostTenants)",
                anchor: "tenants")
        }
        for tenant in tenants {
            checkProfiles(tenant)
            checkKeys(tenant)
            checkTokens(tenant)
            checkRoutes(tenant)
            checkQuotas(tenant)
            checkRecords(tenant)
        }
        checkReserved(tenants)
        let operators = checked.section("access").named("operators").sorted { $0.key < $1.key }
        for (name, key) in operators { claim(key, "access.operators.\(name)") }
        checkCanary(tenants)
    }

    private func tenants() -> [Tenant] {
        guard case .mapping(let entries) = checked.nodes["tenants"]?.content else { return [] }
        let sections = checked.named("tenants")
        return entries.compactMap { entry in
            guard let section = sections[entry.key], let config = configuration.tenants[entry.key] else { return nil }
            return Tenant(name: entry.key, place: entry.keyPlace, checked: section, config: config)
        }
    }

    private mutating func checkProfiles(_ tenant: Tenant) {
        guard let node = tenant.checked.nodes["profiles"] else { return }
        if tenant.config.profiles == [] {
            checker.report(
                at: node.place, "`profiles` of tenant \(tenant.name) is empty",
                fix: "name a profile, or remove the key",
                anchor: "tenants")
        }
        for (name, node) in scalars(of: node) where !known.contains(name) {
            let close = node.isSecret ? nil : DidYouMean.suggestion(for: name, among: known.sorted())
            checker.report(
                at: node.place,
                "`profiles` names a profile that is neither built in nor in this file, found \(node.foundPhrase)",
                fix: close.map { "did you mean `\($0)`?" }
                    ?? "the profiles are: \(known.sorted().joined(separator: ", "))",
                anchor: "tenants")
        }
    }

    private mutating func checkKeys(_ tenant: Tenant) {
        for (name, key) in tenant.checked.named("keys").sorted(by: { $0.key < $1.key }) {
            claim(key, "tenants.\(tenant.name).keys.\(name)")
        }
    }

    private mutating func claim(_ key: CheckedSection, _ path: String) {
        guard let hash = key.text("hash"), let place = key.nodes["hash"]?.place else { return }
        guard let other = take(["hash", hash], for: path) else { return }
        checker.report(
            at: place, "this key stands at \(other) already",
            fix: "make a key for each: one that is shared cannot be taken back alone", anchor: "keys")
    }

    private mutating func checkTokens(_ tenant: Tenant) {
        for (name, rule) in tenant.config.jwt.sorted(by: { $0.key < $1.key }) {
            let nodes = tenant.checked.named("jwt")[name]?.nodes ?? [:]
            if let fault = fault(of: rule), let place = nodes["key"]?.place {
                checker.report(at: place, fault.message, fix: fault.fix, anchor: "jwt")
            }
            guard let place = nodes["audience"]?.place,
                let other = take(["jwt", name, rule.issuer, rule.audience], for: "tenant \(tenant.name)")
            else { continue }
            checker.report(
                at: place, "\(other) has the same key id, issuer and audience",
                fix: "give each tenant an audience of its own", anchor: "jwt")
        }
    }

    private func fault(of rule: JWTConfig) -> (message: String, fix: String)? {
        let isPEM = rule.key.hasPrefix("-----BEGIN")
        if rule.algorithm != .hs256 {
            return isPEM ? nil : ("`key` is not in PEM", "give the file that begins with `-----BEGIN PUBLIC KEY-----`")
        }
        if isPEM { return ("HS256 takes a secret, and this is a key in PEM", "set `algorithm` to that of the key") }
        return rule.key.utf8.count >= 32 ? nil : ("the secret of HS256 is too short", "take 32 random bytes or more")
    }

    private mutating func checkRoutes(_ tenant: Tenant) {
        let route = tenant.checked.section("route")
        for kind in ["hosts", "numbers", "paths"] {
            guard let node = route.nodes[kind] else { continue }
            for (text, node) in scalars(of: node) {
                let name = kind == "hosts" ? text.lowercased() : text
                guard let other = take([kind, name], for: "tenant \(tenant.name)"), other != "tenant \(tenant.name)"
                else { continue }
                checker.report(
                    at: node.place, "\(node.foundPhrase) leads to \(other) already",
                    fix: "give each route to one tenant",
                    anchor: "route")
            }
        }
    }

    private mutating func checkQuotas(_ tenant: Tenant) {
        let limits = tenant.config.limits
        guard let place = tenant.checked.section("limits").nodes["reserved"]?.place, let sessions = limits.sessions,
            limits.reserved > sessions
        else { return }
        checker.report(at: place, "`reserved` must not exceed `sessions`", anchor: "quotas")
    }

    private mutating func checkReserved(_ tenants: [Tenant]) {
        var sum = 0
        for tenant in tenants {
            sum += tenant.config.limits.reserved
            guard sum > configuration.limits.maxSessions,
                let place = tenant.checked.section("limits").nodes["reserved"]?.place
            else { continue }
            checker.report(
                at: place,
                "with this, \(sum) sessions are reserved, and `limits.max_sessions` is \(configuration.limits.maxSessions)",
                fix: "reserve less, or raise `limits.max_sessions`", anchor: "quotas")
            return
        }
    }

    private mutating func checkRecords(_ tenant: Tenant) {
        let nodes = tenant.checked.section("records").nodes
        let records = tenant.config.records
        let storage = configuration.storage
        let needs: [(String, Bool, String, Bool)] = [
            ("recordings", records.recordings, "storage.database", storage.database != nil),
            ("recordings", records.recordings, "storage.recordings", storage.recordings != nil),
            ("event_log", records.eventLog, "storage.event_log", storage.eventLog != nil),
        ]
        for (key, isOn, folder, isThere) in needs where isOn && !isThere {
            guard let place = nodes[key]?.place else { continue }
            checker.report(at: place, "`\(key)` needs `\(folder)`", fix: "set `\(folder)`", anchor: "records")
        }
        guard let keep = records.keep else { return }
        for (key, time) in [("keep_transcripts", records.keepTranscripts), ("keep_recordings", records.keepRecordings)]
        {
            guard let time, time > keep, let place = nodes[key]?.place else { continue }
            let text = DurationText.text(keep)
            checker.report(at: place, "`\(key)` must not exceed `keep`, which is \(text)", anchor: "records")
        }
    }

    private mutating func checkCanary(_ tenants: [Tenant]) {
        guard !tenants.isEmpty, let node = checked.section("plugins").section("canary").nodes["tenants"] else { return }
        let names = Set(tenants.map(\.name))
        for (name, node) in scalars(of: node) where !names.contains(name) {
            let close = node.isSecret ? nil : DidYouMean.suggestion(for: name, among: names.sorted())
            checker.report(
                at: node.place, "`tenants` names a tenant that is not in this file, found \(node.foundPhrase)",
                fix: close.map { "did you mean `\($0)`?" }, anchor: "canary")
        }
    }

    /// - Returns: who has it already.
    private mutating func take(_ thing: [String], for owner: String) -> String? {
        if let other = owners[thing] { return other }
        owners[thing] = owner
        return nil
    }

    private func scalars(of node: ConfigNode) -> [(text: String, node: ConfigNode)] {
        guard case .list(let elements) = node.content else { return [] }
        return elements.compactMap { element in
            guard case .scalar(let scalar) = element.content, !element.isEmpty, !element.isFaulty else { return nil }
            return (scalar.text, element)
        }
    }
}
