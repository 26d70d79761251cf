// SPDX-License-Identifier: Apache-2.0
internal import Synchronization
public import SyrinxPlugin

/// One request at the door: a voice webhook that is answered, or a call's stream.
public final class TelephonySession: Session {
    enum Stage {
        /// Nobody has asked yet.
        case idle
        /// The host computes what the caller's proof has to be.
        case judging(DoorRequest, Challenge)
        /// The host signs the stream's ticket.
        case signing(DoorRequest, Ticket)
        /// The handshake was answered; the stream has not begun.
        case opening(NetworkID, DoorRequest)
        case streaming(NetworkID, stream: String, codec: G711)
        case over
    }

    enum Cookie {
        static let silence: UInt64 = 1
        static let question: UInt64 = 2
        static let ticket: UInt64 = 3
    }

    /// Without a frame for so long the agent is silent, in milliseconds.
    static let silenceMilliseconds: UInt32 = 60

    let line: Line
    let host: SessionHost
    let outbox: Outbox
    var inbox: NetworkInbox
    var stage = Stage.idle
    var chunks = ChunkOrder()
    /// Listens for keys, where the operator says that the vendor does not tell them.
    var tones: DTMFDetector?
    /// Samples of the caller's that were handed over.
    var heard: Int64 = 0
    /// When the agent's last frame came, in ns of the host's clock.
    var spokenAt: Int64 = 0
    var isWatchingSilence = false
    private let sound = Mutex<Playout?>(nil)

    init(line: Line, host: SessionHost) {
        self.line = line
        self.host = host
        outbox = Outbox(host: host)
        if line.config.hearsTones == true { tones = DTMFDetector(sampleRate: Dialect.sampleRate) }
        // Audio comes in pieces of some hundred bytes; a megabyte of JSON is nothing of a vendor's.
        inbox = NetworkInbox(messageLimit: 1 << 20, host: host)
    }

    /// The agent's audio, once there is a stream; cancel() reads it on any thread.
    var playout: Playout? {
        get { sound.withLock { $0 } }
        set { sound.withLock { $0 = newValue } }
    }

    /// Takes what comes to the door, over the socket and from the agent.
    public func handle(_ event: borrowing Event) throws(PluginError) -> Status {
        switch event.type {
        case .httpRequest: receive(DoorRequest(event), id: event.id)
        case .audioIn: try speak(event)
        case .timer: if event.id == Cookie.silence { watchSilence() }
        case .writable: outbox.flush()
        case .drain: outbox.send(.drained)
        default:
            guard let event = inbox.read(event) else { return .skip }
            receive(event)
        }
        return .ok
    }

    /// Barge-in: the vendor throws away what it has of this generation, at once.
    public func cancel(_ generation: UInt64) {
        playout?.cancel(generation)
    }

    /// The host closes the socket, which gives the call back to the vendor's XML: nothing is left to say.
    public func close() {
        playout?.stop()
        stage = .over
        outbox.close()
    }

    // MARK: The agent

    private func speak(_ event: borrowing Event) throws(PluginError) {
        guard case .streaming = stage, let playout else { return }
        let dropped = try event.withAudio { (frame: borrowing AudioFrame) throws(PluginError) -> Int in
            guard frame.format.channels == 1, frame.format.sampleRate == Dialect.sampleRate else {
                throw .invalid("the agent's audio is not 8000 Hz mono")
            }
            let generation = frame.generation
            guard let dropped = frame.withInt16({ playout.send($0, generation: generation) }) else {
                throw .invalid("the agent's audio is not 16 bit, or cut")
            }
            return dropped
        }
        count(.droppedAudio, dropped ?? 0)
        spokenAt = host.now
        guard !isWatchingSilence else { return }
        isWatchingSilence = host.startTimer(afterMilliseconds: Self.silenceMilliseconds, cookie: Cookie.silence) != nil
    }

    /// One timer for all frames: it asks for a mark once none has come for a while.
    private func watchSilence() {
        isWatchingSilence = false
        let waited = (host.now - spokenAt) / 1_000_000
        let left = Int64(Self.silenceMilliseconds) - waited
        guard left > 0 else {
            playout?.markEnd()
            return
        }
        isWatchingSilence = host.startTimer(afterMilliseconds: UInt32(clamping: left), cookie: Cookie.silence) != nil
    }

    // MARK: Ends

    /// The far end has left, or nothing more is to be done.
    func finish(_ why: String) {
        guard !isOver else { return }
        playout?.stop()
        stage = .over
        var event = OutgoingEvent.done(generation: 0)
        event.text = why
        outbox.send(event)
    }

    func fail(_ error: PluginError) {
        guard !isOver else { return }
        playout?.stop()
        stage = .over
        outbox.send(.failed(error, generation: 0))
    }

    private var isOver: Bool { if case .over = stage { true } else { false } }

    func count(_ metric: TelephonyMetric, _ value: Int = 1) {
        if value > 0 { host.metric(metric.rawValue, Double(value)) }
    }
}
