// SPDX-License-Identifier: Apache-2.0

package import SyrinxConversation
package import SyrinxCore

/// A session as the Realtime protocol shows it: what the client says becomes inputs of the conversation, what the
/// conversation tells becomes events for the client. No socket, no clock: what happens and the time go in, effects come
/// out.
///
/// `+Client` does what the client says, `+Caller` tells of the caller's speech, `+Responses` of the agent's answers,
/// `+Asking` has the agent answer.
package struct RealtimeTranslator {
    /// Hz of the session's audio in both directions.
    package static let rate = 24_000
    /// Bytes of one event, of either side.
    package static let maximumEvent = 15 << 20

    package enum Effect: Equatable {
        /// One event for the client.
        case send(JSONValue)
        case submit(Input)
        /// The caller's audio for the session.
        case hear([Int16])
        /// What the agent is to be and to be able to do; nil = what the profile says.
        case brief(instructions: String?, tools: [RealtimeTool])
    }

    /// What a session begins with.
    package struct Setup {
        package var id: String
        /// As the client named it.
        package var model: String
        package var options: Options
        /// When the session ends at the latest, in seconds of Unix time.
        package var expires: Int64
        /// Audio travels beside the events, as in WebRTC, and is no part of them.
        package var hasMedia = false

        package init(id: String, model: String, options: Options, expires: Int64) {
            self.id = id
            self.model = model
            self.options = options
            self.expires = expires
        }
    }

    let setup: Setup
    var settings: RealtimeSettings
    var ids: RealtimeIDs
    var effects: [Effect] = []
    var now = Instant.zero

    // The conversation
    var items = RealtimeItems()
    /// The session's history is not what the items say.
    var isHistoryStale = false
    /// A turn that the session has not ended.
    var openTurn: Int?

    // The caller
    var input: AudioCodec
    var backlog = InputBacklog()
    /// Samples of the caller that the session has been given.
    var heardSamples = 0
    /// Samples since the last commit.
    var bufferedSamples = 0
    var speeches: [CallerSpeech] = []

    // The agent
    var output: AudioCodec
    var response: RealtimeResponse?
    var calls: [OpenCall] = []
    /// What the agent was last told to be and do.
    var briefed: Effect?
    var adjusted: Adjustment?

    package init(_ setup: Setup) {
        self.setup = setup
        settings = RealtimeSettings(model: setup.model, options: setup.options)
        ids = RealtimeIDs(session: setup.id)
        input = AudioCodec(.pcm, .fromClient)
        output = AudioCodec(.pcm, .toClient)
        briefed = .brief(instructions: nil, tools: [])
    }

    /// The first event of a connection.
    /// - Parameter session: what the client's secret was made with.
    package mutating func open(_ session: JSONValue? = nil) -> [Effect] {
        if let session, let first = try? settings.updated(Fields(session, "session")) { use(first) }
        send("session.created", ["session": sessionJSON])
        return take()
    }

    /// The session has begun: it is told how it is to go.
    package mutating func begin() -> [Effect] {
        configure()
        return take()
    }

    mutating func use(_ new: RealtimeSettings) {
        if settings.inputFormat != new.inputFormat { input = AudioCodec(new.inputFormat, .fromClient) }
        if settings.outputFormat != new.outputFormat { output = AudioCodec(new.outputFormat, .toClient) }
        settings = new
    }

    /// A session as a client would be told of it.
    /// - Parameter session: the client's wishes.
    /// - Throws: `request.field_invalid`.
    package static func session(_ session: JSONValue?, _ setup: Setup) throws(SyrinxError) -> JSONValue {
        var settings = RealtimeSettings(model: setup.model, options: setup.options)
        do throws(RealtimeError) {
            if let session { settings = try settings.updated(Fields(session, "session")) }
        } catch {
            throw SyrinxError("request.field_invalid", error.message, place: error.param.map { "$.\($0)" })
        }
        return settings.json(id: setup.id, expires: setup.expires)
    }

    /// Something went wrong that the client did not cause.
    package mutating func failed(_ code: String, _ message: String) -> [Effect] {
        send(RealtimeError(type: "server_error", code: code, message: message))
        return take()
    }

    // MARK: effects

    mutating func send(_ type: String, _ fields: [String: JSONValue]) {
        var event = fields
        event["type"] = .string(type)
        event["event_id"] = .string(ids.next("event"))
        effects.append(.send(.object(event)))
    }

    mutating func send(_ error: RealtimeError, cause: String? = nil) {
        send("error", error.json(cause: cause).object ?? [:])
    }

    mutating func submit(_ input: Input) { effects.append(.submit(input)) }

    mutating func take() -> [Effect] {
        defer { effects = [] }
        return effects
    }

    var sessionJSON: JSONValue { settings.json(id: setup.id, expires: setup.expires) }

    // MARK: time

    /// When ``tick(at:)`` has something to do; `.distantFuture` if never.
    package var deadline: Instant {
        min(response?.pauseEnds ?? .distantFuture, speeches.map(\.givenUpAt).min() ?? .distantFuture)
    }

    package mutating func tick(at instant: Instant) -> [Effect] {
        now = max(now, instant)
        if let end = response?.pauseEnds, now >= end { finishResponse(.completed) }
        let time = now
        if speeches.contains(where: { $0.givenUpAt <= time }) { settleSpeeches { $0.givenUpAt <= time } }
        return take()
    }
}

/// Ids that are unique in the session and hard to confuse with those of another.
struct RealtimeIDs {
    private let session: String
    private var count = 0

    init(session: String) { self.session = String(session.suffix(16)) }

    mutating func next(_ prefix: String) -> String {
        count += 1
        return "\(prefix)_\(session)\(count)"
    }
}
