// SPDX-License-Identifier: Apache-2.0

/// One series as it is read.
package struct MetricSeries: Sendable, Equatable {
    package var labels: [String]
    package var reading: MetricReading

    package init(labels: [String], reading: MetricReading) {
        self.labels = labels
        self.reading = reading
    }
}

/// What a registry reads at each scrape.
package protocol MetricSource: AnyObject, Sendable {
    var declaration: MetricDeclaration { get }
    func read() -> [MetricSeries]
}
