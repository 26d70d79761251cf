// SPDX-License-Identifier: Apache-2.0
public import SyrinxPlugin

/// The turn detector `lexical`: tells from the words whether the caller has finished.
public final class LexicalTurnProvider: Provider {
    /// The provider's configuration.
    public struct Config: Decodable, Sendable {
        /// A language tag, or "auto" for the session's own.
        public var language: String?
        /// The score from which a turn counts as complete, in 0.05...0.95.
        public var threshold: Double?
    }

    private let config: Config

    /// Keeps the configuration.
    public init(config: Config, host: Host) throws(PluginError) {
        self.config = config
    }

    /// Begins a session in the language of its options, of the configuration, or of the caller.
    public func openSession(
        _ params: SessionParams,
        options: Config,
        host: SessionHost
    ) throws(PluginError) -> ImmediateSession<LexicalTurn> {
        let threshold = options.threshold ?? config.threshold ?? 0.5
        guard (0.05...0.95).contains(threshold) else { throw .invalid("'threshold' must lie in 0.05...0.95") }
        let tags = [options.language, config.language].compactMap { $0 }.filter { $0 != "auto" && !$0.isEmpty }
        let tag = tags.first ?? (params.locale.isEmpty ? "en" : params.locale)
        let turn = LexicalTurn(scorer: TurnScorer(table: LanguageTable.table(for: tag)), threshold: threshold)
        return ImmediateSession(turn, host: host)
    }
}

/// The turn detector; it keeps nothing between turns.
public struct LexicalTurn: ImmediateResponder {
    let scorer: TurnScorer
    let threshold: Double

    /// Answers transcripts at once.
    public func handle(_ event: borrowing Event, _ outbox: Outbox) throws(PluginError) -> Status {
        guard event.type == .transcript else { return .skip }
        let probability = Self.rescale(scorer.probability(event.text), threshold: threshold)
        outbox.send(.turnEnd(probability: probability, generation: event.generation))
        return .ok
    }

    /// Moves `threshold` to 0.5, where hosts draw the line, and keeps 0 and 1 where they are.
    static func rescale(_ score: Double, threshold: Double) -> Double {
        score < threshold ? 0.5 * score / threshold : 1 - 0.5 * (1 - score) / (1 - threshold)
    }
}
