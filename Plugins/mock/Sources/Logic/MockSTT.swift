// SPDX-License-Identifier: Apache-2.0
public import SyrinxPlugin

/// The recogniser `mock`: answers every utterance with the next scripted line, whatever was said.
public final class MockSTTProvider: Provider {
    /// The provider's configuration and, key by key over it, the session's options.
    public struct Config: Decodable, Sendable {
        /// The transcripts, taken in turns.
        public var lines: [String]?
        /// What language each line is in, taken in turns with them; none: nothing is said of it.
        public var languages: [String]?
    }

    private let lines: [String]
    private let languages: [String]

    /// Keeps the lines.
    public init(config: Config, host: Host) throws(PluginError) {
        lines = config.lines ?? ["hello"]
        languages = config.languages ?? []
    }

    /// Begins a session at the first line.
    public func openSession(
        _ params: SessionParams,
        options: Config,
        host: SessionHost
    ) throws(PluginError) -> ImmediateSession<MockRecogniser> {
        let lines = options.lines ?? lines
        return ImmediateSession(
            MockRecogniser(lines: lines.isEmpty ? [""] : lines, languages: options.languages ?? languages), host: host)
    }
}

/// The recogniser `mock`, in one session.
public struct MockRecogniser: ImmediateResponder {
    private let lines: [String]
    private let languages: [String]
    private var utterances = 0
    /// The utterance whose partial transcript was sent.
    private var announced: UInt64 = 0

    init(lines: [String], languages: [String]) {
        self.lines = lines
        self.languages = languages
    }

    /// Never looks at the audio: one comparison a frame.
    public mutating func handle(_ event: borrowing Event, _ outbox: Outbox) throws(PluginError) -> Status {
        switch event.type {
        case .audioIn:
            if event.generation != announced, event.generation != 0 { announce(event.generation, outbox) }
        case .endOfInput:
            let language = languages.isEmpty ? nil : languages[utterances % languages.count]
            let line = lines[utterances % lines.count]
            outbox.send(.final(line, language: language, generation: event.generation))
            utterances += 1
        default: return .skip
        }
        return .ok
    }

    /// Back to the first line.
    public mutating func reset() {
        utterances = 0
        announced = 0
    }

    private mutating func announce(_ utterance: UInt64, _ outbox: Outbox) {
        announced = utterance
        outbox.send(.partial(lines[utterances % lines.count], generation: utterance))
    }
}
