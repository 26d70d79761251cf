// SPDX-License-Identifier: Apache-2.0

internal import SyrinxAudio
internal import SyrinxConversation
internal import SyrinxCore
internal import SyrinxHost

/// A session's model that hears, thinks and speaks. It may take several sessions of its provider, one after another, or
/// of the next provider in line: each is a link. One hears the caller; the next may be opening already, the last may
/// have an answer to finish.
///
/// Threads: the session's event loop.
final class SpeechToSpeech {
    /// Hz, in the order in which audio passes.
    struct Rates {
        let pipeline: Int
        let input: Int
        let output: Int
        let client: Int

        init(_ capabilities: Capabilities, pipeline: Int, client: Int) {
            self.pipeline = pipeline
            self.client = client
            input = capabilities.rate(preferring: pipeline)
            output = capabilities.outputRate(preferring: client)
        }
    }

    /// One session of a provider.
    final class Link {
        let number: Int
        /// Whose it is, in the chain.
        let place: Int
        let stage: StageSession
        let rates: Rates
        fileprivate let inputResampler: Resampler?
        fileprivate let outputResampler: Resampler?
        fileprivate var sentPTS: Int64 = 0
        fileprivate var convertedGeneration: UInt64 = 0
        /// It works on what it is given.
        var isReady = false
        /// It has lost its connection, and tries to get it back.
        var isReconnecting = false
        /// How often the history had changed when it was told of it.
        var historyChanges = 0
        /// Responses that it has not finished.
        var owed: Set<UInt64> = []

        init(_ number: Int, place: Int, _ opened: (stage: StageSession, rates: Rates)) {
            self.number = number
            self.place = place
            (stage, rates) = opened
            inputResampler = rates.pipeline == rates.input ? nil : Resampler(from: rates.pipeline, to: rates.input)
            outputResampler = rates.output == rates.client ? nil : Resampler(from: rates.output, to: rates.client)
        }
    }

    /// A generation that a link was asked for.
    private struct Response {
        let generation: UInt64
        let link: Link
        /// Of a line that is only to be spoken; nil = an answer.
        let clause: UInt64?
        /// What the provider was told in words; empty for a turn that it heard itself.
        let text: String
        var isCancelled = false
    }

    /// So many responses are remembered; older ones are over.
    private static let limit = 16

    /// Opens a session of the provider at a place of the chain, for the link of a number.
    typealias Opening = (_ place: Int, _ number: Int) throws(SyrinxError) -> (stage: StageSession, rates: Rates)

    /// The providers, in the order in which they take over.
    var chain: StageChain
    private let opening: Opening
    private(set) var current: Link
    private(set) var successor: Link?
    private(set) var retiring: Link?
    private var newest = 1
    private var responses: [Response] = []
    private var resampled: [Int16] = []

    /// A turn that a link took and neither answered nor put into words before it was lost: the current one hears it
    /// again, and is asked when it takes it.
    var unheard: UInt64?
    /// The provider ends the current link then.
    var endsAt: Instant?
    /// Attempts to replace a link that was lost.
    var attempts = 0
    /// Why the current link was lost.
    var lossCode = ProviderErrorClass.connectivity.code
    /// The current link is lost; what is asked waits for another.
    var isDown = false
    /// Nothing can be had of the provider any more.
    var isLost = false
    /// No link is opened before.
    var mayOpenAt = Instant.zero

    /// Opens the first link, of the chain's current provider.
    init(_ chain: StageChain, opening: @escaping Opening) throws(SyrinxError) {
        self.chain = chain
        self.opening = opening
        current = Link(1, place: chain.index, try opening(chain.index, 1))
    }

    var rates: Rates { current.rates }

    // MARK: links

    /// Another is to take the current link's place.
    var isLeaving: Bool { endsAt != nil }

    var sessions: [StageSession] { [current, successor, retiring].compactMap { $0?.stage } }

    func link(_ number: Int) -> Link? {
        [current, successor, retiring].compactMap(\.self).first { $0.number == number }
    }

    /// - Parameter place: whose; of the current provider without.
    func openSuccessor(at place: Int? = nil) throws(SyrinxError) -> Link {
        dropSuccessor()
        newest += 1
        let place = place ?? chain.index
        let link = Link(newest, place: place, try opening(place, newest))
        successor = link
        return link
    }

    func dropSuccessor() {
        successor?.stage.close {}
        successor = nil
    }

    /// The successor hears the caller from here on.
    /// - Parameter keepsOld: the old link has something to finish.
    func takeOver(keepsOld: Bool) {
        guard let next = successor else { return }
        // One that is still finishing an answer goes on, unless its place is needed.
        if keepsOld {
            dropRetiring()
            retiring = current
        } else {
            current.stage.close {}
        }
        current = next
        chain.use(next.place)
        successor = nil
        endsAt = nil
        isDown = false
    }

    func dropRetiring() {
        retiring?.stage.close {}
        retiring = nil
    }

    // MARK: responses

    /// The current link is asked for this.
    /// - Parameter clause: of a line that is only to be spoken.
    func begin(_ generation: UInt64, _ text: String, clause: UInt64? = nil) {
        responses.removeAll { $0.generation == generation }
        if responses.count == Self.limit { responses.removeFirst() }
        responses.append(Response(generation: generation, link: current, clause: clause, text: text))
        current.owed.insert(generation)
    }

    func link(of generation: UInt64) -> Link? { response(generation)?.link }

    func stage(of generation: UInt64) -> StageSession? { link(of: generation)?.stage }

    /// - Returns: the clause of the line that the generation is; nil for an answer.
    func line(_ generation: UInt64) -> UInt64? { response(generation)?.clause }

    /// What the provider was asked in words.
    func text(of generation: UInt64) -> String { response(generation)?.text ?? "" }

    func finished(_ generation: UInt64) { response(generation)?.link.owed.remove(generation) }

    /// - Returns: false when it is no response of this provider.
    func cancel(_ generation: UInt64) -> Bool {
        if unheard == generation { unheard = nil }
        guard let index = responses.firstIndex(where: { $0.generation == generation }) else { return false }
        responses[index].link.owed.remove(generation)
        guard !responses[index].isCancelled else { return true }
        responses[index].isCancelled = true
        responses[index].link.stage.cancel(generation)
        return true
    }

    private func response(_ generation: UInt64) -> Response? { responses.first { $0.generation == generation } }

    // MARK: audio

    /// The caller's audio at the pipeline's rate.
    func hear(_ samples: UnsafeBufferPointer<Int16>, pts: Int64) {
        guard !isLost, !isDown else { return }
        guard let resampler = current.inputResampler else { return send(samples, pts: pts) }
        resampled.removeAll(keepingCapacity: true)
        resampler.convert(samples, into: &resampled)
        resampled.withUnsafeBufferPointer { send($0, pts: current.sentPTS) }
        current.sentPTS &+= Int64(resampled.count)
    }

    private func send(_ samples: UnsafeBufferPointer<Int16>, pts: Int64) {
        guard let base = samples.baseAddress, !samples.isEmpty else { return }
        current.stage.audio(base, count: samples.count, generation: 0, pts: pts)
    }

    /// The model's audio at the client's rate.
    func convert(_ samples: [Int16], generation: UInt64) -> [Int16] {
        let link = link(of: generation) ?? current
        guard let resampler = link.outputResampler else { return samples }
        // The filter's memory holds the end of another response.
        if generation != link.convertedGeneration { resampler.reset() }
        link.convertedGeneration = generation
        var converted: [Int16] = []
        converted.reserveCapacity(samples.count * link.rates.client / max(1, link.rates.output) + 64)
        samples.withUnsafeBufferPointer { resampler.convert($0, into: &converted) }
        return converted
    }

    /// A place in the model's audio, in the client's.
    func scale(_ samples: Int, generation: UInt64) -> Int {
        let rates = (link(of: generation) ?? current).rates
        return Int(exactly: (Double(samples) * Double(rates.client) / Double(max(1, rates.output))).rounded()) ?? 0
    }
}
