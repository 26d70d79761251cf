// SPDX-License-Identifier: Apache-2.0

import SyrinxConfig
import SyrinxCore
import Testing

@Suite(.tags(.unit)) struct TwoTenantsTests {
    @Test func `the sample has two tenants with providers, keys and limits of their own`() throws {
        let configuration = try parse(Repository.text("etc/two-tenants.yaml"))
        let tenants = configuration.tenants.sorted { $0.key < $1.key }
        #expect(tenants.map(\.key) == ["acme", "globex"])
        #expect(tenants.map(\.value.limits.sessions) == [2, 20] && tenants.allSatisfy { !$0.value.isOpen })
        #expect(Set(tenants.compactMap(\.value.providers.tts?.stage?.provider.id)).count == 2)
        #expect(!configuration.access.operators.isEmpty && configuration.storage.database != nil)
        for (_, tenant) in tenants {
            for name in configuration.profileNames(of: tenant) {
                #expect(configuration.overlay(for: name, tenant: tenant) != nil)
            }
        }
    }

    @Test func `the sample follows the published schema`() throws {
        let value = try #require(Configuration.jsonValue(ofText: Repository.text("etc/two-tenants.yaml")))
        #expect(try JSONSchema(Configuration.schema).validate(value) == [])
    }
}
