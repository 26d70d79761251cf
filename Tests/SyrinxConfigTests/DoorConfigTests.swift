// SPDX-License-Identifier: Apache-2.0

import SyrinxConfig
import Testing

@Suite(.tags(.unit)) struct DoorConfigTests {
    private static let tenants = "tenants: { acme: {}, beta: { route: { numbers: [\"+4930222\"] } } }\n"

    @Test func `numbers become their tenants and profiles`() throws {
        let door = try #require(
            try parse(
                Self.tenants + """
                    doors:
                      line:
                        transport: x
                        numbers:
                          "+4930111": { tenant: acme, profile: echo }
                          "112": {}
                    """
            ).doors["line"])
        #expect(door.tenant == nil && door.numbers.count == 2)
        #expect(door.numbers["+4930111"]?.tenant == "acme" && door.numbers["+4930111"]?.profile == "echo")
        #expect(door.numbers["112"]?.tenant == nil)
    }

    @Test func `a tenant or a profile that is not there is shown at the number`() {
        let found = headlines(
            Self.tenants
                + "doors: { a: { transport: x, tenant: acme, numbers: { \"+4930\": { tenant: acne, profile: y } } } }")
        #expect(found.count == 2 && found.allSatisfy { $0.hasPrefix("2:") })
    }

    @Test func `what is no number is refused`() {
        for name in ["fax", "\"+\"", "\"+49 30\"", "\"+1234567890123456\""] {
            #expect(headlines("doors: { a: { transport: x, numbers: { \(name): {} } } }").count == 1, "\(name)")
        }
    }

    @Test func `numbers are for calls that come in`() {
        #expect(headlines("doors: { a: { backend: x, numbers: { \"+4930\": {} } } }").count == 1)
    }

    @Test func `a door names one of several tenants, or its calls find theirs by number`() {
        let plain = "tenants: { acme: {}, beta: {} }\n"
        #expect(headlines(plain + "doors: { a: { transport: x } }").count == 1)
        #expect(headlines(plain + "doors: { a: { transport: x, numbers: { \"+4930\": { tenant: beta } } } }") == [])
        #expect(headlines(Self.tenants + "doors: { a: { transport: x } }") == [])
        #expect(headlines(Self.tenants + "doors: { a: { backend: x } }").count == 1, "a call that is placed has none")
    }
}
