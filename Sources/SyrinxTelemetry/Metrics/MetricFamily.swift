// SPDX-License-Identifier: Apache-2.0

internal import Synchronization

/// All series of one name. Thread-safe.
///
/// Ask for a series once and keep it; asking takes a lock and a look-up. Series are never forgotten, so that what went
/// up in one goes down in the same.
package final class MetricFamily<Kind: Instrument>: MetricSource {
    package let declaration: MetricDeclaration
    private let make: @Sendable () -> Kind
    private let overflowed: @Sendable () -> Void
    private let series = Mutex<[[String]: Kind]>([:])

    init(
        _ declaration: MetricDeclaration, make: @escaping @Sendable () -> Kind,
        overflowed: @escaping @Sendable () -> Void
    ) {
        self.declaration = declaration
        self.make = make
        self.overflowed = overflowed
        // A family without labels has its one series from the start, with zero.
        if declaration.labels.isEmpty { _ = self[[]] }
    }

    package subscript(_ values: String...) -> Kind { self[values] }

    /// The series of these label values, in the order of the declaration. Values that are missing are empty, those too
    /// many are left out, long ones are cut.
    package subscript(_ values: [String]) -> Kind {
        let key = LabelValues.fitted(values, to: declaration)
        let (found, isLate) = series.withLock { series in
            if let known = series[key] { return (known, false) }
            let isLate = series.count >= declaration.maximumSeries
            let place = isLate ? LabelValues.overflow(of: declaration) : key
            let instrument = series[place] ?? make()
            series[place] = instrument
            return (instrument, isLate)
        }
        if isLate { overflowed() }
        return found
    }

    package func read() -> [MetricSeries] {
        series.withLock { series in series.map { MetricSeries(labels: $0.key, reading: $0.value.reading) } }
    }
}

/// Label values as a family keeps them.
enum LabelValues {
    /// Bytes of one value. What is longer is nothing to group by.
    static let maximumBytes = 128

    static func fitted(_ values: [String], to declaration: MetricDeclaration) -> [String] {
        declaration.labels.indices.map { index in
            guard index < values.count else { return "" }
            let value = values[index]
            guard value.utf8.count > maximumBytes else { return value }
            return String(decoding: value.utf8.prefix(maximumBytes), as: UTF8.self)
        }
    }

    static func overflow(of declaration: MetricDeclaration) -> [String] {
        declaration.labels.map { _ in MetricDeclaration.overflowValue }
    }
}
