// SPDX-License-Identifier: Apache-2.0

/// What a family of series is: everything that `/metrics` says about it but its values.
package struct MetricDeclaration: Sendable, Equatable {
    package enum Kind: String, Sendable { case counter, gauge, histogram }

    /// How stored whole numbers become the base units of the text.
    package enum Unit: Sendable {
        case count
        /// Stored in nanoseconds, shown in seconds.
        case seconds

        var perUnit: Double { self == .count ? 1 : 1_000_000_000 }
    }

    package var name: String
    package var kind: Kind
    package var help: String
    package var unit: Unit
    /// Label names in order; values are given in the same order.
    package var labels: [String]
    /// So many sets of label values are kept apart; those that come later are counted together as `other`.
    package var maximumSeries: Int

    package init(
        _ name: String, _ kind: Kind, _ help: String, unit: Unit = .count, labels: [String] = [],
        maximumSeries: Int = Self.defaultMaximumSeries
    ) {
        self.name = name
        self.kind = kind
        self.help = help
        self.unit = unit
        self.labels = labels
        self.maximumSeries = maximumSeries
    }

    package static let defaultMaximumSeries = 200
    /// Stands in each label of a set that came too late.
    package static let overflowValue = "other"

    /// The names that the text has for this family: a histogram has three.
    package var seriesNames: [String] {
        kind == .histogram ? ["_bucket", "_sum", "_count"].map { name + $0 } : [name]
    }
}
