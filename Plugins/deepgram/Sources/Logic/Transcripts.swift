// SPDX-License-Identifier: Apache-2.0
internal import SyrinxPlugin

/// Turns the vendor's messages into the transcripts of the host's utterances.
///
/// Pure: it is told what happens, and leaves the events to send in ``output``. Positions are samples of the stream of
/// all audio that was sent, whatever the connection; `base` is where a connection's own time begins in it.
struct Transcripts {
    /// Earlier results for audio so close to an utterance's end make `Finalize` needless.
    static let toleranceMilliseconds: Int64 = 10

    let sampleRate: Int64
    /// The vendor decides turns: it is told SPEECH_START, FINAL, TURN_END when the vendor says so.
    let providerDecidesTurns: Bool
    /// The vendor finds out which language is spoken: what it was told beforehand is no news.
    let tellsLanguage: Bool
    /// Utterances that have no FINAL yet, oldest first; only the last may be open.
    var utterances: [Utterance] = []
    /// Everything before it is settled, and need not be heard again.
    var confirmed: Int64 = 0
    /// Words before it belong to utterances that the host does not want any more.
    private(set) var discardedTo: Int64 = 0
    /// v1: where this connection's final results end; the next ones begin there.
    var finalTo: Int64 = 0
    /// The vendor hears speech.
    var isSpeaking = false
    /// Flux: how many words of the vendor's current turn are sent as FINAL already.
    var consumedWords = 0
    /// Flux: the vendor's turn has begun and not ended.
    var isTurnOpen = false
    /// Flux: the newest transcript of the vendor's current turn.
    var turnText = ""
    private(set) var output: [OutgoingEvent] = []

    init(sampleRate: Int, providerDecidesTurns: Bool, tellsLanguage: Bool) {
        self.sampleRate = Int64(max(1, sampleRate))
        self.providerDecidesTurns = providerDecidesTurns
        self.tellsLanguage = tellsLanguage
    }

    /// The utterance that still gets audio.
    var open: Utterance? { utterances.last.flatMap { $0.end == nil ? $0 : nil } }
    /// Utterances that wait for their FINAL.
    var closing: [Utterance] { utterances.filter { $0.end != nil } }

    subscript(id: UInt64) -> Utterance? { utterances.first { $0.id == id } }

    /// What is to be sent, once.
    mutating func takeOutput() -> [OutgoingEvent] {
        defer { output = [] }
        return output
    }

    mutating func emit(_ event: OutgoingEvent) { output.append(event) }

    // MARK: Utterances

    /// The utterance's first audio comes.
    mutating func begin(_ id: UInt64, at position: Int64) {
        utterances.append(Utterance(id: id, start: position))
    }

    /// END_OF_INPUT. True when the vendor has to be asked for the rest; else FINAL is in the output.
    mutating func close(_ id: UInt64, at position: Int64) -> Bool {
        guard let index = utterances.firstIndex(where: { $0.id == id }) else { return false }
        utterances[index].end = position
        let utterance = utterances[index]
        let isHeard = confirmed >= position - Self.toleranceMilliseconds * sampleRate / 1_000
        // A vendor that decides turns has said all there is: what comes later is of the next utterance.
        guard utterance.isEmpty && providerDecidesTurns || isHeard || utterance.start == position else { return true }
        finish(index, confirm: !providerDecidesTurns)
        return false
    }

    /// Waits no longer: FINAL with what there is.
    mutating func giveUp(_ id: UInt64) {
        guard let index = utterances.firstIndex(where: { $0.id == id }) else { return }
        finish(index, confirm: true)
    }

    /// Nothing more is said of it; the stream is at `position`.
    mutating func forget(_ id: UInt64, at position: Int64) {
        guard let index = utterances.firstIndex(where: { $0.id == id }) else { return }
        let utterance = utterances.remove(at: index)
        // Words of it that are still to come are nobody's.
        discardedTo = max(discardedTo, utterance.end ?? position)
        if index == 0 { confirmed = max(confirmed, discardedTo) }
        if isTurnOpen { consumedWords = turnText.wordCount }
        isSpeaking = false
    }

    /// A new connection begins to hear from `position` on.
    mutating func reconnected(at position: Int64) {
        finalTo = position
        consumedWords = 0
        isTurnOpen = false
        turnText = ""
    }

    mutating func finish(_ index: Int, confirm: Bool) {
        let utterance = utterances.remove(at: index)
        if confirm, let end = utterance.end { confirmed = max(confirmed, end) }
        if isTurnOpen { consumedWords = turnText.wordCount }
        // The host has ended it by itself; words that follow begin the next one.
        isSpeaking = false
        emitFinal(utterance.text, of: utterance)
    }

    private mutating func emitFinal(_ text: String, of utterance: Utterance) {
        let language = tellsLanguage ? utterance.language : nil
        emit(.final(text, confidence: utterance.confidence, language: language, generation: utterance.id))
    }

    // MARK: What both protocols tell

    mutating func hear(_ message: ListenMessage, base: Int64) {
        for index in utterances.indices { utterances[index].isAnswered = true }
        switch message {
        case .results(let results): hear(results, base: base)
        case .speechStarted(let seconds): speechBegins(at: position(seconds, base))
        case .utteranceEnd: endTurn(at: confirmed)
        case .turn(let turn): hear(turn, base: base)
        case .failed, .noted: break
        }
    }

    func position(_ seconds: Double, _ base: Int64) -> Int64 {
        base + Int64((seconds * Double(sampleRate)).rounded())
    }

    mutating func announce(_ index: Int) {
        let utterance = utterances[index]
        let text = utterance.text
        guard !text.isEmpty, text != utterance.announced else { return }
        utterances[index].announced = text
        var event = OutgoingEvent.partial(text, stablePrefix: utterance.settled.utf8.count, generation: utterance.id)
        event.number = utterance.confidence
        emit(event)
    }

    mutating func speechBegins(at position: Int64) {
        guard providerDecidesTurns, !isSpeaking, let id = (open ?? utterances.first)?.id else { return }
        isSpeaking = true
        var event = OutgoingEvent(.speechStart, generation: id)
        event.integer = position
        emit(event)
    }

    /// The vendor says that the turn is over: FINAL and TURN_END of the open utterance, when something was said.
    mutating func endTurn(at position: Int64) {
        guard providerDecidesTurns, let index = utterances.indices.last, utterances[index].end == nil else { return }
        let utterance = utterances[index]
        let isSaid = !utterance.settled.isEmpty
        if isSaid {
            emitFinal(utterance.settled, of: utterance)
            utterances[index].clear()
        }
        if isSpeaking {
            isSpeaking = false
            var event = OutgoingEvent(.speechStop, generation: utterance.id)
            event.integer = position
            emit(event)
        }
        if isSaid { emit(.turnEnd(probability: 1, generation: utterance.id)) }
    }
}
