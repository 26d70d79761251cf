// SPDX-License-Identifier: Apache-2.0

internal import CSyrinxHost
internal import Synchronization
internal import SyrinxABI
internal import SyrinxCore

/// One plugin session: a stage of a live conversation.
///
/// Threads: `process`, `send`, `audio`, `giveBack`, `close` and the event delivery happen on the session's executor.
/// Everything that the plugin may call from its own threads (`receive`, timers, `run`) goes through locks.
package final class StageSession: @unchecked Sendable {
    private static let resumeSpacing = Duration.milliseconds(20)

    package let provider: ProviderInstance
    /// Rates in Hz of 16-bit mono audio towards the plugin, and from it.
    package let inputRate: Int
    package let outputRate: Int
    package internal(set) var handle: UInt64 = 0

    let executor: any SessionExecutor
    let inbox: Mutex<StageInbox>
    let work = Mutex(StageWork())
    /// Nil for a plugin that may reach nothing.
    let network: StageNetwork?
    var meters = CallMeters()
    private var delivery: (@Sendable (StageEvent) -> Void)?
    private var raw: OpaquePointer?
    private let member: ProviderMember
    private let table: UnsafePointer<syx_plugin_vt>
    /// Gets frames that `process` answered later, on the executor.
    package var onFrame: (@Sendable (FrameAnswer) -> Void)?
    private let media: MediaCall
    let owed: OwedCalls
    private var batch: [StageEvent] = []
    private var closing: (@Sendable () -> Void)?
    /// How long a plugin in a helper may take for its last words: less than a call may take to close.
    private static let goodbyeLimit = Duration.milliseconds(1_500)
    private var goodbye: (any ScheduledWork)?
    private var resumedAt: Instant?
    /// True until the plugin's session_close has returned; in a helper, until it has been told.
    package private(set) var isOpen = true

    init(
        provider: ProviderInstance, member: ProviderMember, inputRate: Int, outputRate: Int, credit: Duration,
        trace: (any SessionTrace)?, executor: any SessionExecutor, deliver: @escaping @Sendable (StageEvent) -> Void
    ) {
        self.provider = provider
        self.inputRate = inputRate
        self.outputRate = outputRate
        self.executor = executor
        owed = OwedCalls { [executor] work in _ = executor.schedule(after: StageNetwork.retry, work) }
        self.member = member
        table = member.table.pointer
        media = MediaCall(rate: inputRate)
        delivery = deliver
        network = provider.makeNetwork(trace)
        let credit = Int(clamping: credit.nanoseconds / 1_000_000) * outputRate / 1000
        inbox = Mutex(StageInbox(creditSamples: credit))
    }

    /// After session_open succeeded.
    func attach(_ raw: OpaquePointer?) { self.raw = raw }

    /// After session_open failed: what the plugin said and began in it is nobody's.
    func abandon() {
        isOpen = false
        silence()
        network?.end(executor, isRemote: isRemote)
    }

    // MARK: towards the plugin

    /// Runs one frame through a VAD or filter. Nothing is allocated here.
    /// - Parameters:
    ///   - output: where a filter writes, `samples` long; may be `input`. Nil for a VAD.
    /// - Returns: the plugin's status, and the speech probability. `FrameAnswer.pending`: the answer comes by `onFrame`.
    @inline(__always)
    package func process(
        _ input: UnsafePointer<Int16>, _ output: UnsafeMutablePointer<Int16>?, samples: Int, pts: Int64,
        flags: UInt32 = 0
    ) -> (status: Int32, probability: Float) {
        guard let raw, let process = table.pointee.process else { return (Int32(SYX_ECLOSED), 0) }
        media.prepare(input, output, samples: samples, pts: pts, flags: flags)
        meters.process.count()
        // Two clock reads cost more than a small plugin: one call in 64 is timed.
        guard meters.process.calls & 63 == 0 else {
            return (process(raw, media.input, output == nil ? nil : media.output, media.result), media.probability)
        }
        let start = syrinx_monotonic_ns()
        let status = process(raw, media.input, output == nil ? nil : media.output, media.result)
        meters.process.record(syrinx_monotonic_ns() - start)
        return (status, media.probability)
    }

    /// Sends caller audio as an event.
    @discardableResult
    package func audio(_ samples: UnsafePointer<Int16>, count: Int, generation: UInt64, pts: Int64) -> Int32 {
        media.prepare(samples, nil, samples: count, pts: pts, flags: 0)
        let now = provider.environment.now().nanoseconds
        media.input.pointee.generation = generation
        media.input.pointee.t_ns = now
        var event = syx_event()
        event.struct_size = UInt32(MemoryLayout<syx_event>.size)
        event.type = UInt16(SYX_EV_AUDIO_IN)
        event.generation = generation
        event.t_ns = now
        event.audio = UnsafePointer(media.input)
        return withUnsafePointer(to: event) { call($0) }
    }

    @discardableResult
    package func send(_ request: StageRequest, generation: UInt64 = 0) -> Int32 {
        request.withEvent(generation: generation, now: provider.environment.now().nanoseconds) { call($0) }
    }

    func call(_ event: UnsafePointer<syx_event>) -> Int32 {
        guard let raw, let handle = table.pointee.handle else { return Int32(SYX_ECLOSED) }
        let start = syrinx_monotonic_ns()
        let status = handle(raw, event)
        meters.handle.count()
        meters.handle.record(syrinx_monotonic_ns() - start)
        return status
    }

    /// Drops everything of this generation at once, then tells the plugin.
    package func cancel(_ generation: UInt64) {
        inbox.withLock { $0.cancel(generation) }
        if let raw, let cancel = member.table.optional(\.cancel) { cancel(raw, generation) }
        network?.cancel(generation)
    }

    /// Audio of this stage was played or dropped: its credit comes back.
    package func giveBack(_ samples: Int) {
        guard samples > 0, inbox.withLock({ $0.give(back: samples) }) else { return }
        executor.execute { [self] in goOn() }
    }

    // MARK: from the plugin

    /// `emit`: any thread. The first event of a batch wakes the executor; the rest ride along.
    func receive(_ event: UnsafePointer<syx_event>) -> syx_status {
        guard provider.descriptor.kind.mayEmit(event.pointee.type),
            let copy = StageEvent(copying: event, outputRate: outputRate)
        else {
            provider.countFault()
            return syx_status(SYX_EINVAL)
        }
        switch inbox.withLock({ $0.offer(copy) }) {
        case .taken(let first):
            if first { executor.execute { [self] in deliver() } }
            return syx_status(SYX_OK)
        case .stale: return syx_status(SYX_ESTALE)
        case .wait: return syx_status(SYX_EAGAIN)
        case .closed: return syx_status(SYX_ECLOSED)
        }
    }

    private func deliver() {
        var events: [StageEvent] = []
        swap(&events, &batch)
        let resumes = inbox.withLock { $0.takeAll(into: &events) }
        for event in events { delivery?(event) }
        if resumes { resume() }
        events.removeAll(keepingCapacity: true)
        swap(&events, &batch)
    }

    /// A plugin that fills its queue again and again gets room once a frame, or it would have the loop to itself.
    private func resume() {
        let now = provider.environment.now()
        if let resumedAt, now - resumedAt < Self.resumeSpacing {
            _ = executor.schedule(after: resumedAt + Self.resumeSpacing - now) { [self] in resume() }
        } else {
            resumedAt = now
            goOn()
        }
    }

    private func goOn() { insist { [self] in send(.writable) } }

    /// Its helper process is gone, and with it the session's state.
    package var isLost: Bool { !member.isAlive }

    /// A frame is back from a helper: any thread.
    func receiveFrame(pts: Int64, status: Int32, probability: Float, audio: UnsafeRawBufferPointer?) {
        let answer = FrameAnswer(pts: pts, status: status, probability: probability, audio: audio)
        executor.execute { [self] in onFrame?(answer) }
    }

    // MARK: end

    /// Ends the session. The plugin's own session_close comes once the tasks that it was promised have returned; `done`
    /// after that.
    package func close(_ done: @escaping @Sendable () -> Void) {
        guard isOpen, closing == nil else { return done() }
        closing = done
        silence()
        if !work.withLock(\.running) { finishClosing() }
    }

    /// Nothing more of the plugin's is taken. Tasks that were taken run.
    private func silence() {
        delivery = nil
        onFrame = nil
        inbox.withLock { $0.closed = true }
        work.withLock { $0.closed = true }
        cancelAllTimers()
    }

    func finishClosing() {
        guard isOpen, closing != nil else { return }
        isOpen = false
        let isAlive = isRemote && !isLost
        if let raw { table.pointee.session_close?(raw) }
        raw = nil
        // A plugin in a helper has only been told by now: what it says to those it is connected to is on its way.
        guard isAlive, network?.isInUse == true else { return end() }
        goodbye = executor.schedule(after: Self.goodbyeLimit) { [self] in end() }
    }

    /// The plugin's session_close has returned in its helper, or that is gone: any thread.
    func helperClosed() {
        executor.execute { [self] in if !isOpen { end() } }
    }

    private func end() {
        guard let closing else { return }
        self.closing = nil
        goodbye?.cancel()
        goodbye = nil
        network?.end(executor, isRemote: isRemote)
        HostCore.sessions.remove(handle)
        provider.sessionEnded(meters, on: member)
        closing()
    }
}

/// The frame structs of a session's media calls, made once so that a call only fills fields in.
private final class MediaCall {
    let input = UnsafeMutablePointer<syx_frame>.allocate(capacity: 1)
    let output = UnsafeMutablePointer<syx_frame>.allocate(capacity: 1)
    let result = UnsafeMutablePointer<syx_result>.allocate(capacity: 1)

    init(rate: Int) {
        var frame = syx_frame()
        frame.struct_size = UInt32(MemoryLayout<syx_frame>.size)
        frame.format = UInt32(SYX_FMT_S16)
        frame.rate = UInt32(clamping: rate)
        frame.channels = 1
        input.initialize(to: frame)
        output.initialize(to: frame)
        result.initialize(to: syx_result())
        result.pointee.struct_size = UInt32(MemoryLayout<syx_result>.size)
    }

    deinit {
        input.deallocate()
        output.deallocate()
        result.deallocate()
    }

    @inline(__always)
    func prepare(
        _ from: UnsafePointer<Int16>, _ to: UnsafeMutablePointer<Int16>?, samples: Int, pts: Int64, flags: UInt32
    ) {
        input.pointee.data = UnsafeMutableRawPointer(mutating: from)
        input.pointee.samples = UInt32(truncatingIfNeeded: samples)
        input.pointee.bytes = samples &* 2
        input.pointee.pts = pts
        input.pointee.flags = flags
        result.pointee.probability = 0
        guard let to else { return }
        output.pointee.data = UnsafeMutableRawPointer(to)
        output.pointee.samples = UInt32(truncatingIfNeeded: samples)
        output.pointee.bytes = samples &* 2
        output.pointee.pts = pts
    }

    /// Untrusted: a plugin may write anything here.
    @inline(__always)
    var probability: Float {
        let value = result.pointee.probability
        return value >= 0 ? min(value, 1) : 0
    }
}
