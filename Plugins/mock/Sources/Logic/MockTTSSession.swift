// SPDX-License-Identifier: Apache-2.0
internal import Synchronization
public import SyrinxPlugin

/// One session of the speaker `mock`.
///
/// The first clause of a response carries the whole tone, so that a response lasts `reply_ms` however many clauses it is
/// cut into; the others are done without audio. What is over credit continues on WRITABLE.
public final class MockTTSSession: ResettableSession {
    /// A clause that is being spoken.
    private struct Job {
        let generation: UInt64
        let clause: UInt64
        let sampleCount: Int
        var sent = 0
    }

    private struct State {
        var jobs: [Job] = []
        var samplesSent: Int64 = 0
        var lastToned: UInt64?
        var isDraining = false
        var isClosed = false
    }

    private static let chunkMilliseconds = 200
    /// More clauses than this do not wait; the host has to take some audio first.
    private static let maximumJobs = 1_024

    private let tone: Tone
    private let sampleCount: Int
    private let format: AudioFormat
    private let host: SessionHost
    // `cancel` comes from any thread, hence the lock; the host never calls back while it is held (R3).
    private let state = Mutex(State())

    init(tone: Tone, milliseconds: Int, format: AudioFormat, host: SessionHost) {
        self.tone = tone
        sampleCount = milliseconds * tone.sampleRate / 1_000
        self.format = format
        self.host = host
    }

    /// Speaks clauses as far as the credit reaches.
    public func handle(_ event: borrowing Event) throws(PluginError) -> Status {
        switch event.type {
        case .speak: return speak(event.generation, clause: event.id)
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

    /// Ends the generation's clauses that still wait.
    public func cancel(_ generation: UInt64) {
        state.withLock { state in
            // Their next event is answered with STALE, and `pump` turns that into their one terminal.
            if state.jobs.contains(where: { $0.generation == generation }) { pump(&state) }
        }
    }

    /// Forgets what it spoke.
    public func reset() {
        state.withLock { $0 = State() }
    }

    /// Sends nothing more.
    public func close() {
        state.withLock { state in
            state.jobs = []
            state.isClosed = true
        }
    }

    private func speak(_ generation: UInt64, clause: UInt64) -> Status {
        state.withLock { state in
            guard state.jobs.count < Self.maximumJobs else { return .again }
            let isFirst = state.lastToned != generation
            state.lastToned = generation
            state.jobs.append(Job(generation: generation, clause: clause, sampleCount: isFirst ? sampleCount : 0))
            pump(&state)
            return .ok
        }
    }

    /// Sends until everything is said or the host has no room.
    private func pump(_ state: inout State) {
        while !state.isClosed, !state.jobs.isEmpty {
            guard finish(&state.jobs[0], &state.samplesSent) else { return }
            state.jobs.removeFirst()
        }
        if state.isDraining, !state.isClosed, host.emit(.drained) != .again { state.isDraining = false }
    }

    /// False when the host has no room.
    private func finish(_ job: inout Job, _ samplesSent: inout Int64) -> Bool {
        var isCancelled = host.isCancelled(job.generation)
        while !isCancelled, job.sent < job.sampleCount {
            let status = sendChunk(&job, &samplesSent)
            if status == .again { return false }
            isCancelled = status.isError
        }
        let (generation, clause) = (job.generation, job.clause)
        guard !isCancelled else { return host.emit(.cancelled(generation: generation, id: clause)) != .again }
        let status = host.emit(.done(generation: generation, id: clause))
        guard status == .stale else { return status != .again }
        return host.emit(.cancelled(generation: generation, id: clause)) != .again
    }

    private func sendChunk(_ job: inout Job, _ samplesSent: inout Int64) -> Status {
        let room = min(job.sampleCount - job.sent, tone.sampleRate * Self.chunkMilliseconds / 1_000)
        let piece = tone.piece(from: job.sent, atMost: room)
        let samples = tone.samples
        let chunk = samples.span.extracting(piece)
        let status = host.emitAudio(
            chunk,
            generation: job.generation,
            clause: job.clause,
            format: format,
            presentationTime: samplesSent
        )
        guard !status.isError else { return status }
        job.sent += piece.count
        samplesSent += Int64(piece.count)
        return status
    }
}
