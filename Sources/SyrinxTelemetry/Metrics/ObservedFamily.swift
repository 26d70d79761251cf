// SPDX-License-Identifier: Apache-2.0

internal import Synchronization

/// A gauge or counter whose values somebody else keeps: they are asked for at each scrape. Thread-safe.
package final class ObservedFamily: MetricSource {
    /// Called on the thread of the scrape; must be quick. Values are in base units.
    package typealias Reader = @Sendable () -> [(labels: [String], value: Double)]

    package let declaration: MetricDeclaration
    private let overflowed: @Sendable () -> Void
    private let reader = Mutex<Reader?>(nil)

    init(_ declaration: MetricDeclaration, overflowed: @escaping @Sendable () -> Void) {
        self.declaration = declaration
        self.overflowed = overflowed
    }

    /// Takes the place of an earlier reader. Until there is one the family has no series.
    package func observe(_ read: @escaping Reader) { reader.withLock { $0 = read } }

    /// Of a family without labels.
    package func observe(value read: @escaping @Sendable () -> Double) { observe { [([], read())] } }

    /// Equal sets of labels are added up, and so are those beyond the maximum.
    package func read() -> [MetricSeries] {
        guard let read = reader.withLock({ $0 }) else { return [] }
        var sums: [[String]: Double] = [:]
        for (labels, value) in read() {
            var key = LabelValues.fitted(labels, to: declaration)
            if sums[key] == nil, sums.count >= declaration.maximumSeries {
                key = LabelValues.overflow(of: declaration)
                overflowed()
            }
            sums[key, default: 0] += value
        }
        return sums.map { MetricSeries(labels: $0.key, reading: .value($0.value)) }
    }
}
