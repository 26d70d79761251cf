// SPDX-License-Identifier: Apache-2.0

/// Brings one stream of 16 bit mono from one rate to another by the host's resampler; equal rates pass as they are.
public struct RateConverter: Sendable {
    /// Hz of what goes in.
    public let source: UInt32
    /// Hz of what comes out.
    public let target: UInt32
    // Unchecked: it is used by one call at a time, as the session that holds it.
    nonisolated(unsafe) private let converter: AudioConverter?

    /// Makes a converter.
    ///
    /// - Throws: ``PluginError`` with ``Status/unsupported`` when the host cannot convert between the two.
    public init(from source: UInt32, to target: UInt32, host: SessionHost) throws(PluginError) {
        self.source = source
        self.target = target
        guard source != target else {
            converter = nil
            return
        }
        converter = try AudioConverter(
            session: host,
            from: AudioFormat(sampleRate: source),
            to: AudioFormat(sampleRate: target)
        )
    }

    /// Converts the next samples; what the resampler keeps back comes with the ones after them.
    public func convert(_ samples: [Int16]) -> [Int16] {
        guard let converter, !samples.isEmpty else { return samples }
        let (scaled, overflow) = samples.count.multipliedReportingOverflow(by: Int(target))
        guard !overflow else { return [] }
        var room = [Int16](repeating: 0, count: scaled / max(1, Int(source)) + 1_024)
        var span = room.mutableSpan
        let count = converter.convert(samples.span, generation: 0, into: &span) ?? 0
        room.removeLast(room.count - min(count, room.count))
        return room
    }
}
