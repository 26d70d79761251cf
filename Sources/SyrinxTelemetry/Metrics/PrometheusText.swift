// SPDX-License-Identifier: Apache-2.0

/// Prometheus' text format 0.0.4, as `/metrics` answers it.
package struct PrometheusText {
    package static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    /// Reads all series of a registry.
    package static func of(_ registry: MetricRegistry) -> String {
        var writer = PrometheusText()
        for (declaration, series) in registry.read() { writer.write(declaration, series) }
        return writer.text
    }

    private var text = ""

    private init() { text.reserveCapacity(1 << 15) }

    private mutating func write(_ declaration: MetricDeclaration, _ series: [MetricSeries]) {
        text += "# HELP \(declaration.name) \(Self.escaped(declaration.help, quotes: false))\n"
        text += "# TYPE \(declaration.name) \(declaration.kind.rawValue)\n"
        for one in series {
            let labels = zip(declaration.labels, one.labels).map { name, value in
                "\(name)=\"\(Self.escaped(value, quotes: true))\""
            }
            write(one.reading, of: declaration, labels: labels)
        }
    }

    private mutating func write(_ reading: MetricReading, of declaration: MetricDeclaration, labels: [String]) {
        let (name, unit) = (declaration.name, declaration.unit)
        switch reading {
        case .whole(let value): line(name, labels, Self.number(value, in: unit))
        case .value(let value): line(name, labels, Self.number(value))
        case .histogram(let bounds, let counts, let sum):
            var total: UInt64 = 0
            for (bound, count) in zip(bounds + [.infinity], counts) {
                total &+= count
                line(name + "_bucket", labels + ["le=\"\(Self.number(bound))\""], String(total))
            }
            line(name + "_sum", labels, Self.number(sum, in: unit))
            line(name + "_count", labels, String(total))
        }
    }

    private mutating func line(_ name: String, _ labels: [String], _ value: String) {
        text += name
        if !labels.isEmpty { text += "{" + labels.joined(separator: ",") + "}" }
        text += " " + value + "\n"
    }

    private static func number(_ value: Int64, in unit: MetricDeclaration.Unit) -> String {
        unit == .count ? String(value) : number(Double(value) / unit.perUnit)
    }

    static func number(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
        if let whole = Int64(exactly: value) { return String(whole) }
        return value.description
    }

    /// The format's escapes: backslash and line feed, and in label values the quote.
    static func escaped(_ text: String, quotes: Bool) -> String {
        guard text.utf8.contains(where: { $0 == 0x5C || $0 == 0x0A || $0 == 0x22 }) else { return text }
        var escaped = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\": escaped += "\\\\"
            case "\n": escaped += "\\n"
            case "\"" where quotes: escaped += "\\\""
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }
}
