// SPDX-License-Identifier: Apache-2.0

internal import Synchronization
internal import SyrinxConversation
internal import SyrinxCore
internal import SyrinxRuntime

/// One conversation with one caller, from its creation to its end. Made by ``VoiceBackend/createSession(_:)``.
///
/// Audio goes in with ``processAudio(_:)`` and comes out of ``audio``; what happens comes out of ``events``.
/// A session listens while it speaks. Thread-safe: its work is done on one event loop, and every call hops there.
public final class VoiceSession: Sendable {
    /// 128 random bits, unguessable.
    public let id: String
    /// Who talks.
    public let userID: String
    /// How the media comes.
    public let transport: Transport
    /// Where the media comes from.
    public let connectionURL: ConnectionURL?
    /// Hz of the audio both ways.
    public let rate: Int
    /// The generation of the backend's configuration that the session was made from; it keeps it for life.
    public let generation: Int

    let createdAt: Instant
    let line: MediaLine
    let agent: ApplicationAgent?
    private let status: CallStatus
    private let toolsOfSession: [Tool]
    private let hasStarted = OnceOnly()
    private let nextSpeech = Atomic<UInt64>(1)

    init(
        _ wanted: SessionConfig, userID: String, generation: Int, call: CallStatus, line: MediaLine,
        agent: ApplicationAgent?
    ) {
        id = call.snapshot.id
        self.userID = userID
        transport = wanted.transport
        connectionURL = wanted.connectionURL.flatMap { try? ConnectionURL($0) }
        rate = wanted.rate
        self.generation = generation
        self.line = line
        self.agent = agent
        status = call
        createdAt = call.snapshot.createdAt
        toolsOfSession = wanted.tools
    }

    // MARK: life

    /// Begins the conversation: the greeting is said, and the caller is heard.
    /// - Throws: ``VoiceBackendError`` `session_already_active` the second time, `session_not_active` when the session
    ///   has ended.
    public func start() async throws(VoiceBackendError) {
        guard persistenceStatus == .active else { throw notActive("start") }
        guard hasStarted.take() else {
            throw VoiceBackendError("start", .sessionAlreadyActive, "session \(id) was started before")
        }
        guard await line.perform({ $0.start() }) != nil else { throw notActive("start") }
    }

    /// Ends the session and gives its place back. Legal at any time and as often as you like; returns when the session is
    /// gone, which takes two seconds at most.
    public func stop() async { await close(.clientClosed) }

    func close(_ reason: CloseReason) async {
        line.post { $0.submit(.close(reason)) }
        // Not in the caller's task: a cancelled caller still waits for the end, which is bounded.
        _ = await Task { await line.end.wait() }.value
    }

    /// Waits for the end, whoever brings it about.
    /// - Throws: ``VoiceBackendError`` `context_canceled` when the calling task is cancelled.
    @discardableResult
    public func waitUntilEnded() async throws(VoiceBackendError) -> EndReason {
        guard let reason = await line.end.wait() else {
            throw VoiceBackendError("waitUntilEnded", .contextCanceled, "the waiting task was cancelled")
        }
        return reason
    }

    /// What the session is doing now.
    public var state: PipelineState { PipelineState(status.snapshot.state) }

    /// Whether the session still changes.
    public var persistenceStatus: PersistenceStatus { line.end.current == nil && !state.isOver ? .active : .completed }

    // MARK: what comes out

    /// What happens, in order; the newest 256 while nobody reads. One reader at a time.
    public var events: SessionStream<VoiceEvent> { SessionStream(buffer: line.events, name: "events") }

    /// The agent's voice in frames of 20 ms as they are due; the newest second while nobody reads. An interruption takes
    /// back what has not been read. One reader at a time.
    public var audio: SessionStream<AudioFrame> { SessionStream(buffer: line.audio, name: "receiveAudio") }

    /// ``audio``, under the tutorial's name. Every call gives the same stream.
    public func receiveAudio() -> SessionStream<AudioFrame> { audio }

    // MARK: what goes in

    /// The caller's audio: 16-bit little-endian mono at ``rate``, as much as has come, at most two seconds. Returns when
    /// the session has taken it, so that a fast sender waits for a busy session.
    /// - Throws: ``VoiceBackendError`` `invalid_format` for half a sample or too much at once: nothing was taken;
    ///   `session_not_active` before the start and after the end.
    public func processAudio(_ pcm: [UInt8]) async throws(VoiceBackendError) {
        guard pcm.count % 2 == 0 else {
            throw VoiceBackendError(
                "processAudio", .invalidFormat, "\(pcm.count) bytes are not whole 16-bit samples; send s16le mono")
        }
        guard pcm.count <= rate * 4 else {
            throw VoiceBackendError(
                "processAudio", .invalidFormat, "\(pcm.count) bytes are more than two seconds; send it as it comes")
        }
        guard state != .initial else { throw notActive("processAudio") }
        let taken = await line.perform { call in pcm.withUnsafeBytes { call.receive($0) } }
        guard taken != nil else { throw notActive("processAudio") }
    }

    /// The same as samples.
    public func processAudio(samples: [Int16]) async throws(VoiceBackendError) {
        try await processAudio(AudioFrame(samples: samples, rate: rate).bytes)
    }

    /// A turn typed instead of spoken.
    /// - Throws: ``VoiceBackendError`` `session_not_active` before the start and after the end.
    public func sendText(_ text: String) async throws(VoiceBackendError) {
        guard state != .initial, await line.perform({ $0.submit(.callerText(text)) }) != nil else {
            throw notActive("sendText")
        }
    }

    /// Has something said, between answers. Before the start it waits for it.
    /// - Returns: a handle that tells when it was heard, and how much of it.
    /// - Throws: ``VoiceBackendError`` `session_not_active` after the end, `invalid_format` for an empty text.
    @discardableResult
    public func say(_ text: String, options: SayOptions = SayOptions()) throws(VoiceBackendError) -> SpeechHandle {
        guard text.contains(where: { !$0.isWhitespace }) else {
            throw VoiceBackendError("say", .invalidFormat, "there is nothing to say")
        }
        guard persistenceStatus == .active else { throw notActive("say") }
        let id = nextSpeech.wrappingAdd(1, ordering: .relaxed).oldValue
        let playout = OneShot<Playout>()
        let priority = SpeechPriority(rawValue: options.priority.rawValue) ?? .normal
        line.say(
            SayRequest(
                id: id, text: text, priority: priority, interruptible: options.allowInterruptions,
                addToHistory: options.addToHistory), playout)
        return SpeechHandle(id: id, playout: playout, line: line)
    }

    /// Cuts the agent off, as if the caller had spoken: what plays stops, what waits is dropped, unless it may not be
    /// interrupted.
    public func interrupt() { line.post { $0.submit(.interrupt) } }

    /// Tells how many samples of the agent's voice the caller's device has played since the session began. Without such
    /// reports the time at which frames left counts.
    public func acknowledgePlayout(samples: Int) { line.post { $0.submit(.played(samples: samples)) } }

    // MARK: agent

    /// Gives the session another agent, from the next turn on.
    /// - Throws: ``VoiceBackendError`` `invalid_state` when the session's agent is a plugin, `session_not_active` after
    ///   the end.
    public func setAgentCallback(_ callback: @escaping AgentCallback) async throws(VoiceBackendError) {
        try await replaceAgent(CallbackAgent(callback: callback), "setAgentCallback")
    }

    /// Gives the session another agent, with its tools, from the next turn on.
    /// - Throws: as ``setAgentCallback(_:)``.
    public func setAgentInstance(_ instance: any AgentInstance) async throws(VoiceBackendError) {
        try await replaceAgent(instance, "setAgentInstance")
    }

    private func replaceAgent(_ instance: any AgentInstance, _ operation: String) async throws(VoiceBackendError) {
        guard let agent else {
            throw VoiceBackendError(
                operation, .invalidState, "the agent of session \(id) is a plugin; create the session with a callback")
        }
        let tools = toolsOfSession + instance.tools
        let done: Void? = await line.perform { call in
            call.tools = tools.handlers
            agent.replace(instance, tools: tools)
        }
        guard done != nil else { throw notActive(operation) }
    }

    // MARK: notes

    /// The application's own notes about the session.
    public var metadata: [String: String] { status.snapshot.metadata }

    /// Adds and replaces notes.
    public func updateMetadata(_ metadata: [String: String]) { status.update(metadata: metadata) }

    func notActive(_ operation: String) -> VoiceBackendError {
        VoiceBackendError(
            operation, .sessionNotActive, "session \(id) " + (state.isOver ? "has ended" : "has not started"))
    }
}

extension PipelineState {
    fileprivate var isOver: Bool { self == .ended || self == .error }
}

extension [Tool] {
    /// As the runtime calls them; of two with one name the later.
    var handlers: [String: ToolHandler] {
        Dictionary(
            map { tool -> (String, ToolHandler) in
                let handler: ToolHandler = { try await tool.handler(ConfigValue($0)) }
                return (tool.name, handler)
            }, uniquingKeysWith: { $1 })
    }
}
