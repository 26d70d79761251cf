// SPDX-License-Identifier: Apache-2.0
internal import Synchronization
public import SyrinxPlugin

/// One session of the recogniser `openai`.
///
/// Keeps the audio of each utterance and sends it as one WAV file at END_OF_INPUT. The next utterance may begin while an
/// older one is being recognised.
public final class TranscriptionSession: Session {
    struct Utterance {
        /// 16 bit little-endian mono.
        var audio: [UInt8] = []
        var isTooLong = false
        /// Set at END_OF_INPUT: from then on a terminal is owed.
        var isComplete = false
        var request: NetworkID?
        var reply = TranscriptionReply()
    }

    private struct State {
        var utterances: [UInt64: Utterance] = [:]
        var isDraining = false
        var isClosed = false
    }

    /// The API takes 25 MB.
    static let maximumAudio = 24 << 20
    /// Utterances kept at the same time; of those that nobody asked for the oldest goes.
    static let maximumUtterances = 8
    /// Less than a tenth of a second is no speech, and the API refuses it.
    private static let leastSeconds = 0.1

    private let settings: TranscriptionSettings
    private let host: SessionHost
    private let outbox: Outbox
    private var inbox = NetworkInbox()
    // `cancel` comes from any thread, hence the lock; the host never calls back while it is held (R3).
    private let state = Mutex(State())

    init(_ settings: TranscriptionSettings, host: SessionHost) {
        self.settings = settings
        self.host = host
        outbox = Outbox(host: host)
    }

    /// Takes audio, and what comes over the network.
    public func handle(_ event: borrowing Event) throws(PluginError) -> Status {
        if let network = inbox.read(event) {
            state.withLock { receive(network, &$0) }
            return .ok
        }
        switch event.type {
        case .audioIn: hear(event)
        case .endOfInput:
            let utterance = event.generation
            state.withLock { recognise(utterance, &$0) }
        case .writable: outbox.flush()
        case .drain:
            state.withLock { state in
                state.isDraining = true
                tellIfDrained(&state)
            }
        default: return .skip
        }
        return .ok
    }

    /// Ends the request of an utterance, and forgets its audio.
    public func cancel(_ generation: UInt64) {
        outbox.cancel(generation)
        state.withLock { state in
            guard let utterance = state.utterances.removeValue(forKey: generation) else { return }
            if let request = utterance.request { host.abortRequest(request) }
            if utterance.isComplete { outbox.send(.cancelled(generation: generation)) }
        }
    }

    /// Sends nothing more; the host ends the requests.
    public func close() {
        outbox.close()
        state.withLock { state in
            state.utterances = [:]
            state.isClosed = true
        }
    }

    private func hear(_ event: borrowing Event) {
        let generation = event.generation
        // Between utterances nothing is kept; a cancelled one is not begun again.
        guard generation != 0, !host.isCancelled(generation) else { return }
        let audio = event.withAudio { frame in
            frame.withInt16 { samples in samples.withUnsafeBytes { Array($0) } } ?? []
        }
        guard let audio, !audio.isEmpty else { return }
        state.withLock { state in
            if state.utterances[generation] == nil { makeRoom(&state) }
            let count = (state.utterances[generation]?.audio.count ?? 0) + audio.count
            guard count <= Self.maximumAudio else {
                state.utterances[generation]?.isTooLong = true
                return
            }
            guard state.utterances[generation]?.isComplete != true else { return }
            state.utterances[generation, default: Utterance()].audio += audio
        }
    }

    private func makeRoom(_ state: inout State) {
        guard state.utterances.count >= Self.maximumUtterances,
            let oldest = state.utterances.filter({ !$0.value.isComplete }).keys.min()
        else { return }
        state.utterances[oldest] = nil
    }

    private func recognise(_ generation: UInt64, _ state: inout State) {
        var utterance = state.utterances[generation] ?? Utterance()
        guard !utterance.isComplete else { return }
        utterance.isComplete = true
        let audio = utterance.audio
        utterance.audio = []
        state.utterances[generation] = utterance
        if utterance.isTooLong {
            return fail(generation, .invalid("an utterance of more than \(Self.maximumAudio >> 20) MB"), &state)
        }
        guard Double(audio.count) >= Self.leastSeconds * 2 * Double(settings.sampleRate) else {
            return finish(generation, "", &state)
        }
        do {
            let request = TranscriptionRequest.make(
                settings,
                audio: audio,
                boundary: TranscriptionRequest.boundary(),
                generation: generation
            )
            state.utterances[generation]?.request = try host.startRequest(request)
        } catch {
            fail(generation, error, &state)
        }
    }

    private func receive(_ event: NetworkEvent, _ state: inout State) {
        switch event {
        case .head(let id, let status, let headers):
            read(id, &state) { reply, _ throws(PluginError) in reply.head(status: status, headers: headers) }
        case .data(let id, let bytes):
            read(id, &state) { reply, outputs throws(PluginError) in try reply.data(bytes, &outputs) }
        case .done(let id, let error):
            read(id, &state) { reply, outputs throws(PluginError) in try reply.done(error, &outputs) }
        default: break
        }
    }

    private func read(
        _ request: NetworkID,
        _ state: inout State,
        _ body: (inout TranscriptionReply, inout [TranscriptionReply.Output]) throws(PluginError) -> Void
    ) {
        guard let generation = state.utterances.first(where: { $0.value.request == request })?.key,
            var utterance = state.utterances[generation]
        else { return }
        var outputs: [TranscriptionReply.Output] = []
        var failure: PluginError?
        do throws(PluginError) {
            try body(&utterance.reply, &outputs)
        } catch {
            failure = error
        }
        state.utterances[generation] = utterance
        for output in outputs {
            switch output {
            case .partial(let text): outbox.send(.partial(text, generation: generation))
            case .usage(let usage): outbox.send(.usage(Self.counters(usage), generation: generation))
            case .final(let text, let language): finish(generation, text, language: language, &state)
            }
        }
        if let failure { fail(generation, failure, &state) }
    }

    private func finish(_ generation: UInt64, _ text: String, language: String? = nil, _ state: inout State) {
        guard state.utterances.removeValue(forKey: generation) != nil else { return }
        let heard = settings.tellsLanguage ? language : nil
        outbox.send(.final(text, language: heard, generation: generation))
        tellIfDrained(&state)
    }

    private func fail(_ generation: UInt64, _ error: PluginError, _ state: inout State) {
        guard let utterance = state.utterances.removeValue(forKey: generation) else { return }
        if let request = utterance.request { host.abortRequest(request) }
        outbox.send(.failed(error, generation: generation))
        tellIfDrained(&state)
    }

    private func tellIfDrained(_ state: inout State) {
        guard state.isDraining, !state.isClosed, !state.utterances.contains(where: \.value.isComplete) else { return }
        state.isDraining = false
        outbox.send(.drained)
    }

    /// By tokens or by seconds, as the model is billed.
    private static func counters(_ usage: JSONValue) -> [String: JSONValue] {
        var counters: [String: JSONValue] = [:]
        counters["input_tokens"] = usage["input_tokens"]?.int.map(JSONValue.int)
        counters["output_tokens"] = usage["output_tokens"]?.int.map(JSONValue.int)
        counters["audio_seconds"] = usage["seconds"]?.double.map(JSONValue.double)
        return counters
    }
}
