// SPDX-License-Identifier: Apache-2.0

package import SyrinxCore

/// What a server says of all its plugins, as a table: a line a build.
package struct GenerationListing {
    private let answer: JSONValue

    package init(_ answer: JSONValue) { self.answer = answer }

    package var text: String {
        let plugins = answer["plugins"]?.array ?? []
        guard !plugins.isEmpty else { return "no plugins" }
        let table = GenerationReport.table(plugins)
        let refusals = plugins.flatMap(GenerationReport.refusals)
        return ([table] + refusals).joined(separator: "\n")
    }
}

/// What a server says of one plugin.
package struct GenerationReport {
    private let plugin: JSONValue

    package init(_ plugin: JSONValue) { self.plugin = plugin }

    /// - Parameter events: so many of the latest are shown.
    package func text(events count: Int) -> String {
        var parts = [Self.table([plugin])]
        for generation in generations {
            let facts = [generation["reason"]?.string ?? "", "self-test: \(generation["self_test"]?.string ?? "?")"]
            parts.append(
                "  #\(Self.number(generation, "generation")): " + facts.filter { !$0.isEmpty }.joined(separator: "; "))
        }
        parts += Self.refusals(plugin)
        let events = (plugin["events"]?.array ?? []).suffix(count)
        if !events.isEmpty { parts.append("") }
        parts += events.map { event in
            let number = event["generation"]?.int.map { " #\($0)" } ?? ""
            let detail = event["detail"]?.string ?? ""
            return "\(event["time"]?.string ?? "")  \(event["event"]?.string ?? "")\(number)"
                + (detail.isEmpty ? "" : "  \(detail)")
        }
        return parts.joined(separator: "\n")
    }

    /// The build that was loaded last serves or is on trial, and nothing was refused.
    package var newestIsLive: Bool {
        let state = generations.last?["state"]?.string
        return (plugin["refusals"]?.array ?? []).isEmpty
            && (state == "serving" || state == "canary" || state == "standby")
    }

    private var generations: [JSONValue] { plugin["generations"]?.array ?? [] }

    static func table(_ plugins: [JSONValue]) -> String {
        var table = TextTable(
            ["plugin", "#", "version", "sha256", "state", "sessions", "folder"], rightAligned: [1, 5])
        for plugin in plugins {
            for generation in plugin["generations"]?.array ?? [] {
                table.rows.append([
                    plugin["plugin"]?.string ?? "", number(generation, "generation"),
                    generation["version"]?.string ?? "", String((generation["sha256"]?.string ?? "").prefix(12)),
                    generation["state"]?.string ?? "", number(generation, "sessions"),
                    generation["folder"]?.string ?? "",
                ])
            }
        }
        return table.rows.isEmpty ? "nothing is loaded" : table.text
    }

    static func refusals(_ plugin: JSONValue) -> [String] {
        (plugin["refusals"]?.array ?? []).map { refusal in
            let fix = refusal["fix"]?.string.map { "\n  fix: \($0)" } ?? ""
            return "refused: \(refusal["code"]?.string ?? ""): "
                + "\(refusal["place"]?.string ?? refusal["folder"]?.string ?? ""): \(refusal["message"]?.string ?? "")\(fix)"
        }
    }

    private static func number(_ value: JSONValue, _ key: String) -> String { value[key]?.int.map { "\($0)" } ?? "" }
}
