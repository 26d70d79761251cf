// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import SyrinxCore

@Suite(.tags(.unit)) struct AddressRulesTests {
    @Test(arguments: [
        "8.8.8.8", "1.1.1.1", "100.63.255.255", "100.128.0.0", "172.15.255.255", "172.32.0.0", "192.167.1.1",
        "223.255.255.255", "2606:4700::1111", "2a00:1450::1", "::ffff:8.8.8.8", "64:ff9b::8.8.8.8",
    ])
    func `a public address may be reached`(text: String) throws {
        #expect(AddressRules().allow(try #require(IPAddress.parse(text))))
    }

    @Test(arguments: [
        "0.0.0.0", "0.1.2.3", "10.0.0.1", "100.64.0.1", "127.0.0.1", "127.255.255.254", "169.254.169.254", "172.16.0.1",
        "172.31.255.255", "192.0.0.192", "192.0.2.1", "192.168.1.1", "198.18.0.1", "198.51.100.1", "203.0.113.1",
        "224.0.0.1", "255.255.255.255", "::", "::1", "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:10.0.0.1",
        "64:ff9b::127.0.0.1", "64:ff9b::a9fe:a9fe", "2002:7f00:1::", "2001::1", "2001:db8::1", "fc00::1",
        "fd00:ec2::254",
        "fe80::1", "fec0::1", "ff02::1", "100::1",
    ])
    func `an inner or special address may not`(text: String) throws {
        #expect(!AddressRules().allow(try #require(IPAddress.parse(text))))
    }

    @Test func `the operator may allow some, in every spelling`() throws {
        let rules = AddressRules(allowed: ["10.1.0.0/16", "::1", "fd00::/8"].compactMap(AddressRange.init))
        for text in ["10.1.2.3", "::ffff:10.1.2.3", "::1", "fd12::1"] {
            #expect(rules.allow(try #require(IPAddress.parse(text))), "\(text)")
        }
        for text in ["10.2.0.1", "127.0.0.1", "fc00::1"] {
            #expect(!rules.allow(try #require(IPAddress.parse(text))), "\(text)")
        }
        #expect(!rules.allow([]) && !rules.allow([10, 1, 2]) && !rules.allow([UInt8](repeating: 1, count: 17)))
    }

    @Test(arguments: [
        ("10.0.0.0/9", "10.127.255.255", true), ("10.0.0.0/9", "10.128.0.0", false), ("0.0.0.0/0", "1.2.3.4", true),
        ("1.2.3.4", "1.2.3.4", true), ("1.2.3.4/31", "1.2.3.5", true), ("1.2.3.4", "1.2.3.5", false),
        ("0.0.0.0/0", "::1", false), ("2001:db8::/33", "2001:db8:7fff::", true),
        ("2001:db8::/33", "2001:db8:8000::", false),
    ])
    func `a range holds what its prefix says`(range: String, address: String, expected: Bool) throws {
        let range = try #require(AddressRange(range))
        #expect(range.contains(try #require(IPAddress.parse(address))) == expected)
    }

    @Test(arguments: [
        "", "10", "10.0.0", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/", "10.0.0.0/1/2", "10.0.0.0/0x8", "::/129", "h/8",
        "010.0.0.1", "127.1", "::1%lo",
    ])
    func `what is no range is refused`(text: String) {
        #expect(AddressRange(text) == nil)
    }
}
