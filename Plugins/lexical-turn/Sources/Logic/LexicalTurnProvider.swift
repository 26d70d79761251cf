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
    ) throws(PluginError) -> LexicalTurnSession {
        let threshold = options.threshold ?? config.threshold ?? 0.5
        guard (0.05...0.95).contains(threshold) else { throw .invalid("'threshold' must lie in 0.05...0.95") }
        let tags = [options.language, config.language].compactMap { $0 }.filter { $0 != "auto" && !$0.isEmpty }
        let tag = tags.first ?? (params.locale.isEmpty ? "en" : params.locale)
        return LexicalTurnSession(TurnScorer(table: LanguageTable.table(for: tag)), threshold: threshold, host: host)
    }
}

/// One session of the turn detector; it keeps nothing between turns.
public final class LexicalTurnSession: ResettableSession {
    private let scorer: TurnScorer
    private let threshold: Double
    private let outbox: Outbox

    init(_ scorer: TurnScorer, threshold: Double, host: SessionHost) {
        self.scorer = scorer
        self.threshold = threshold
        outbox = Outbox(host: host)
    }

    /// Answers transcripts at once.
    public func handle(_ event: borrowing Event) throws(PluginError) -> Status {
        switch event.type {
        case .transcript:
            let probability = Self.rescale(scorer.probability(event.text), threshold: threshold)
            outbox.send(.turnEnd(probability: probability, generation: event.generation))
        case .writable: outbox.flush()
        case .drain: outbox.send(.drained)
        default: return .skip
        }
        return .ok
    }

    /// Drops what waits of the utterance.
    public func cancel(_ generation: UInt64) {
        outbox.cancel(generation)
    }

    /// There is nothing to forget.
    public func reset() {}

    /// Sends nothing more.
    public func close() {
        outbox.close()
    }

    /// Moves `threshold` to 0.5, where hosts draw the line, and keeps 0 and 1 where they are.
    static func rescale(_ score: Double, threshold: Double) -> Double {
        score < threshold ? 0.5 * score / threshold : 1 - 0.5 * (1 - score) / (1 - threshold)
    }
}
