// SPDX-License-Identifier: Apache-2.0

/// The answers of a speech-to-speech session on their way to the host: which of them has which name
/// (``ResponseLedger``), and what of them waits for credit (``SpeechOutput``).
///
/// Every answer that the host asked for ends exactly once (R7), also when the session fails. Call ``settle()`` after every
/// event, and ``SpeechOutput/flush()`` on WRITABLE.
public struct SpeechAnswers: Sendable {
    /// What a tool call came to whose answer was over first: the host brings no result of it, and the model may wait.
    public static let interrupted = "the caller interrupted"

    private let host: SessionHost
    private var isDraining = false
    private var isClosed = false

    /// Which answer has which name.
    public var ledger = ResponseLedger()
    /// What goes to the host.
    public var output: SpeechOutput
    /// So much waits that the vendor is not read.
    public private(set) var isHoldingUp = false
    /// What ended the session, if something did.
    public private(set) var failure: PluginError?

    /// Makes a session's answers; there are none yet.
    ///
    /// - Parameters:
    ///   - host: The session's host.
    ///   - format: Of the audio: 16 bit mono.
    public init(host: SessionHost, format: AudioFormat) {
        self.host = host
        output = SpeechOutput(host: host, format: format)
    }

    /// Nothing more is said to the host but what waits.
    public var isOver: Bool { isClosed || failure != nil }

    // MARK: What the host asks

    /// A PROMPT with a text: the host asks for an answer that the vendor would not begin by itself.
    public mutating func ask(_ prompt: SpeechPrompt) -> ResponseLedger.Reply {
        ledger.ask(prompt.generation, now: host.now)
    }

    /// A PROMPT without a text names the answer that the vendor gives by itself; what it has said already is sent.
    ///
    /// - Returns: Older answers that nobody asked for, to be cancelled at the vendor.
    @discardableResult
    public mutating func name(_ prompt: SpeechPrompt) -> [ResponseLedger.Reply] {
        let naming = ledger.name(prompt.generation, turn: prompt.turn, now: host.now)
        for item in naming.items { output.send(item, generation: prompt.generation) }
        return naming.abandoned
    }

    /// The host cancelled a generation: nothing of it goes out any more but the end that is owed.
    ///
    /// - Returns: The answer, to be cancelled at the vendor; nil when there is nothing to cancel.
    @discardableResult
    public mutating func cancel(_ generation: UInt64) -> ResponseLedger.Reply? {
        guard !isOver else {
            output.cancel(generation, owesEnd: false)
            return nil
        }
        guard let cancellation = ledger.cancel(generation) else { return nil }
        output.cancel(generation, owesEnd: cancellation.wasOpen)
        return cancellation.reply
    }

    /// DRAIN: ``settle()`` reports when nothing is owed any more.
    public mutating func drain() { isDraining = true }

    /// The host asks something of a session that is over: what waits still goes out, and a PROMPT ends with what ended the
    /// session.
    public mutating func refuse(_ request: SpeechRequest) -> Status {
        switch request {
        case .writable: output.flush()
        case .drain: drain()
        case .prompt(let prompt):
            guard !isClosed, let failure else { return .closed }
            // Answered, not refused: so the host learns first that the session is over, and can ask another one.
            output.send(.failed(failure, generation: prompt.generation))
        default: return .skip
        }
        return .ok
    }

    // MARK: What the vendor says

    /// The vendor answers what it heard: the host is told that the turn is over, unless it has named the answer already.
    public mutating func open() -> ResponseLedger.Reply {
        let reply = ledger.open(now: host.now)
        guard ledger.generation(reply) == nil else { return reply }
        var event = OutgoingEvent.turnEnd(probability: 1, generation: 0)
        event.id = reply.number
        output.send(event)
        return reply
    }

    /// The next item of an answer: sent, or kept until the answer is named.
    ///
    /// - Returns: What became of it; after ``ResponseLedger/Verdict/overflow`` the vendor should be told to stop.
    @discardableResult
    public mutating func add(_ item: ResponseLedger.Item, to reply: ResponseLedger.Reply) -> ResponseLedger.Verdict {
        let verdict = ledger.add(item, to: reply)
        switch verdict {
        case .emit(let generation): output.send(item, generation: generation)
        case .overflow: host.log(.warning, "an answer was dropped, since the host did not ask for it")
        case .held, .dropped: break
        }
        return verdict
    }

    /// The vendor broke an answer off: what waits of it is not played, only its end is still to come.
    public mutating func cut(_ reply: ResponseLedger.Reply) {
        guard ledger.isLive(reply) else { return }
        if let generation = ledger.generation(reply) { output.cut(generation) }
        ledger.forgetHeld(reply)
    }

    /// What an answer cost, by counter; nothing when none was told.
    public mutating func report(usage counts: [String: Int64], of reply: ResponseLedger.Reply?) {
        guard !counts.isEmpty else { return }
        // Of no generation when it was cancelled: it has to be paid for all the same.
        let generation = reply.flatMap { ledger.isLive($0) ? ledger.generation($0) : nil } ?? 0
        output.send(.usage(counts.mapValues { .int(max(0, $0)) }, generation: generation))
    }

    // MARK: Ends

    /// Ends the session: every answer that is owed ends with the error, and so does the session.
    public mutating func fail(_ error: PluginError) {
        guard !isOver else { return }
        let owed = ledger.openReplies
        failure = error
        output.send(.failed(error, generation: 0))
        for reply in owed { add(.end(error), to: reply) }
    }

    /// After every event: reports the end of a drain.
    ///
    /// - Returns: Whether the vendor is to be read from now on; nil = as before.
    public mutating func settle() -> Bool? {
        var reads: Bool?
        if isHoldingUp ? output.isRelieved : output.isCongested {
            isHoldingUp.toggle()
            reads = !isHoldingUp
        }
        if isDraining, ledger.openReplies.isEmpty, output.isEmpty {
            isDraining = false
            output.send(.drained)
        }
        return reads
    }

    /// Sends nothing more.
    public mutating func close() {
        isClosed = true
        output.close()
    }
}
