// SPDX-License-Identifier: Apache-2.0

/// Judges from the words alone whether a turn is complete.
///
/// The rules stand in the order of how sure they are; the first that applies decides.
struct TurnScorer: Sendable {
    /// What each finding is worth, as the probability that the turn is complete.
    enum Score {
        static let filler = 0.05
        static let waiting = 0.1
        static let dangling = 0.1
        static let openPunctuation = 0.12
        static let unfinishedNumber = 0.2
        static let spelling = 0.3
        static let openClause = 0.35
        static let nothing = 0.2
        static let oneWord = 0.6
        static let statement = 0.75
        static let strandedQuestion = 0.8
        static let finishedNumber = 0.85
        static let question = 0.9
        static let shortAnswer = 0.95
        static let closedPunctuation = 0.95
    }

    /// Nil: only what holds in every language.
    let table: LanguageTable?

    /// The probability that the turn is complete, in 0...1.
    func probability(_ text: String) -> Double {
        let turn = TurnText(text)
        guard let table, let last = turn.words.last else { return punctuation(turn) ?? Score.nothing }
        return interruption(turn, last, table) ?? punctuation(turn) ?? numbers(turn, table)
            ?? ending(turn, last, table) ?? shape(turn, table)
    }

    /// The caller is thinking: no punctuation that a recogniser guesses changes that.
    private func interruption(_ turn: TurnText, _ last: String, _ table: LanguageTable) -> Double? {
        if table.fillers.contains(last), turn.ending != .question { return Score.filler }
        if table.waiting.contains(where: turn.ends) { return Score.waiting }
        if table.shortAnswers.contains(turn.words), turn.ending != .open { return Score.shortAnswer }
        return nil
    }

    private func punctuation(_ turn: TurnText) -> Double? {
        switch turn.ending {
        case .question, .full: Score.closedPunctuation
        case .open: Score.openPunctuation
        case .none: turn.words.isEmpty ? nil : (table == nil ? Score.statement : nil)
        }
    }

    /// Dictated numbers and spelled words come in groups with pauses between them.
    private func numbers(_ turn: TurnText, _ table: LanguageTable) -> Double? {
        let run = turn.words.reversed().prefix { table.digits.contains($0) || $0.allSatisfy(\.isNumber) }
        let digits = run.reduce(0) { $0 + (table.digits.contains($1) ? 1 : $1.count) }
        let needed = turn.words.dropLast(run.count).lazy.compactMap { table.numberContexts[$0] }.max()
        if let needed, digits > 0 {
            return digits >= needed ? Score.finishedNumber : Score.unfinishedNumber
        }
        if run.count >= 3 { return digits >= 7 ? Score.finishedNumber : Score.unfinishedNumber }
        let letters = turn.words.reversed().prefix { $0.count == 1 && $0.allSatisfy(\.isLetter) }
        return letters.count >= 3 ? Score.spelling : nil
    }

    private func ending(_ turn: TurnText, _ last: String, _ table: LanguageTable) -> Double? {
        if table.completeEndings.contains(where: turn.ends) { return Score.statement }
        let isQuestion = turn.words.first.map(table.questionStarts.contains) == true
        if isQuestion, turn.words.count >= 4, table.stranded.contains(last) { return Score.strandedQuestion }
        let isDangling = table.dangling.contains(last) || table.danglingPhrases.contains(where: turn.ends)
        return isDangling ? Score.dangling : nil
    }

    private func shape(_ turn: TurnText, _ table: LanguageTable) -> Double {
        guard let first = turn.words.first, turn.words.count > 1 else { return Score.oneWord }
        let isAsked = table.auxiliaries.contains(turn.words[1])
        if table.conditionals.contains(first), !isAsked, !turn.hasComma, turn.words.count < 8 {
            return Score.openClause
        }
        return table.questionStarts.contains(first) && turn.words.count > 2 ? Score.question : Score.statement
    }
}
