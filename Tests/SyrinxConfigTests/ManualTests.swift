// SPDX-License-Identifier: Apache-2.0

import Foundation
import SyrinxConfig
import SyrinxCore
import Testing

@Suite(.tags(.unit)) struct ManualTests {
    @Test func `the sample works as it is and says nothing but the defaults`() throws {
        #expect(try parse(Repository.text("etc/syrinx.yaml")) == Configuration())
    }

    @Test func `the sample with all comments removed is valid and follows the schema`() throws {
        let text = try Repository.fullSample()
        #expect(issues(text) == [])
        let schema = try JSONSchema(Configuration.schema)
        let value = try #require(Configuration.jsonValue(ofText: text))
        #expect(schema.validate(value) == [])
    }

    @Test(arguments: Configuration.manual)
    func `every key stands in the sample with its default`(entry: Configuration.ManualEntry) throws {
        let key = entry.path.split(separator: ".").last ?? ""
        let value = entry.fallback.map { " \($0)" } ?? ""
        let prose = ["plugins.folders", "profiles.NAME.extends"].contains(entry.path)
        #expect(try Repository.fullSample().contains("\(key):\(prose ? "" : value)"))
    }

    /// A key that the parser checks and then forgets would be a lie of the manual.
    @Test(arguments: Configuration.manual)
    func `every key changes the configuration and the schema takes it`(entry: Configuration.ManualEntry) throws {
        let value = try #require(UnusualValue.of(entry), "no value for \(entry.path)")
        let text = UnusualValue.file(setting: entry, to: value)
        let changed = try parse(text)
        // Without a key that is required there is no configuration at all.
        #expect(changed != (try? parse(UnusualValue.file(setting: entry, to: nil))))
        let json = try #require(Configuration.jsonValue(ofText: text))
        #expect(try JSONSchema(Configuration.schema).validate(json) == [])
        #expect(headlines(UnusualValue.file(setting: entry, to: "{ x: { y: [] } }")).count >= 1)
    }

    /// Where a name may be anything, the manual's defaults are those of a thing that says nothing.
    @Test(arguments: Configuration.manual.filter { !$0.path.hasPrefix("profiles") && $0.fallback != nil })
    func `the default of the manual is the default of the code`(entry: Configuration.ManualEntry) throws {
        // In prose; and one that is given up when it is not written.
        guard !["plugins.folders", "listeners.admin_http"].contains(entry.path) else { return }
        let text = UnusualValue.file(setting: entry, to: entry.fallback ?? "")
        #expect(try parse(text) == parse(UnusualValue.file(setting: entry, to: nil)))
    }

    @Test(arguments: Configuration.manual)
    func `every example of a key is valid and follows the schema`(entry: Configuration.ManualEntry) throws {
        guard !["plugins.folders", "profiles.NAME.extends"].contains(entry.path) else { return }
        let text = UnusualValue.file(setting: entry, to: entry.example)
            .replacingOccurrences(of: "${file:", with: "${env:X:-")
        let found = headlines(text, environment: UnusualValue.environment)
        // One example stands for the key in PEM and for the secret.
        #expect(found.filter { !$0.contains("in PEM") && !$0.contains("too short") } == [])
        let json = try #require(Configuration.jsonValue(ofText: text))
        #expect(try JSONSchema(Configuration.schema).validate(json) == [])
    }

    @Test(arguments: Set(Configuration.manual.map(\.anchor)).sorted())
    func `the manual has the table of each group`(anchor: String) throws {
        let manual = try Repository.text("docs/CONFIG.md")
        #expect(manual.contains("# \(anchor)\n"))
        #expect(
            manual.contains(Configuration.manualTable(anchor: anchor)),
            "`syrinx config explain --markdown docs/CONFIG.md` prints it anew"
        )
    }

    @Test func `renewing the manual changes nothing but tables that are stale`() throws {
        let manual = try Repository.text("docs/CONFIG.md")
        #expect(ConfigManual.renewed(manual) == manual)
        let stale = manual.replacingOccurrences(of: "| `log.level` |", with: "| `log.lvl` |")
        #expect(stale != manual && ConfigManual.renewed(stale) == manual)
    }
}
