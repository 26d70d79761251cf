// SPDX-License-Identifier: Apache-2.0
internal import Synchronization
public import SyrinxABI
public import SyrinxPlugin

/// A session that a ``FakeProvider`` opened.
///
/// It records what the plugin sends and keeps the host's laws: nothing of a cancelled generation, nothing over credit,
/// nothing after the end.
public final class FakeSession: @unchecked Sendable {
    // Unchecked: `session` is written once, before anyone else has this object.
    struct State {
        var events: [RecordedEvent] = []
        var taken = 0
        var wasRefused = false
        var isClosed = false
        var eventsAfterClose = 0
        var cancelled: Set<UInt64> = []
        var timers: [(id: UInt64, due: Int64, cookie: UInt64)] = []
        var tasks: [(run: @Sendable () -> Void, cookie: UInt64)] = []
        var lastTimer: UInt64 = 0
    }

    let host: FakeHost
    let queueLimit: Int
    let state = Mutex(State())
    let network = Mutex(FakeNetwork())
    private(set) var handle: UInt64 = 0
    private let functions: UnsafePointer<syx_plugin_vt>
    private var session: OpaquePointer?

    init(provider: FakeProvider, queueLimit: Int) {
        host = provider.host
        functions = provider.functions
        self.queueLimit = queueLimit
        handle = FakeCore.register(self)
    }

    func attach(_ session: OpaquePointer) {
        self.session = session
    }

    /// All that the plugin sent, oldest first.
    public var events: [RecordedEvent] { state.withLock { $0.events } }
    /// How many events the plugin tried to send after it was closed; 0 for a correct one.
    public var eventsAfterClose: Int { state.withLock { $0.eventsAfterClose } }

    /// Sends any event to the plugin.
    @discardableResult
    public func send(_ event: OutgoingEvent) -> Status {
        event.withRaw { sendRaw($0) }
    }

    /// Sends an event as the C side writes it: for what a hostile host might do.
    public func sendRaw(_ event: UnsafePointer<syx_event>?) -> Status {
        defer { pump() }
        return handleRaw(event)
    }

    func handleRaw(_ event: UnsafePointer<syx_event>?) -> Status {
        Status(rawValue: functions.pointee.handle(session, event))
    }

    /// Sends audio of an utterance.
    @discardableResult
    public func sendAudio(_ samples: [Int16], generation: UInt64 = 0, sampleRate: UInt32 = 16_000) -> Status {
        withFrame(samples, generation, sampleRate) { frame in
            var event = syx_event()
            event.struct_size = UInt32(MemoryLayout<syx_event>.size)
            event.type = EventType.audioIn.rawValue
            event.generation = generation
            event.audio = frame
            return sendRaw(&event)
        }
    }

    /// Calls `process` as for vad and turn; nil when the provider has none or refused.
    public func analyse(_ samples: [Int16], sampleRate: UInt32 = 16_000) -> FrameAnalysis? {
        withFrame(samples, 0, sampleRate) { frame in
            var result = syx_result()
            result.struct_size = UInt32(MemoryLayout<syx_result>.size)
            guard functions.pointee.process?(session, frame, nil, &result) == Status.ok.rawValue else { return nil }
            return FrameAnalysis(probability: result.probability, level: result.level_dbfs)
        }
    }

    /// Cancels a generation: its later events are refused, the plugin is told, and its requests and sockets end.
    public func cancel(_ generation: UInt64) {
        state.withLock { _ = $0.cancelled.insert(generation) }
        functions.pointee.cancel?(session, generation)
        network.withLock { $0.cancel(generation) }
        pump()
    }

    /// Takes everything from the queue; if the plugin was refused before, it gets WRITABLE.
    public func takeAll() {
        let wasRefused = state.withLock { state in
            state.taken = state.events.count
            defer { state.wasRefused = false }
            return state.wasRefused
        }
        if wasRefused { send(OutgoingEvent(.writable)) }
    }

    /// Moves the clock and fires the timers that are due, in their order.
    public func advance(milliseconds: Int64) {
        let end = host.now + milliseconds * 1_000_000
        while let timer = nextTimer(before: end) {
            host.state.withLock { $0.now = max($0.now, timer.due) }
            send(OutgoingEvent(.timer, id: timer.cookie))
        }
        host.state.withLock { $0.now = max($0.now, end) }
    }

    /// Runs the blocking work that waits, each with its TASK_DONE.
    public func runTasks() {
        while let task = nextTask() {
            task.run()
            send(OutgoingEvent(.taskDone, id: task.cookie))
        }
    }

    /// Brings the session back to its first state; false when it cannot.
    public func reset() -> Bool {
        guard let reset = functions.pointee.reset else { return false }
        reset(session)
        return true
    }

    /// Ends the session, after the blocking work that waits.
    ///
    /// Its handle stays known, so that an event after the end is seen.
    public func close() {
        while let task = nextTask() { task.run() }
        functions.pointee.session_close(session)
        state.withLock { $0.isClosed = true }
        network.withLock { $0.close() }
    }

    private func nextTask() -> (run: @Sendable () -> Void, cookie: UInt64)? {
        state.withLock { $0.tasks.isEmpty ? nil : $0.tasks.removeFirst() }
    }

    private func nextTimer(before end: Int64) -> (id: UInt64, due: Int64, cookie: UInt64)? {
        state.withLock { state in
            guard let index = state.timers.indices.min(by: { state.timers[$0].due < state.timers[$1].due }),
                state.timers[index].due <= end
            else { return nil }
            return state.timers.remove(at: index)
        }
    }

    private func withFrame<Result>(
        _ samples: [Int16],
        _ generation: UInt64,
        _ sampleRate: UInt32,
        _ body: (UnsafePointer<syx_frame>) -> Result
    ) -> Result {
        samples.withUnsafeBytes { bytes in
            var frame = syx_frame()
            frame.struct_size = UInt32(MemoryLayout<syx_frame>.size)
            frame.format = SampleEncoding.int16.rawValue
            frame.rate = sampleRate
            frame.channels = 1
            frame.samples = UInt32(samples.count)
            frame.generation = generation
            frame.bytes = bytes.count
            frame.data = UnsafeMutableRawPointer(mutating: bytes.baseAddress)
            return withUnsafePointer(to: frame, body)
        }
    }
}
