// SPDX-License-Identifier: Apache-2.0

import SyrinxCore
import SyrinxHost
import Testing

@Suite("The routes of new sessions") struct RouteTableTests {
    private var table = RouteTable()
    private static let plan = CanaryPlan(percent: 10)

    /// Generation 1 is version 1.0.0 and so on; each in a folder of its own unless it replaces others.
    private mutating func add(
        _ generation: Int, _ version: String, _ standing: RouteTable.Standing = .serving, replaces: Set<Int> = []
    ) throws {
        let version = try #require(SemanticVersion(version))
        table.add(
            [RouteTable.Offer(.vad, "ear", version, generation: generation)], generation: generation,
            standing: standing, replaces: replaces)
    }

    private func stable(_ reference: String, _ table: RouteTable? = nil) throws -> Int? {
        try (table ?? self.table).route(.vad, ProviderReference(reference)).stable?.generation
    }

    private func canary(_ reference: String) throws -> Int? {
        try table.route(.vad, ProviderReference(reference)).canary?.offer.generation
    }

    @Test mutating func `a reference means the newest version within its pin`() throws {
        try add(1, "1.0.0")
        try add(2, "2.0.0")
        try add(3, "1.4.2")
        #expect(try stable("ear") == 2)
        #expect(try stable("ear@1") == 3)
        #expect(try stable("ear@1.0.0") == 1)
        #expect(try stable("ear@3") == nil)
        #expect(try stable("nose") == nil)
        #expect(table.route(.stt, ProviderReference(id: "ear")).stable == nil)
    }

    @Test(arguments: [RouteTable.Standing.candidate, .canary(plan), .out])
    mutating func `only what serves is stable`(standing: RouteTable.Standing) throws {
        try add(1, "1.0.0")
        try add(2, "1.1.0", standing)
        #expect(try stable("ear") == 1)
        #expect(try stable("ear@1.1.0") == nil)
    }

    @Test mutating func `a new build of the same version takes over in one step, and back`() throws {
        try add(1, "1.0.0")
        try add(2, "1.0.0", .candidate, replaces: [1])
        #expect(try stable("ear") == 1)
        table.promote(2)
        #expect(try stable("ear") == 2)
        #expect(try stable("ear@1.0.0") == 2)
        table.set(2, .out)
        #expect(try stable("ear") == 1)
        #expect(try stable("ear@1.0.0") == 1)
    }

    @Test mutating func `a pin stays with its version when the folder holds another by now`() throws {
        try add(1, "1.0.0")
        try add(2, "1.1.0", .candidate, replaces: [1])
        table.promote(2)
        #expect(try stable("ear") == 2)
        #expect(try stable("ear@1") == 2)
        #expect(try stable("ear@1.0.0") == 1)
    }

    @Test mutating func `a folder that went back to an older version leads`() throws {
        try add(1, "2.0.0")
        try add(2, "1.0.0", .candidate, replaces: [1])
        #expect(try stable("ear") == 1)
        table.promote(2)
        #expect(try stable("ear") == 2)
        #expect(try stable("ear@2") == 1, "the pin is not moved")
    }

    @Test mutating func `a canary shows only where it would lead`() throws {
        try add(1, "1.0.0")
        try add(2, "1.1.0", .canary(Self.plan))
        #expect(try canary("ear") == 2)
        #expect(try canary("ear@1") == 2)
        #expect(try canary("ear@1.0.0") == nil)
        #expect(try stable("ear") == 1)
        try add(3, "0.9.0", .canary(Self.plan))
        #expect(try canary("ear") == 2)
        #expect(try canary("ear@0") == 3)
        #expect(try stable("ear@0") == nil)
    }

    @Test mutating func `looking ahead changes nothing`() throws {
        try add(1, "1.0.0")
        try add(2, "1.1.0", .candidate)
        #expect(try stable("ear", table.promoting(2)) == 2)
        #expect(try stable("ear", table.without(1)) == nil)
        #expect(try stable("ear") == 1)
    }

    @Test mutating func `a build that was replaced may come back`() throws {
        try add(1, "1.0.0")
        try add(2, "1.0.0", .candidate, replaces: [1])
        table.promote(2)
        table.restore(1, replacing: [2])
        #expect(try stable("ear") == 2, "until it is tested")
        table.promote(1)
        #expect(try stable("ear") == 1)
        #expect(table.standing(of: 2) == .replaced)
    }

    @Test mutating func `each version is listed once, as its latest build`() throws {
        try add(1, "1.0.0")
        try add(2, "1.0.0", .candidate, replaces: [1])
        table.promote(2)
        try add(3, "1.0.0-rc.1")
        #expect(Set(table.routable.map(\.generation)) == [2, 3])
    }
}
