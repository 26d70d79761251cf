// SPDX-License-Identifier: Apache-2.0

import Foundation
import SyrinxCore
import SyrinxTelemetry
import Testing

/// `etc/grafana` and `etc/prometheus` against the table of series.
@Suite(.tags(.unit)) struct DashboardTests {
    private static let etc = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().appending(path: "etc")
    private static let rules = etc.appending(path: "prometheus/alerts.yaml")

    private let declared = VoiceMetrics(tenantLabel: true).registry.declarations

    private func dashboard() throws -> JSONValue {
        try JSONValue(parsing: Data(contentsOf: Self.etc.appending(path: "grafana/syrinx.json")))
    }

    private func queries(_ value: JSONValue) -> [String] {
        let own = ["expr", "query"].compactMap { value[$0]?.string }
        let inner = (value.object.map { Array($0.values) } ?? []) + (value.array ?? [])
        return own + inner.flatMap(queries)
    }

    private func names(in text: String) -> Set<String> {
        Set(text.matches(of: /\bsyrinx_[a-z0-9_]+/).map { String($0.output) })
    }

    /// `name{label="…"}` as pairs.
    private func labels(in text: String) -> [(name: String, label: String)] {
        text.matches(of: /\b(syrinx_[a-z0-9_]+)\{([^}]*)\}/).flatMap { match in
            match.output.2.matches(of: /([a-z_]+)\s*(?:=|!)/).map { (String(match.output.1), String($0.output.1)) }
        }
    }

    private func check(_ texts: [String]) {
        let known = Set(declared.flatMap(\.seriesNames))
        for text in texts {
            #expect(names(in: text).subtracting(known).isEmpty, "\(text)")
            for (name, label) in labels(in: text) where !["instance", "le"].contains(label) {
                let family = declared.first { $0.seriesNames.contains(name) }
                #expect(family?.labels.contains(label) == true, "\(name) has no label \(label)")
            }
        }
    }

    @Test func `every query of the dashboard names declared series and labels`() throws {
        let queries = queries(try dashboard())
        #expect(queries.count > 50)
        check(queries)
    }

    @Test func `every series is on the dashboard`() throws {
        let shown = names(in: queries(try dashboard()).joined(separator: "\n"))
        for one in declared where shown.isDisjoint(with: one.seriesNames) {
            Issue.record("\(one.name) is shown nowhere")
        }
    }

    @Test func `panels have ids of their own and do not lie on each other`() throws {
        let panels = try dashboard()["panels"]?.array ?? []
        #expect(Set(panels.compactMap { $0["id"]?.int }).count == panels.count)
        var taken: Set<[Int64]> = []
        for panel in panels {
            let grid = panel["gridPos"]
            let side = { (key: String) in grid?[key]?.int ?? 0 }
            for x in side("x")..<side("x") + side("w") {
                for y in side("y")..<side("y") + side("h") { #expect(taken.insert([x, y]).inserted) }
            }
            #expect(side("x") + side("w") <= 24)
        }
    }

    @Test func `every alert names declared series and labels, and says what to do`() throws {
        let text = try String(contentsOf: Self.rules, encoding: .utf8)
        check([text])
        let alerts = text.matches(of: /- alert:/).count
        #expect(alerts >= 15)
        #expect(text.matches(of: #/\n +fix: /#).count == alerts)
        #expect(text.matches(of: #/\n +summary: /#).count == alerts)
    }

    @Test(.enabled(if: Promtool.isInstalled)) func `promtool takes the alerts`() throws {
        let (output, isClean) = try Promtool.run(["check", "rules", Self.rules.path])
        #expect(isClean, "\(output)")
    }

    @Test(.enabled(if: Promtool.isInstalled)) func `the alerts come when they should`() throws {
        let tests = Self.etc.appending(path: "prometheus/alerts.test.yaml")
        check([try String(contentsOf: tests, encoding: .utf8)])
        let (output, isClean) = try Promtool.run(["test", "rules", tests.path])
        #expect(isClean, "\(output)")
    }
}
