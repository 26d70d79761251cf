// SPDX-License-Identifier: Apache-2.0

/// Decides when the caller's turn is complete. Times are audio time, so slow transcription adds nothing: the
/// delay always counts from the true end of speech.
package struct Endpointing: Sendable, Equatable {
    private enum Verdict: Equatable {
        case none
        case asked(at: Duration)
        case answered(Float)
    }

    private var options: EndpointingOptions
    private let hasTurnStage: Bool
    private var dynamic: DynamicEndpointing
    private var verdict = Verdict.none
    private var askedText: String?
    /// True end of the last speech; nil while the caller speaks or has said nothing.
    package private(set) var lastSpeech: Duration?
    /// The application or the provider has decided: no delay.
    package private(set) var demand: TurnSource?

    package init(options: EndpointingOptions, hasTurnStage: Bool) {
        self.options = options
        self.hasTurnStage = hasTurnStage
        dynamic = DynamicEndpointing(alpha: options.dynamicAlpha)
    }

    package mutating func adjust(_ options: EndpointingOptions) { self.options = options }

    package var isPending: Bool { lastSpeech != nil || demand != nil }
    package var probability: Float? { if case .answered(let value) = verdict { value } else { nil } }

    package var source: TurnSource {
        if let demand { return demand }
        return probability == nil ? .silence : .detector
    }

    /// New speech cancels the decision.
    package mutating func speechStarted(at position: Duration) {
        if options.dynamic, let lastSpeech { dynamic.observe(pause: position - lastSpeech) }
        reset()
    }

    package mutating func speechEnded(at position: Duration) { lastSpeech = position }

    package mutating func decide(_ source: TurnSource) { demand = source }

    /// An answer was interrupted at once: the caller had not finished.
    package mutating func answeredTooEarly(pause: Duration) {
        if options.dynamic, pause < options.maxDelay { dynamic.observe(pause: pause) }
    }

    /// True when the turn stage is to be asked now. A text that has changed is worth a second question.
    package mutating func shallAsk(silence: Duration, text: String, at position: Duration) -> Bool {
        guard hasTurnStage, demand == nil, silence >= options.judgeAfter, askedText != text else { return false }
        askedText = text
        verdict = .asked(at: position)
        return true
    }

    /// The silence that was asked about has ended before it became the end of speech.
    package mutating func speechGoesOn() {
        guard lastSpeech == nil else { return }
        verdict = .none
        askedText = nil
    }

    package mutating func judged(_ probability: Float) {
        guard isPending || askedText != nil, !probability.isNaN else { return }
        verdict = .answered(probability)
    }

    /// Audio time of the commit, if nothing changes.
    package func due(isDangling: Bool) -> Duration? {
        if demand != nil { return .zero }
        guard let lastSpeech else { return nil }
        switch verdict {
        case .answered(let probability) where probability >= options.judgeThreshold:
            return lastSpeech + options.judgedMinDelay
        case .answered:
            return lastSpeech + options.judgedMaxDelay
        case .asked(let at):
            return max(lastSpeech + silenceDelay(isDangling), at + options.judgeTimeout)
        case .none:
            return lastSpeech + silenceDelay(isDangling)
        }
    }

    package mutating func reset() {
        verdict = .none
        askedText = nil
        lastSpeech = nil
        demand = nil
    }

    private func silenceDelay(_ isDangling: Bool) -> Duration {
        let extra = isDangling ? options.danglingExtra : .zero
        let learned = dynamic.delay(min: options.minDelay, max: options.maxDelay)
        return min(learned + extra, max(options.maxDelay, options.minDelay))
    }
}
