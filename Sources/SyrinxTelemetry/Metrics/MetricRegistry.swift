// SPDX-License-Identifier: Apache-2.0

internal import Synchronization

/// All families of a process, in the order in which they were declared. Thread-safe.
package final class MetricRegistry: Sendable {
    private let sources = Mutex<[any MetricSource]>([])
    /// Held by `together` and while series are read.
    private let consistency = Mutex<Void>(())
    private let overflows = MetricFamily<Counter>(
        MetricDeclaration(
            "syrinx_metric_overflows_total", .counter,
            "Look-ups of label values beyond a family's maximum, which count as other.", labels: ["metric"]),
        make: { Counter() }, overflowed: {})

    package init() { add(overflows) }

    package func counter(
        _ name: String, _ help: String, unit: MetricDeclaration.Unit = .count, labels: [String] = [],
        maximumSeries: Int = MetricDeclaration.defaultMaximumSeries
    ) -> MetricFamily<Counter> {
        let declared = MetricDeclaration(
            name, .counter, help, unit: unit, labels: labels, maximumSeries: maximumSeries)
        return family(declared) { Counter() }
    }

    package func gauge(
        _ name: String, _ help: String, unit: MetricDeclaration.Unit = .count, labels: [String] = [],
        maximumSeries: Int = MetricDeclaration.defaultMaximumSeries
    ) -> MetricFamily<Gauge> {
        let declared = MetricDeclaration(name, .gauge, help, unit: unit, labels: labels, maximumSeries: maximumSeries)
        return family(declared) { Gauge() }
    }

    /// - Parameter bounds: upper bounds of the buckets in seconds, rising; one without a bound comes after them.
    package func histogram(
        _ name: String, _ help: String, bounds: [Double], labels: [String] = [],
        maximumSeries: Int = MetricDeclaration.defaultMaximumSeries
    ) -> MetricFamily<Histogram> {
        let declared = MetricDeclaration(
            name, .histogram, help, unit: .seconds, labels: labels, maximumSeries: maximumSeries)
        return family(declared) { Histogram(bounds: bounds) }
    }

    /// Values that are asked for at each scrape.
    package func observed(
        _ name: String, _ kind: MetricDeclaration.Kind, _ help: String, labels: [String] = []
    ) -> ObservedFamily {
        let declared = MetricDeclaration(name, kind, help, labels: labels)
        let family = ObservedFamily(declared, overflowed: noteOverflow(of: name))
        add(family)
        return family
    }

    package var declarations: [MetricDeclaration] { sources.withLock { $0.map(\.declaration) } }

    /// Changes of several series that no scrape may see halves of. For rare events; what is inside must be quick.
    package func together(_ changes: () -> Void) { consistency.withLock { _ in changes() } }

    /// Every family with its series, ordered by their labels.
    package func read() -> [(declaration: MetricDeclaration, series: [MetricSeries])] {
        let sources = sources.withLock { $0 }
        // Readers are foreign code, which may use `together`: they are not called under its lock.
        let observed = sources.map { source in source is ObservedFamily ? source.read() : [] }
        let own = consistency.withLock { _ in sources.map { $0 is ObservedFamily ? [] : $0.read() } }
        return zip(sources, zip(observed, own)).map { source, series in
            let all = series.0 + series.1
            return (source.declaration, all.sorted { $0.labels.lexicographicallyPrecedes($1.labels) })
        }
    }

    private func family<Kind: Instrument>(
        _ declaration: MetricDeclaration, make: @escaping @Sendable () -> Kind
    ) -> MetricFamily<Kind> {
        let family = MetricFamily(declaration, make: make, overflowed: noteOverflow(of: declaration.name))
        add(family)
        return family
    }

    private func noteOverflow(of name: String) -> @Sendable () -> Void { { [overflows] in overflows[name].add() } }

    private func add(_ source: any MetricSource) { sources.withLock { $0.append(source) } }
}
