// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import Synchronization
package import SyrinxCore

/// Makes a call in real time: lines go out as 20 ms frames on an absolute schedule, what comes back is recorded.
package struct CallRunner: Sendable {
    /// How long the server may take to say goodbye.
    private static let closeLimit = Duration.seconds(3)

    package var target: TalkTarget
    package var lines: [CallerLine]
    package var options: CallScript.Options
    /// Where the agent's audio goes; nil = nowhere.
    package var replyFile: String?
    package var onNote: @Sendable (CallNote) -> Void

    package init(
        target: TalkTarget, lines: [CallerLine], options: CallScript.Options, replyFile: String?,
        onNote: @escaping @Sendable (CallNote) -> Void = { _ in }
    ) {
        self.target = target
        self.lines = lines
        self.options = options
        self.replyFile = replyFile
        self.onNote = onNote
    }

    /// - Throws: `client.*`, `file.not_writable`, or the server's refusal. Lines without an answer are no error here:
    ///   the report tells.
    package func run() async throws(SyrinxError) -> CallReport {
        let client = try await TalkClient.connect(target)
        let call = try LiveCall(CallScript(lines: lines, options: options, at: .now), recordingTo: replyFile)
        do {
            try await client.talk { inbound, outbound in try await talk(call, inbound, outbound) }
        } catch {
            guard call.isOver else { throw TalkFailure.error(error, target) }
        }
        return try call.finish(replyFile)
    }

    private func talk(_ call: LiveCall, _ inbound: TalkClient.Inbound, _ outbound: TalkClient.Outbound) async throws {
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await listen(call, inbound) }
            try await speak(call, outbound)
            tasks.addTask { try await Task.sleep(for: Self.closeLimit) }
            // Whichever is first: the server's goodbye, or the end of our patience.
            try await tasks.next()
            tasks.cancelAll()
        }
    }

    private func listen(_ call: LiveCall, _ inbound: TalkClient.Inbound) async throws {
        // However listening ends, nothing can be said any more.
        defer { call.disconnected() }
        for try await message in inbound {
            for note in call.receive(message) { onNote(note) }
        }
    }

    private func speak(_ call: LiveCall, _ outbound: TalkClient.Outbound) async throws {
        let clock = ContinuousClock()
        var next = clock.now
        while let frame = try call.step() {
            try? await outbound.write(.audio(frame))
            next = next.advanced(by: .milliseconds(20))
            try await clock.sleep(until: next)
        }
        try? await outbound.write(.event(["type": "close"]))
    }
}

/// The script and the recording of a call that is under way, shared by its two directions.
private final class LiveCall: Sendable {
    private struct State {
        var script: CallScript
        var file: WAVFile?
    }

    private let state: Mutex<State>

    init(_ script: CallScript, recordingTo file: String?) throws(SyrinxError) {
        let recording = try file.map { path throws(SyrinxError) in
            try WAVFile(creating: path, rate: script.options.rate)
        }
        state = Mutex(State(script: script, file: recording))
    }

    func step() throws(SyrinxError) -> [Int16]? {
        try state.withLock { state throws(SyrinxError) in
            let step = state.script.step(at: .now)
            try state.file?.append(step.played)
            return step.frame
        }
    }

    func receive(_ message: TalkMessage) -> [CallNote] {
        state.withLock { state in
            switch message {
            case .audio(let samples, let now):
                state.script.receive(audio: samples, at: now)
                return []
            case .event(let event, let now): return state.script.receive(event: event, at: now)
            case .closed:
                state.script.disconnected()
                return []
            }
        }
    }

    func disconnected() { state.withLock { $0.script.disconnected() } }

    var isOver: Bool { state.withLock { $0.script.isOver } }

    func finish(_ replyFile: String?) throws(SyrinxError) -> CallReport {
        try state.withLock { state throws(SyrinxError) in
            try state.file?.finish()
            return CallReport(state.script, replyFile: replyFile)
        }
    }
}
