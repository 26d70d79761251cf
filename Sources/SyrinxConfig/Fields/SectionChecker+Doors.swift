// SPDX-License-Identifier: Apache-2.0

import SyrinxCore

// Doors lead to tenants and profiles that are there.

extension SectionChecker {
    /// A door has one plugin behind it, and leads to somebody.
    mutating func checkDoor(_ name: String, _ section: CheckedSection, _ configuration: Configuration) {
        guard let door = configuration.doors[name] else { return }
        if section.nodes["transport"] == nil, section.nodes["backend"] == nil,
            let place = section.nodes.values.map(\.place).min(by: { ($0.line, $0.column) < ($1.line, $1.column) })
        {
            report(
                at: place, "the door `\(name)` has neither `transport` nor `backend`",
                fix: "name a provider: `transport: webrtc`", anchor: "doors")
        }
        if let place = section.nodes["numbers"]?.place, section.nodes["transport"] == nil, !door.numbers.isEmpty {
            report(
                at: place, "`numbers` are for calls that come in, and the door `\(name)` has no `transport`",
                fix: "remove `numbers`", anchor: "doors")
        }
        if door.isRealtime, section.nodes["transport"] == nil, let node = section.nodes["realtime"] {
            report(
                at: node.place, "the door `\(name)` has no `transport` for its `realtime`",
                fix: "name one that brings media: `transport: webrtc`", anchor: "doors")
        }
        checkDestination(section, configuration)
        for (_, number) in section.named("numbers").sorted(by: { $0.key < $1.key }) {
            checkDestination(number, configuration)
        }
        checkTenant(of: door, name, section, configuration)
    }

    /// The tenant and the profile that are named.
    private mutating func checkDestination(_ section: CheckedSection, _ configuration: Configuration) {
        let tenants = configuration.tenants.keys.sorted()
        if let tenant = section.text("tenant"), let node = section.nodes["tenant"], !tenants.isEmpty,
            !tenants.contains(tenant)
        {
            let close = node.isSecret ? nil : DidYouMean.suggestion(for: tenant, among: tenants)
            report(
                at: node.place, "`tenant` names a tenant that is not in this file, found \(node.foundPhrase)",
                fix: close.map { "did you mean `\($0)`?" } ?? "the tenants are: \(tenants.joined(separator: ", "))",
                anchor: "doors")
        }
        let known = Set(configuration.profiles.keys).union(Configuration.builtInProfiles)
        if let profile = section.text("profile"), let node = section.nodes["profile"], !known.contains(profile) {
            report(
                at: node.place,
                "`profile` names a profile that is neither built in nor in this file, found \(node.foundPhrase)",
                fix: "the profiles are: \(known.sorted().joined(separator: ", "))", anchor: "doors")
        }
    }

    /// One of several tenants is named, or found by the called number or the key. A call that is placed has no such
    /// number.
    private mutating func checkTenant(
        of door: DoorConfig, _ name: String, _ section: CheckedSection, _ configuration: Configuration
    ) {
        let tenants = configuration.tenants
        let isFoundByNumber =
            door.backend == nil
            && (door.numbers.values.contains { $0.tenant != nil }
                || tenants.values.contains { !$0.route.numbers.isEmpty })
        guard door.tenant == nil, tenants.count > 1, !isFoundByNumber, !door.isRealtime,
            let place = (section.nodes["transport"] ?? section.nodes["backend"])?.place
        else { return }
        report(
            at: place, "the door `\(name)` names no `tenant`",
            fix: "the tenants are: \(tenants.keys.sorted().joined(separator: ", "))", anchor: "doors")
    }
}
