// SPDX-License-Identifier: Apache-2.0

/// What a transport answers at its door.
public struct DoorReply: Sendable, Hashable {
    /// The HTTP status; 101 takes the WebSocket that was asked for.
    public var status: Int
    /// Names in lower case.
    public var headers: [String: String]
    /// At most 64 KiB.
    public var body: String

    /// Makes an answer.
    public init(_ status: Int, headers: [String: String] = [:], body: String = "") {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// A refusal that a person can read.
    public static func problem(_ status: Int, _ sentence: String) -> DoorReply {
        DoorReply(status, headers: ["content-type": "text/plain; charset=utf-8"], body: sentence + "\n")
    }

    /// The WebSocket is taken; ``NetworkEvent/opened(_:subprotocol:headers:)`` follows.
    public static let accept = DoorReply(101)
}

extension OutgoingEvent {
    /// The answer to a request at the door.
    public static func reply(_ reply: DoorReply, to id: NetworkID) -> OutgoingEvent {
        var event = OutgoingEvent(.httpReply, id: id.rawValue)
        event.integer = Int64(reply.status)
        event.json = JSONValue.object(reply.headers.mapValues(JSONValue.string)).text
        event.text = reply.body
        return event
    }

    /// The far end is there: the conversation may begin.
    public static func peer(_ facts: PeerFacts) -> OutgoingEvent {
        var event = OutgoingEvent(.peer)
        event.json = facts.json
        return event
    }

    /// Keys that the caller pressed.
    public static func keys(_ keys: String) -> OutgoingEvent {
        var event = OutgoingEvent(.dtmfOut)
        event.text = keys
        return event
    }

    /// So many samples of all the agent's audio were played, or dropped, at the far end.
    public static func played(samples: Int64) -> OutgoingEvent {
        var event = OutgoingEvent(.mark)
        event.secondInteger = samples
        return event
    }

    /// The far end has hung up.
    public static func farEndLeft(_ why: String = "") -> OutgoingEvent {
        var event = OutgoingEvent(.done)
        event.text = why
        return event
    }
}

/// What is known of the far end of a call.
public struct PeerFacts: Sendable, Hashable {
    /// Who it is, in the tenant's own words.
    public var user = ""
    /// Numbers or addresses.
    public var from = ""
    /// Numbers or addresses.
    public var to = ""
    /// The far end's own name of the call.
    public var call = ""
    /// A language tag, or empty.
    public var language = ""
    /// Kept with the session's record.
    public var metadata: [String: String] = [:]

    /// Knows nothing yet.
    public init() {}

    var json: String {
        let texts = ["user": user, "from": from, "to": to, "call": call, "language": language]
        var members = texts.filter { !$0.value.isEmpty }.mapValues(JSONValue.string)
        if !metadata.isEmpty { members["metadata"] = .object(metadata.mapValues(JSONValue.string)) }
        return JSONValue.object(members).text
    }
}
