// SPDX-License-Identifier: Apache-2.0

package import SyrinxCore

/// Something to tell the person who watches the call.
package enum CallNote: Sendable, Equatable {
    case user(String)
    /// Heard is nil when the caller heard all of it.
    case agent(String, heard: String?)
    case warning(String)
}

extension CallScript {
    package mutating func receive(audio samples: [Int16], at now: Instant) {
        let heardAt = playout.arrive(samples, at: now)
        progress.touch(at: now)
        guard let turn = progress.awaitedTurn else { return }
        progress.awaitedTurn = nil
        update(turn: turn) { $0.heardAt = heardAt }
    }

    /// - Returns: what is worth telling.
    package mutating func receive(event: JSONValue, at now: Instant) -> [CallNote] {
        let type = event["type"]?.string ?? ""
        // Being called away is the opposite of progress.
        if type != "user.away" { progress.touch(at: now) }
        switch type {
        case "session.started": session = event["session"]?.string
        case "session.ready": progress.readyAt = now
        case "user.speech_started":
            progress.isUserSpeaking = true
            progress.isInDoubt = true
        case "user.speech_stopped": progress.isUserSpeaking = false
        case "turn.committed": return committed(event)
        case "turn.ended": return ended(event)
        case "agent.text": noteGeneration(event)
        case "speech.queued", "speech.started": speechBegan(event)
        case "speech.finished": return speechFinished(event)
        case "audio.clear": playout.clear(at: now)
        case "session.closed": progress.closeReason = event["reason"]?.string
        case "warning", "error":
            return [.warning("\(event["code"]?.string ?? type): \(event["message"]?.string ?? "")")]
        default: break
        }
        return []
    }

    private mutating func committed(_ event: JSONValue) -> [CallNote] {
        let text = event["text"]?.string ?? ""
        // Between two lines, a turn is a late one of the line before.
        let owner = phase == .listening ? max(0, line - 1) : min(line, lineCount - 1)
        var turn = CallTurn(number: event["turn"]?.int ?? 0, line: owner, user: text)
        turn.spokenAt = progress.spokenAt
        turns.append(turn)
        progress.isInDoubt = progress.isUserSpeaking
        // Some models tell what they heard after they have taken the turn: it is told with the answer then.
        return text.isEmpty ? [] : [.user(text)]
    }

    private mutating func ended(_ event: JSONValue) -> [CallNote] {
        guard let number = event["turn"]?.int else { return [] }
        let wasUntold = turns.last { $0.number == number }?.user.isEmpty ?? false
        update(turn: number) { $0.end(event) }
        guard let turn = turns.last(where: { $0.number == number }) else { return [] }
        var notes: [CallNote] = wasUntold ? [.user(turn.user)] : []
        if !turn.agent.isEmpty { notes.append(.agent(turn.agent, heard: turn.isInterrupted ? turn.heard : nil)) }
        if let failure = turn.failure { notes.append(.warning("turn \(number) failed: \(failure)")) }
        return notes
    }

    private mutating func noteGeneration(_ event: JSONValue) {
        guard let generation = event["generation"]?.int, let turn = event["turn"]?.int else { return }
        progress.turnOfGeneration[generation] = turn
    }

    private mutating func speechBegan(_ event: JSONValue) {
        if let speech = event["speech"]?.int { progress.openSpeeches.insert(speech) }
        guard let generation = event["generation"]?.int else { return }
        progress.awaitedTurn = progress.turnOfGeneration[generation]
    }

    /// The answer of a turn is told when the turn ends; greetings and the like are told here.
    private mutating func speechFinished(_ event: JSONValue) -> [CallNote] {
        if let speech = event["speech"]?.int { progress.openSpeeches.remove(speech) }
        progress.hasGreeted = true
        guard let generation = event["generation"]?.int else { return [] }
        guard progress.turnOfGeneration.removeValue(forKey: generation) == nil else { return [] }
        let heard = event["heard"]?.string ?? ""
        guard !heard.isEmpty else { return [] }
        return [.agent(heard + (event["interrupted"]?.bool ?? false ? " …" : ""), heard: nil)]
    }

    private mutating func update(turn number: Int64, _ change: (inout CallTurn) -> Void) {
        guard let index = turns.lastIndex(where: { $0.number == number }) else { return }
        change(&turns[index])
    }
}
