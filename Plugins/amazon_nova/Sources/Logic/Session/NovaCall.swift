// SPDX-License-Identifier: Apache-2.0
internal import SyrinxPlugin

/// One session's state: the stream to the vendor, the conversation on it, and what is on its way to either side.
struct NovaCall {
    /// Where the stream stands.
    enum Phase {
        /// Nothing was said yet.
        case idle
        /// The host computes the key of the day.
        case keying(SigningTime)
        /// The host hashes the request, which carries the token of temporary credentials.
        case hashing(RequestSigner, key: [UInt8])
        /// The request is out, its answer is not here.
        case opening(NetworkID)
        case open(NetworkID)
        /// The answer was an error; its body comes.
        case refused(NetworkID, status: Int, headers: [String: String], body: [UInt8])
        /// The session was ended by us; the vendor ends it, too.
        case ending(NetworkID)
        case failed(PluginError)
        case closed
    }

    enum Cookie {
        static let key: UInt64 = 1
        /// The answer to the request is late.
        static let opening: UInt64 = 2
        /// The caller's audio may have stopped.
        static let tick: UInt64 = 3
        /// The vendor will end the session soon.
        static let expiring: UInt64 = 4
        /// The vendor does not end what was ended.
        static let ending: UInt64 = 5
        static let hash: UInt64 = 6
    }

    static let openingMilliseconds: UInt32 = 10_000
    static let tickMilliseconds: UInt32 = 100
    static let endingMilliseconds: UInt32 = 2_000
    /// The host is told so long before the vendor ends the session.
    static let expiringSeconds = 60
    /// More than this waits for nobody: the vendor is held up. A minute and a half at 24 kHz.
    static let maximumWaiting = 4 << 20
    static let maximumErrorBody = 16 << 10

    let host: SessionHost
    let identity: NovaIdentity
    let settings: NovaSettings
    let formats: (input: AudioFormat, output: AudioFormat)

    var phase: Phase
    var decoder = EventStreamDecoder(payloadLimit: JSONValue.defaultMaximumBytes)
    var signer: EventSigner?
    var queue = EventQueue()
    var dialogue = Dialogue()
    var output: SpeechOutput
    var caller: CallerAudio
    var activity = CallerActivity()
    /// When what the host has of answers is played, on its clock in nanoseconds.
    var audibleUntil: Int64 = 0
    var isConfigured = false
    var isDraining = false
    var isHeldUp = false

    init(
        host: SessionHost,
        identity: NovaIdentity,
        settings: NovaSettings,
        formats: (input: AudioFormat, output: AudioFormat)
    ) {
        self.host = host
        self.identity = identity
        self.settings = settings
        self.formats = formats
        output = SpeechOutput(host: host, format: formats.output, limit: Self.maximumWaiting)
        caller = CallerAudio(sampleRate: formats.input.sampleRate, now: host.now)
        phase = .idle
    }

    /// The stream, while something may be sent on it.
    var stream: NetworkID? {
        switch phase {
        case .opening(let id), .open(let id), .ending(let id): id
        case .idle, .keying, .hashing, .refused, .failed, .closed: nil
        }
    }
}

/// Who asks whom.
struct NovaIdentity: Sendable {
    let endpoint: Endpoint
    let region: String
    let accessKeyID: String
    /// Text in which the host puts the secret: `AWS4${secret:secret_access_key}`.
    let keyText: String
    /// Text in which the host puts the session token of temporary credentials; nil = they last.
    let token: String?
}
