// SPDX-License-Identifier: Apache-2.0
public import SyrinxPlugin

/// The recogniser `mock`: answers every utterance with the next scripted line, whatever was said.
public final class MockSTTProvider: Provider {
    /// The provider's configuration and, key by key over it, the session's options.
    public struct Config: Decodable, Sendable {
        /// The transcripts, taken in turns.
        public var lines: [String]?
    }

    private let lines: [String]

    /// Keeps the lines.
    public init(config: Config, host: Host) throws(PluginError) {
        lines = config.lines ?? ["hello"]
    }

    /// Begins a session at the first line.
    public func openSession(
        _ params: SessionParams,
        options: Config,
        host: SessionHost
    ) throws(PluginError) -> MockSTTSession {
        let lines = options.lines ?? lines
        return MockSTTSession(lines: lines.isEmpty ? [""] : lines, host: host)
    }
}

/// One session of the recogniser `mock`.
public final class MockSTTSession: ResettableSession {
    private let lines: [String]
    private let outbox: Outbox
    private var utterances = 0
    /// The utterance whose partial transcript was sent.
    private var announced: UInt64 = 0

    init(lines: [String], host: SessionHost) {
        self.lines = lines
        outbox = Outbox(host: host)
    }

    /// Never looks at the audio: one comparison a frame.
    public func handle(_ event: borrowing Event) throws(PluginError) -> Status {
        switch event.type {
        case .audioIn:
            if event.generation != announced, event.generation != 0 { announce(event.generation) }
        case .endOfInput:
            outbox.send(.final(lines[utterances % lines.count], generation: event.generation))
            utterances += 1
        case .writable: outbox.flush()
        case .drain: outbox.send(.drained)
        default: return .skip
        }
        return .ok
    }

    /// Drops what waits of the utterance.
    public func cancel(_ generation: UInt64) {
        outbox.cancel(generation)
    }

    /// Back to the first line.
    public func reset() {
        utterances = 0
        announced = 0
    }

    /// Sends nothing more.
    public func close() {
        outbox.close()
    }

    private func announce(_ utterance: UInt64) {
        announced = utterance
        outbox.send(.partial(lines[utterances % lines.count], generation: utterance))
    }
}
