// SPDX-License-Identifier: Apache-2.0

/// Declares families that have the label `tenant` first where that is wanted. They may have more series then.
struct TenantSeriesMaker {
    var registry: MetricRegistry
    var tenantLabel: Bool

    private var maximum: Int { tenantLabel ? 2000 : MetricDeclaration.defaultMaximumSeries }

    private func all(_ labels: [String]) -> [String] { tenantLabel ? ["tenant"] + labels : labels }

    func counter(
        _ name: String, _ help: String, _ labels: [String] = [], unit: MetricDeclaration.Unit = .count
    ) -> MetricFamily<Counter> {
        registry.counter(name, help, unit: unit, labels: all(labels), maximumSeries: maximum)
    }

    func gauge(_ name: String, _ help: String, _ labels: [String] = []) -> MetricFamily<Gauge> {
        registry.gauge(name, help, labels: all(labels), maximumSeries: maximum)
    }

    func histogram(_ name: String, _ help: String, _ labels: [String], bounds: [Double]) -> MetricFamily<Histogram> {
        registry.histogram(name, help, bounds: bounds, labels: all(labels), maximumSeries: maximum)
    }
}
