// SPDX-License-Identifier: Apache-2.0
internal import SyrinxABI

/// The type of an event; open, since a newer host may send types that this SDK does not name.
public struct EventType: RawRepresentable, Hashable, Sendable {
    /// The number on the wire.
    public let rawValue: UInt16

    /// Wraps a number from the other side.
    public init(rawValue: UInt16) {
        self.rawValue = rawValue
    }

    private init(_ constant: Int) {
        self.init(rawValue: UInt16(truncatingIfNeeded: constant))
    }
}

// MARK: Host to plugin

extension EventType {
    /// Audio; the generation is the utterance, 0 between utterances.
    public static let audioIn = EventType(SYX_EV_AUDIO_IN)
    /// Text to speak: a clause.
    public static let speak = EventType(SYX_EV_SPEAK)
    /// The user's turn.
    public static let prompt = EventType(SYX_EV_PROMPT)
    /// The result of a tool call.
    public static let toolResult = EventType(SYX_EV_TOOL_RESULT)
    /// Keys that the caller pressed.
    public static let dtmfIn = EventType(SYX_EV_DTMF_IN)
    /// The utterance is complete: answer ``final``.
    public static let endOfInput = EventType(SYX_EV_END_OF_INPUT)
    /// Changed session options.
    public static let config = EventType(SYX_EV_CONFIG)
    /// Credit is back after ``Status/again``.
    public static let writable = EventType(SYX_EV_WRITABLE)
    /// A timer fired; the id is its cookie.
    public static let timer = EventType(SYX_EV_TIMER)
    /// Blocking work returned; the id is its cookie.
    public static let taskDone = EventType(SYX_EV_TASK_DONE)
    /// Finish what is under way, then answer ``drained``.
    public static let drain = EventType(SYX_EV_DRAIN)
    /// The turn's text so far, and in `number` the silence so far in seconds.
    public static let transcript = EventType(SYX_EV_TRANSCRIPT)
    /// To s2s: the response was cut off; `integer` is how many ms of it were played, the text is its words.
    public static let heard = EventType(SYX_EV_HEARD)
}

// MARK: Of the I/O services; a ``NetworkInbox`` reads them

extension EventType {
    /// HTTP: status and headers.
    public static let httpHead = EventType(SYX_EV_HTTP_HEAD)
    /// HTTP: a piece of the body.
    public static let httpData = EventType(SYX_EV_HTTP_DATA)
    /// HTTP: the end.
    public static let httpDone = EventType(SYX_EV_HTTP_DONE)
    /// WebSocket: the upgrade succeeded.
    public static let socketOpen = EventType(SYX_EV_WS_OPEN)
    /// WebSocket: a piece of a message.
    public static let socketData = EventType(SYX_EV_WS_DATA)
    /// WebSocket: the end.
    public static let socketClosed = EventType(SYX_EV_WS_CLOSED)
    /// Sending is possible again after ``Status/again``.
    public static let ioWritable = EventType(SYX_EV_IO_WRITABLE)
    /// An HMAC is done; the id is its cookie.
    public static let digest = EventType(SYX_EV_DIGEST)
    /// To a transport: somebody asks at its door. Answer ``httpReply``.
    public static let httpRequest = EventType(SYX_EV_HTTP_REQUEST)
    /// To a transport that wants them: an event of the session.
    public static let notice = EventType(SYX_EV_NOTICE)
}

// MARK: Plugin to host

extension EventType {
    /// The session is usable.
    public static let ready = EventType(SYX_EV_READY)
    /// Audio of a generation.
    public static let audioOut = EventType(SYX_EV_AUDIO_OUT)
    /// A transcript that may still change.
    public static let partial = EventType(SYX_EV_PARTIAL)
    /// The transcript of an utterance.
    public static let final = EventType(SYX_EV_FINAL)
    /// The provider heard speech begin.
    public static let speechStart = EventType(SYX_EV_SPEECH_START)
    /// The provider heard speech end.
    public static let speechStop = EventType(SYX_EV_SPEECH_STOP)
    /// The probability that the turn is complete.
    public static let turnEnd = EventType(SYX_EV_TURN_END)
    /// The next piece of the agent's answer.
    public static let delta = EventType(SYX_EV_DELTA)
    /// The agent asks the host to call a tool.
    public static let toolCall = EventType(SYX_EV_TOOL_CALL)
    /// Where a place of the text lies in the audio.
    public static let mark = EventType(SYX_EV_MARK)
    /// The request is complete.
    public static let done = EventType(SYX_EV_DONE)
    /// The request was cancelled.
    public static let cancelled = EventType(SYX_EV_CANCELLED)
    /// Counters of what was used.
    public static let usage = EventType(SYX_EV_USAGE)
    /// The provider's connection changed.
    public static let state = EventType(SYX_EV_STATE)
    /// The answer to a health probe.
    public static let health = EventType(SYX_EV_HEALTH)
    /// The request failed.
    public static let error = EventType(SYX_EV_ERROR)
    /// Nothing is under way any more.
    public static let drained = EventType(SYX_EV_DRAINED)
    /// Keys that the far end pressed.
    public static let dtmfOut = EventType(SYX_EV_DTMF_OUT)
    /// The far end is there: the conversation may begin.
    public static let peer = EventType(SYX_EV_PEER)
    /// The answer to ``httpRequest``.
    public static let httpReply = EventType(SYX_EV_HTTP_REPLY)
    /// A client's message to the session.
    public static let command = EventType(SYX_EV_COMMAND)

    /// True for those of the host's I/O services, which a ``NetworkInbox`` reads.
    public var isOfNetwork: Bool { (Self.httpHead.rawValue...Self.digest.rawValue).contains(rawValue) }

    /// True for the four types that end a request (R7).
    public var isTerminal: Bool {
        self == .done || self == .final || self == .cancelled || self == .error
    }
}
