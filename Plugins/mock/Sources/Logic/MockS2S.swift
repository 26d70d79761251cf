// SPDX-License-Identifier: Apache-2.0
internal import Synchronization
public import SyrinxPlugin

/// The speech-to-speech model `mock`: hears by loudness, answers with scripted words and a tone.
public final class MockS2SProvider: Provider {
    /// The provider's configuration and, key by key over it, the session's options.
    public struct Config: Decodable, Sendable {
        /// What the caller is taken to say, turn by turn.
        public var lines: [String]?
        /// The answer; see the README for what may stand in braces.
        public var reply: String?
        /// The length of the tone of one answer, in milliseconds.
        public var replyMilliseconds: Int?
        /// The tone's frequency, in hertz.
        public var frequency: Int?
        /// A tool that is called before each answer; empty = none.
        public var tool: String?
        /// Its arguments, an object of JSON; without, the turn's number.
        public var toolArguments: String?
        /// The caller's words are told only when the answer is complete.
        public var lateWords: Bool?
        /// Silence that ends a turn, in milliseconds.
        public var silenceMilliseconds: Int?
        /// How long the session takes to become ready, in milliseconds.
        public var connectMilliseconds: Int?
        /// The session ends after so many milliseconds; 0 = never.
        public var expireAfterMilliseconds: Int?
        /// How long before its end it tells of it, in milliseconds.
        public var noticeMilliseconds: Int?
        /// The session breaks off when this turn ends; 0 = never.
        public var breakAtTurn: Int?
        /// After that there is no other.
        public var breaksForGood: Bool?

        private enum CodingKeys: String, CodingKey {
            case lines, reply, frequency, tool
            case toolArguments = "tool_arguments"
            case replyMilliseconds = "reply_ms"
            case lateWords = "late_words"
            case silenceMilliseconds = "silence_ms"
            case connectMilliseconds = "connect_ms"
            case expireAfterMilliseconds = "expire_after_ms"
            case noticeMilliseconds = "notice_ms"
            case breakAtTurn = "break_at_turn"
            case breaksForGood = "breaks_for_good"
        }
    }

    private let config: Config
    private let broken = Mutex(false)

    /// Keeps the configuration.
    public init(config: Config, host: Host) throws(PluginError) {
        self.config = config
    }

    /// Begins a session in the format that the host chose.
    public func openSession(
        _ params: SessionParams,
        options: Config,
        host: SessionHost
    ) throws(PluginError) -> MockS2SSession {
        guard !broken.withLock({ $0 }) else { throw PluginError(.notPermitted, "the mock model has broken for good") }
        try params.requireMonoInput()
        let script = MockS2SScript(config: config, options: options)
        let format = try MockTTSProvider.format(params.output)
        return MockS2SSession(script: script, input: Int(params.input.sampleRate), format: format, host: host) {
            self.broken.withLock { $0 = true }
        }
    }
}

/// What one session does, with all defaults filled in.
struct MockS2SScript: Sendable {
    let lines: [String]
    let reply: String
    let replyMilliseconds: Int
    let frequency: Int
    let tool: String
    let toolArguments: String
    let tellsWordsLate: Bool
    let silence: Int
    let connect: Int
    let expireAfter: Int
    let notice: Int
    let breakAtTurn: Int
    let breaksForGood: Bool

    init(config: MockS2SProvider.Config, options: MockS2SProvider.Config) {
        func choose<Value>(_ key: KeyPath<MockS2SProvider.Config, Value?>, _ preset: Value) -> Value {
            options[keyPath: key] ?? config[keyPath: key] ?? preset
        }
        let lines = choose(\.lines, ["hello"])
        self.lines = lines.isEmpty ? [""] : lines
        reply = choose(\.reply, "This is a scripted reply.")
        replyMilliseconds = choose(\.replyMilliseconds, 1_000)
        frequency = choose(\.frequency, 440)
        tool = choose(\.tool, "")
        toolArguments = choose(\.toolArguments, "")
        tellsWordsLate = choose(\.lateWords, false)
        silence = choose(\.silenceMilliseconds, 300)
        connect = choose(\.connectMilliseconds, 0)
        expireAfter = choose(\.expireAfterMilliseconds, 0)
        notice = choose(\.noticeMilliseconds, 5_000)
        breakAtTurn = choose(\.breakAtTurn, 0)
        breaksForGood = choose(\.breaksForGood, false)
    }
}

/// Tells speech from silence by loudness, in the time of the audio.
struct MockEar: Sendable {
    enum Change { case none, began, ended }

    private static let threshold: Float = -45
    private static let onset = 60

    private let sampleRate: Int
    private let silence: Int
    private var loud = 0
    private var quiet = 0
    private var isSpeaking = false

    init(sampleRate: Int, silence: Int) {
        self.sampleRate = sampleRate
        self.silence = silence
    }

    mutating func hear(_ frame: borrowing AudioFrame) -> Change {
        let isLoud = frame.level > Self.threshold
        loud = isLoud ? loud &+ frame.sampleCount : (isSpeaking ? loud : 0)
        quiet = isLoud ? 0 : quiet &+ frame.sampleCount
        if !isSpeaking, milliseconds(loud) >= Self.onset {
            isSpeaking = true
            return .began
        }
        guard isSpeaking, milliseconds(quiet) >= silence else { return .none }
        isSpeaking = false
        loud = 0
        return .ended
    }

    private func milliseconds(_ samples: Int) -> Int { samples * 1_000 / max(1, sampleRate) }
}
