// SPDX-License-Identifier: Apache-2.0

import SyrinxCore
import SyrinxTelemetry
import Testing

@Suite(.tags(.unit)) struct MetricRegistryTests {
    private let registry = MetricRegistry()

    private func lines(of name: String) -> [String] {
        PrometheusText.of(registry).split(separator: "\n").map(String.init).filter { $0.hasPrefix(name) }
    }

    @Test func `a family without labels shows zero from the start`() {
        _ = registry.counter("x_total", "Things.")
        #expect(lines(of: "x_total") == ["x_total 0"])
    }

    @Test func `a counter never falls`() {
        let counter = registry.counter("x_total", "Things.")[]
        counter.add(3)
        counter.add(-5)
        counter.add(.seconds(-1))
        #expect(lines(of: "x_total") == ["x_total 3"])
    }

    @Test func `times are kept in nanoseconds and shown in seconds`() {
        registry.counter("x_seconds_total", "Time.", unit: .seconds)[].add(.milliseconds(20))
        registry.gauge("y_seconds", "Lag.", unit: .seconds)[].set(.milliseconds(-1500))
        #expect(lines(of: "x_seconds_total") == ["x_seconds_total 0.02"])
        #expect(lines(of: "y_seconds") == ["y_seconds -1.5"])
    }

    @Test func `label values beyond the maximum count as other and are counted`() {
        let family = registry.counter("x_total", "Things.", labels: ["a", "b"], maximumSeries: 2)
        for value in ["1", "2", "3", "4", "1"] { family[value, "z"].add() }
        #expect(
            lines(of: "x_total") == [
                #"x_total{a="1",b="z"} 2"#, #"x_total{a="2",b="z"} 1"#, #"x_total{a="other",b="other"} 2"#,
            ])
        #expect(lines(of: "syrinx_metric_overflows_total") == [#"syrinx_metric_overflows_total{metric="x_total"} 2"#])
    }

    @Test func `label values are escaped, cut, and made to fit the declaration`() {
        let family = registry.gauge("x", "Things.", labels: ["a", "b"])
        family["say \"no\"\\\n{}", "ü", "one too many"].set(1)
        family[String(repeating: "é", count: 200)].set(2)
        #expect(
            lines(of: "x{") == [
                #"x{a="say \"no\"\\\n{}",b="ü"} 1"#,
                "x{a=\"\(String(repeating: "é", count: 64))\",b=\"\"} 2",
            ])
    }

    @Test func `help is escaped`() {
        _ = registry.gauge("x", "One \\ two\nthree \"four\"")
        #expect(PrometheusText.of(registry).contains("# HELP x One \\\\ two\\nthree \"four\"\n# TYPE x gauge\nx 0\n"))
    }

    @Test func `a histogram's buckets add up and the bound itself belongs to its bucket`() {
        let histogram = registry.histogram("x_seconds", "Time.", bounds: [0.1, 0.5], labels: ["step"])["a"]
        for time in [100, 101, 500, 9000, -3] { histogram.observe(.milliseconds(time)) }
        #expect(
            lines(of: "x_seconds") == [
                #"x_seconds_bucket{step="a",le="0.1"} 2"#, #"x_seconds_bucket{step="a",le="0.5"} 4"#,
                #"x_seconds_bucket{step="a",le="+Inf"} 5"#, #"x_seconds_sum{step="a"} 9.701"#,
                #"x_seconds_count{step="a"} 5"#,
            ])
    }

    @Test func `observed values are asked for at each scrape, and equal labels add up`() {
        let family = registry.observed("x", .gauge, "Depth.", labels: ["queue"])
        #expect(lines(of: "x{") == [])
        family.observe { [(["a"], 1.5), (["b"], .infinity), (["a"], 2)] }
        #expect(lines(of: "x{") == [#"x{queue="a"} 3.5"#, #"x{queue="b"} +Inf"#])
        family.observe { (0..<300).map { (["\($0)"], 1) } }
        #expect(lines(of: "x{").count == 201)
        #expect(lines(of: "x{queue=\"other\"}") == [#"x{queue="other"} 100"#])
    }

    @Test func `changes made together are seen together`() async {
        let up = registry.counter("up_total", "Up.")[]
        let down = registry.counter("down_total", "Down.")[]
        await withTaskGroup(of: Bool.self) { [registry] group in
            group.addTask {
                for _ in 0..<2000 {
                    registry.together {
                        up.add()
                        down.add()
                    }
                }
                return true
            }
            group.addTask {
                (0..<200).allSatisfy { _ in
                    let values = registry.read().flatMap(\.series).map(\.reading)
                    return values.count == 2 && values[0] == values[1]
                }
            }
            for await agreed in group { #expect(agreed) }
        }
        #expect(up.value == 2000)
    }

    @Test func `numbers are printed as the format wants them`() {
        let family = registry.observed("x", .gauge, "Numbers.", labels: ["n"])
        family.observe { [(["a"], .nan), (["b"], -.infinity), (["c"], 1e21), (["d"], 0.1), (["e"], -0.0)] }
        #expect(lines(of: "x{").map { $0.split(separator: " ")[1] } == ["NaN", "-Inf", "1e+21", "0.1", "0"])
    }

    @Test(.enabled(if: Promtool.isInstalled)) func `promtool finds nothing to say`() throws {
        registry.counter("a_total", "Escapes \\ in\nhelp.", labels: ["x"])["\"\\\n"].add()
        registry.histogram("b_seconds", "Time.", bounds: [0.1, 1], labels: ["step"])["s"].observe(.seconds(1))
        _ = registry.gauge("c_bytes", "No series.", labels: ["x"])
        let (output, isClean) = try Promtool.run(["check", "metrics"], input: PrometheusText.of(registry))
        #expect(isClean && output.isEmpty, "\(output)")
    }
}
