// SPDX-License-Identifier: Apache-2.0

import SyrinxCore
import SyrinxHost
import SyrinxTestKit
import Testing

@Suite("Loading plugins") struct LoadingTests {
    static let refusals: [(macros: [String], manifest: String, code: String)] = [
        (["FIXTURE_MAGIC=0x12345678"], FixturePlugin.manifest(), "plugin.abi.bad_magic"),
        (["FIXTURE_MAJOR=2"], FixturePlugin.manifest(), "plugin.abi.newer_major"),
        ([], FixturePlugin.manifest(abi: "2.0"), "plugin.abi.newer_major"),
        (["FIXTURE_TRUNCATED_MODULE"], FixturePlugin.manifest(), "plugin.abi.truncated_table"),
        (["FIXTURE_TRUNCATED_DESC"], FixturePlugin.manifest(), "plugin.abi.truncated_table"),
        (["FIXTURE_TRUNCATED_VT"], FixturePlugin.manifest(), "plugin.abi.truncated_table"),
        (["FIXTURE_KIND=77"], FixturePlugin.manifest(), "plugin.abi.wrong_kind"),
        (["FIXTURE_KIND=SYX_STT"], FixturePlugin.manifest(), "plugin.abi.wrong_kind"),
        (["FIXTURE_NO_HANDLE"], FixturePlugin.manifest(), "plugin.abi.missing_function"),
        (["FIXTURE_ENTRY=something_else"], FixturePlugin.manifest(), "plugin.load.no_entry"),
        ([], FixturePlugin.manifest(version: "1.0.1"), "plugin.descriptor.invalid"),
        ([], #"{"id":"fixture"}"#, "plugin.manifest.invalid"),
        ([], #"{"id":"fixture","#, "plugin.manifest.invalid"),
        ([], FixturePlugin.manifest().replacing("plugin.so", with: "../plugin.so"), "plugin.manifest.invalid"),
        ([], FixturePlugin.manifest().replacing("plugin.so", with: "missing.so"), "plugin.package.missing_file"),
    ]

    @Test(arguments: refusals)
    func `a plugin that breaks the contract is refused by name and place`(
        macros: [String], manifest: String, code: String
    ) throws {
        let fixture = try FixturePlugin("broken", macros: macros, manifest: manifest)
        defer { fixture.remove() }
        let host = PluginHost(environment: FakeHostEnvironment())
        let plugin = try #require(try host.load(folder: fixture.plugins).first)
        #expect(plugin.refusal?.code == code)
        #expect(plugin.refusal?.place?.hasPrefix(fixture.plugins) == true)
        #expect(host.registry.all.isEmpty)
    }

    @Test func `a plugin built outside the tree against the header alone loads`() throws {
        let fixture = try FixturePlugin("good")
        defer { fixture.remove() }
        let host = PluginHost(environment: FakeHostEnvironment())
        let plugin = try #require(try host.load(folder: fixture.plugins).first)
        #expect(plugin.refusal == nil)
        #expect(host.registry.all.map(\.reference) == ["fixture@1.0.0"])
    }

    @Test func `a plugin of a newer minor loads`() throws {
        let fixture = try FixturePlugin(
            "minor", macros: ["FIXTURE_MINOR=9"], manifest: FixturePlugin.manifest(abi: "1.9"))
        defer { fixture.remove() }
        let host = PluginHost(environment: FakeHostEnvironment())
        #expect(try host.load(folder: fixture.plugins).first?.refusal == nil)
    }

    @Test func `the second plugin with the same id is refused, the first stays`() throws {
        let fixture = try FixturePlugin("a")
        defer { fixture.remove() }
        try fixture.add("b")
        let host = PluginHost(environment: FakeHostEnvironment())
        let plugins = try host.load(folder: fixture.plugins)
        #expect(plugins.map { $0.refusal?.code } == [nil, "plugin.duplicate_id"])
        #expect(host.registry.all.count == 1)
    }

    @Test func `one broken plugin does not stop the others`() throws {
        let fixture = try FixturePlugin("a", macros: ["FIXTURE_MAGIC=1"])
        defer { fixture.remove() }
        try fixture.add("b")
        let host = PluginHost(environment: FakeHostEnvironment())
        #expect(try host.load(folder: fixture.plugins).map { $0.refusal == nil } == [false, true])
    }

    @Test func `a missing plugin folder is an error with its place and fix`() {
        let host = PluginHost(environment: FakeHostEnvironment())
        #expect {
            try host.load(folder: "/nowhere/plugins")
        } throws: { error in
            let error = error as? SyrinxError
            return error?.code == "plugin.folder.missing" && error?.place == "/nowhere/plugins" && error?.fix != nil
        }
    }
}
