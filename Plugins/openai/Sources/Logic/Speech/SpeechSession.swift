// SPDX-License-Identifier: Apache-2.0
internal import Synchronization
public import SyrinxPlugin

/// One session of the speaker `openai`.
///
/// Clauses are spoken in their order. The request of the next one is made while the first still plays, so that there is
/// no gap; its audio waits, and a server that is too quick is held up.
public final class SpeechSession: Session {
    private struct State {
        var clauses: [SpeechClause] = []
        /// Cancelled ones that still owe their terminal event.
        var cancelled: [SpeechClause] = []
        var samplesSent: Int64 = 0
        var isDraining = false
        var isClosed = false
    }

    private struct SpeakExtras: Decodable {
        var voice: String?
    }

    /// Requests at the same time.
    private static let maximumRequests = 2
    /// More clauses than this do not wait; the host has to take some audio first.
    private static let maximumClauses = 256
    /// Samples of one AUDIO_OUT: 200 ms.
    private static let pieceSamples = 4_800
    /// Above the one the server is held up, below the other it goes on: 2.7 s and 0.7 s of audio.
    private static let (highWater, lowWater) = (128 << 10, 32 << 10)

    private let settings: SpeechSettings
    private let host: SessionHost
    private var inbox = NetworkInbox()
    // `cancel` comes from any thread, hence the lock; the host never calls back while it is held (R3).
    private let state = Mutex(State())

    init(_ settings: SpeechSettings, host: SessionHost) {
        self.settings = settings
        self.host = host
    }

    /// Takes clauses, and what comes over the network.
    public func handle(_ event: borrowing Event) throws(PluginError) -> Status {
        if let network = inbox.read(event) {
            state.withLock { receive(network, &$0) }
            return .ok
        }
        switch event.type {
        case .speak: return try speak(event)
        case .writable: state.withLock { pump(&$0) }
        case .drain:
            state.withLock { state in
                state.isDraining = true
                pump(&state)
            }
        default: return .skip
        }
        return .ok
    }

    /// Ends the generation's requests and drops its audio.
    public func cancel(_ generation: UInt64) {
        state.withLock { state in
            for clause in state.clauses where clause.generation == generation {
                if let request = clause.request { host.abortRequest(request) }
                state.cancelled.append(clause)
            }
            state.clauses.removeAll { $0.generation == generation }
            pump(&state)
        }
    }

    /// Sends nothing more; the host ends the requests.
    public func close() {
        state.withLock { state in
            state = State()
            state.isClosed = true
        }
    }

    private func speak(_ event: borrowing Event) throws(PluginError) -> Status {
        let text = event.text
        guard text.unicodeScalars.count <= SpeechSettings.maximumText else {
            throw .invalid("a clause of more than \(SpeechSettings.maximumText) characters")
        }
        let voice = (try? event.decodeJSON(SpeakExtras.self))?.voice.flatMap { $0.isEmpty ? nil : $0 }
        let clause = SpeechClause(generation: event.generation, id: event.id, text: text, voice: voice)
        return state.withLock { state in
            guard state.clauses.count + state.cancelled.count < Self.maximumClauses else { return .again }
            state.clauses.append(clause)
            pump(&state)
            return .ok
        }
    }

    private func receive(_ event: NetworkEvent, _ state: inout State) {
        switch event {
        case .head(let id, let status, let headers):
            with(id, &state) { $0.head(status: status, headers: headers) }
        case .data(let id, let bytes): with(id, &state) { $0.data(bytes) }
        case .done(let id, let error): with(id, &state) { $0.done(error) }
        default: break
        }
    }

    private func with(_ request: NetworkID, _ state: inout State, _ body: (inout SpeechClause) -> Void) {
        guard let index = state.clauses.firstIndex(where: { $0.request == request }) else { return }
        body(&state.clauses[index])
        // What went wrong before the end is not waited for.
        if state.clauses[index].failure != nil, state.clauses[index].request != nil {
            host.abortRequest(request)
            state.clauses[index].request = nil
        }
        pump(&state)
    }

    /// Makes requests, sends audio and terminals, until the host has no room or nothing more has come.
    private func pump(_ state: inout State) {
        guard !state.isClosed else { return }
        while let clause = state.cancelled.first {
            guard host.emit(.cancelled(generation: clause.generation, id: clause.id)) != .again else { return }
            state.cancelled.removeFirst()
        }
        while true {
            startRequests(&state)
            guard let clause = state.clauses.first else { break }
            guard sendAudio(&state), clause.isComplete, finish(&state) else { break }
        }
        for index in state.clauses.indices.prefix(Self.maximumRequests) { regulate(&state.clauses[index]) }
        if state.isDraining, state.clauses.isEmpty, host.emit(.drained) != .again { state.isDraining = false }
    }

    private func startRequests(_ state: inout State) {
        for index in state.clauses.indices.prefix(Self.maximumRequests) {
            let clause = state.clauses[index]
            guard clause.request == nil, !clause.isComplete else { continue }
            do {
                let request = settings.request(clause.text, voice: clause.voice, generation: clause.generation)
                state.clauses[index].request = try host.startRequest(request)
            } catch {
                state.clauses[index].fail(error)
            }
        }
    }

    /// Sends what waits of the first clause; false when the host has no room.
    private func sendAudio(_ state: inout State) -> Bool {
        while true {
            let samples = state.clauses[0].samples(Self.pieceSamples)
            guard !samples.isEmpty else { return true }
            let status = host.emitAudio(
                samples.span,
                generation: state.clauses[0].generation,
                clause: state.clauses[0].id,
                format: AudioFormat(sampleRate: SpeechSettings.sampleRate),
                presentationTime: state.samplesSent
            )
            guard status != .again else { return false }
            state.clauses[0].take(samples.count)
            state.samplesSent += Int64(samples.count)
            // Cancelled: `cancel` is on its way, and takes the clause out.
            if status.isError { return true }
        }
    }

    /// Ends the first clause; false when the host has no room.
    private func finish(_ state: inout State) -> Bool {
        let clause = state.clauses[0]
        let terminal: OutgoingEvent =
            clause.failure.map { .failed($0, generation: clause.generation, id: clause.id) }
            ?? .done(generation: clause.generation, id: clause.id)
        var status = host.emit(terminal)
        if status == .stale { status = host.emit(.cancelled(generation: clause.generation, id: clause.id)) }
        guard status != .again else { return false }
        state.clauses.removeFirst()
        return true
    }

    private func regulate(_ clause: inout SpeechClause) {
        guard let request = clause.request else { return }
        if !clause.isPaused, clause.waiting > Self.highWater {
            clause.isPaused = true
            host.setReading(request, false)
        } else if clause.isPaused, clause.waiting < Self.lowWater {
            clause.isPaused = false
            host.setReading(request, true)
        }
    }
}
