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
        let keys = entry.path.replacingOccurrences(of: "NAME", with: "a").split(separator: ".").map(String.init)
        let value = try #require(unusualValue(for: entry), "no value for \(entry.path)")
        let text =
            keys.enumerated().map { String(repeating: "  ", count: $0) + $1 + ":" }.joined(separator: "\n")
            + " \(value)\n"
        let configuration = try parse(text)
        if keys.count > 2, keys[0] == "profiles" {
            #expect(configuration.profiles["a"] != ProfileConfig())
        } else {
            #expect(configuration != Configuration())
        }
        let json = try #require(Configuration.jsonValue(ofText: text))
        #expect(try JSONSchema(Configuration.schema).validate(json) == [])
        #expect(headlines(text.replacingOccurrences(of: " \(value)\n", with: " { x: { y: [] } }\n")).count >= 1)
    }

    @Test(arguments: Configuration.manual.filter { !$0.path.hasPrefix("profiles") && $0.fallback != nil })
    func `the default of the manual is the default of the code`(entry: Configuration.ManualEntry) throws {
        guard entry.path != "plugins.folders" else { return }
        let keys = entry.path.split(separator: ".")
        let text = keys.enumerated().map { String(repeating: "  ", count: $0) + $1 + ":" }.joined(separator: "\n")
        #expect(try parse(text + " \(entry.fallback ?? "")\n") == Configuration())
    }

    @Test(arguments: Set(Configuration.manual.map(\.anchor)).sorted())
    func `the manual has the table of each group`(anchor: String) throws {
        let manual = try Repository.text("docs/CONFIG.md")
        #expect(manual.contains("# \(anchor)\n"))
        #expect(
            manual.contains(Configuration.manualTable(anchor: anchor)),
            "replace it by:\n\(Configuration.manualTable(anchor: anchor))"
        )
    }

    private func unusualValue(for entry: Configuration.ManualEntry) -> String? {
        switch entry.takes {
        case "a text", "a path": entry.path.hasSuffix("extends") ? "echo" : "text"
        case "HOST:PORT": "localhost:1"
        case "a language tag": "de"
        case "a list of texts": "[x]"
        case "a stage": "x"
        case "a list of stages": "[x]"
        case "`true` or `false`": entry.fallback == "true" ? "false" : "true"
        case let words where words.hasPrefix("`"):
            words.split(separator: "`").last { $0.first?.isLetter ?? false }.map(String.init)
        case let range where range.hasPrefix("a duration"): "1777ms"
        case let range where range.hasPrefix("a number"): "0.25"
        case let range where range.hasPrefix("a whole number"): "77"
        case let range where range.hasPrefix("a size"): "4KiB"
        default: nil
        }
    }
}
