// SPDX-License-Identifier: Apache-2.0
internal import Synchronization
public import SyrinxPlugin

/// One session of the model `mock`.
///
/// It keeps the contract of the kind: CONFIG comes first, turns are its own, an answer waits for the PROMPT that names
/// it, DELTA, AUDIO_OUT, TOOL_CALL and DONE carry that generation, HEARD tells how far it was heard.
public final class MockS2SSession: Session {
    private struct Answer {
        let generation: UInt64
        let text: String
        /// The caller's words, to be told when the answer is complete.
        var words: String?
        var sent = 0
        var hasBegun = false
    }

    private struct Setup: Decodable, Sendable {
        struct Line: Decodable, Sendable {
            var role: String
            var text: String
        }

        struct Tool: Decodable, Sendable {
            var name: String
        }

        var instructions: String?
        var history: [Line]?
        var tools: [Tool]?
    }

    private struct State {
        var setup = Setup()
        var answers: [Answer] = []
        /// Generations that wait for a tool's result.
        var calls: [UInt64: String] = [:]
        var heard = ""
        var turn = 0
        /// Words of the turn that the next unnamed PROMPT answers.
        var words = ""
        var samplesSent: Int64 = 0
        var isClosed = false
    }

    private enum Cookie {
        static let ready: UInt64 = 1
        static let notice: UInt64 = 2
        static let end: UInt64 = 3
    }

    private static let chunkMilliseconds = 200
    private static let maximumAnswers = 16

    private let script: MockS2SScript
    private let tone: Tone
    private let sampleCount: Int
    private let format: AudioFormat
    private let host: SessionHost
    private let outbox: Outbox
    private let breakForGood: @Sendable () -> Void
    private var ear: MockEar
    // `cancel` comes from any thread, hence the lock; the host never calls back while it is held (R3).
    private let state = Mutex(State())

    /// READY tells when it is.
    public var isReady: Bool { script.connect == 0 }

    init(
        script: MockS2SScript,
        input: Int,
        format: AudioFormat,
        host: SessionHost,
        breakForGood: @escaping @Sendable () -> Void
    ) {
        self.script = script
        self.format = format
        self.host = host
        self.breakForGood = breakForGood
        tone = Tone(frequency: script.frequency, sampleRate: Int(format.sampleRate))
        sampleCount = script.replyMilliseconds * Int(format.sampleRate) / 1_000
        ear = MockEar(sampleRate: input, silence: script.silence)
        outbox = Outbox(host: host)
    }

    /// Hears, answers, and does as it is told.
    public func handle(_ event: borrowing Event) throws(PluginError) -> Status {
        switch event.type {
        case .config: try configure(event)
        case .audioIn: hear(event)
        case .prompt: return try prompt(event)
        case .toolResult: goOn(event.generation, result: event.text)
        case .heard: noteHeard(event)
        case .timer: wake(event.id)
        case .writable:
            outbox.flush()
            state.withLock { pump(&$0) }
        case .drain: outbox.send(.drained)
        default: return .skip
        }
        return .ok
    }

    /// The answer is not wanted any more.
    public func cancel(_ generation: UInt64) {
        outbox.cancel(generation)
        state.withLock { state in
            let wasOpen = state.answers.contains { $0.generation == generation } || state.calls[generation] != nil
            tellWords(of: generation, &state)
            state.answers.removeAll { $0.generation == generation }
            state.calls[generation] = nil
            if wasOpen { outbox.send(.cancelled(generation: generation)) }
        }
    }

    /// Sends nothing more.
    public func close() {
        outbox.close()
        state.withLock { state in
            state.answers = []
            state.isClosed = true
        }
    }

    // MARK: the session

    private func configure(_ event: borrowing Event) throws(PluginError) {
        let setup = try event.decodeJSON(Setup.self)
        state.withLock { $0.setup = setup }
        if script.connect == 0 {
            outbox.send(OutgoingEvent(.ready))
        } else {
            _ = host.startTimer(afterMilliseconds: UInt32(clamping: script.connect), cookie: Cookie.ready)
        }
        guard script.expireAfter > 0 else { return }
        let notice = max(0, script.expireAfter - script.notice)
        _ = host.startTimer(afterMilliseconds: UInt32(clamping: notice), cookie: Cookie.notice)
        _ = host.startTimer(afterMilliseconds: UInt32(clamping: script.expireAfter), cookie: Cookie.end)
    }

    private func wake(_ cookie: UInt64) {
        switch cookie {
        case Cookie.ready: outbox.send(OutgoingEvent(.ready))
        case Cookie.notice:
            var event = OutgoingEvent.state("expiring")
            event.json = #"{"seconds":\#(Double(min(script.notice, script.expireAfter)) / 1_000)}"#
            outbox.send(event)
        case Cookie.end: breakOff(.unavailable("the mock session has expired"))
        default: break
        }
    }

    private func breakOff(_ error: PluginError) {
        outbox.send(.failed(error, generation: 0))
        close()
    }

    // MARK: hearing

    private func hear(_ event: borrowing Event) {
        let change = event.withAudio { ear.hear($0) } ?? .none
        switch change {
        case .none: break
        case .began: outbox.send(OutgoingEvent(.speechStart))
        case .ended: endTurn()
        }
    }

    private func endTurn() {
        outbox.send(OutgoingEvent(.speechStop))
        let (words, turn) = state.withLock { state -> (String, Int) in
            let words = script.lines[state.turn % script.lines.count]
            state.turn += 1
            state.words = words
            return (words, state.turn)
        }
        if turn == script.breakAtTurn {
            if script.breaksForGood { breakForGood() }
            return breakOff(
                script.breaksForGood
                    ? PluginError(.notPermitted, "the mock model has broken for good")
                    : .unavailable("the mock session broke"))
        }
        if !script.tellsWordsLate { outbox.send(.final(words, generation: 0)) }
        outbox.send(.turnEnd(probability: 1, generation: 0))
    }

    private func noteHeard(_ event: borrowing Event) {
        let heard = "\(event.integer) ms: \(event.text)"
        state.withLock { $0.heard = heard }
    }

    // MARK: answering

    private func prompt(_ event: borrowing Event) throws(PluginError) -> Status {
        struct Extras: Decodable {
            var line: String?
        }
        let generation = event.generation
        let typed = event.text
        let line = try event.decodeJSON(Extras.self).line
        return state.withLock { state in
            guard state.answers.count < Self.maximumAnswers else { return .again }
            if let line {
                state.answers.append(Answer(generation: generation, text: line))
            } else {
                answer(generation, typed, &state)
            }
            pump(&state)
            return .ok
        }
    }

    private func answer(_ generation: UInt64, _ typed: String, _ state: inout State) {
        let words = typed.isEmpty ? state.words : typed
        guard state.setup.tools?.contains(where: { $0.name == script.tool }) == true else {
            var answer = Answer(generation: generation, text: fill(words, result: "", state))
            if script.tellsWordsLate, typed.isEmpty { answer.words = words }
            return state.answers.append(answer)
        }
        state.calls[generation] = words
        let arguments = script.toolArguments.isEmpty ? #"{"turn":\#(state.turn)}"# : script.toolArguments
        outbox.send(.toolCall(script.tool, arguments: arguments, id: 1, generation: generation))
    }

    private func goOn(_ generation: UInt64, result: String) {
        state.withLock { state in
            guard let words = state.calls.removeValue(forKey: generation) else { return }
            state.answers.append(Answer(generation: generation, text: fill(words, result: result, state)))
            pump(&state)
        }
    }

    private func fill(_ words: String, result: String, _ state: State) -> String {
        let history = state.setup.history ?? []
        let values = [
            ("words", words), ("turn", String(state.turn)), ("history", String(history.count)),
            ("last", history.last?.text ?? ""), ("heard", state.heard), ("result", result),
            ("instructions", state.setup.instructions ?? ""),
        ]
        return values.reduce(script.reply) { text, value in
            text.split(separator: "{\(value.0)}", omittingEmptySubsequences: false).joined(separator: value.1)
        }
    }

    /// Sends until everything is said or the host has no room.
    private func pump(_ state: inout State) {
        while !state.isClosed, !state.answers.isEmpty {
            guard finish(&state.answers[0], &state.samplesSent) else { return }
            let generation = state.answers[0].generation
            outbox.send(.done(generation: generation))
            tellWords(of: generation, &state)
            state.answers.removeFirst()
        }
    }

    private func tellWords(of generation: UInt64, _ state: inout State) {
        guard let index = state.answers.firstIndex(where: { $0.generation == generation }),
            let words = state.answers[index].words
        else { return }
        state.answers[index].words = nil
        outbox.send(.final(words, generation: 0))
    }

    /// False when the host has no room.
    private func finish(_ answer: inout Answer, _ samplesSent: inout Int64) -> Bool {
        if !answer.hasBegun {
            answer.hasBegun = true
            if !answer.text.isEmpty { outbox.send(.delta(answer.text, generation: answer.generation)) }
        }
        while answer.sent < sampleCount, !host.isCancelled(answer.generation) {
            let room = min(sampleCount - answer.sent, tone.sampleRate * Self.chunkMilliseconds / 1_000)
            let piece = tone.piece(from: answer.sent, atMost: room)
            let samples = tone.samples
            let status = host.emitAudio(
                samples.span.extracting(piece),
                generation: answer.generation,
                clause: 1,
                format: format,
                presentationTime: samplesSent
            )
            if status == .again { return false }
            guard !status.isError else { break }
            answer.sent += piece.count
            samplesSent += Int64(piece.count)
        }
        return true
    }
}
