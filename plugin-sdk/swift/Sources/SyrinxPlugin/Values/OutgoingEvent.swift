// SPDX-License-Identifier: Apache-2.0
package import SyrinxABI

/// An event for the host, without audio; build it with one of the functions below.
///
/// Tests use it for the other direction too: both share the ABI's one event type. Audio has a call of its own, ``SessionHost/emitAudio(_:generation:clause:format:presentationTime:)``.
public struct OutgoingEvent: Hashable, Sendable {
    /// What happened.
    public var type: EventType
    /// The response or utterance that it belongs to.
    public var generation: UInt64
    /// What it correlates with.
    public var id: UInt64
    /// Bits whose meaning depends on the type.
    public var flags: UInt32 = 0
    /// The first integer argument.
    public var integer: Int64 = 0
    /// The second integer argument.
    public var secondInteger: Int64 = 0
    /// The real argument.
    public var number: Double = 0
    /// The text.
    public var text: String = ""
    /// Structured extras: an object, or empty.
    public var json: String = ""

    /// Makes an event of any type; prefer the named functions.
    public init(_ type: EventType, generation: UInt64 = 0, id: UInt64 = 0) {
        self.type = type
        self.generation = generation
        self.id = id
    }

    /// Hands out the C event; it is valid only inside `body`.
    package func withRaw<Result>(_ body: (UnsafePointer<syx_event>) -> Result) -> Result {
        var text = text
        var json = json
        return text.withUTF8 { textBytes in
            json.withUTF8 { jsonBytes in
                var raw = syx_event()
                raw.struct_size = UInt32(MemoryLayout<syx_event>.size)
                raw.type = type.rawValue
                raw.flags = flags
                raw.generation = generation
                raw.id = id
                raw.i0 = integer
                raw.i1 = secondInteger
                raw.f0 = number
                raw.text = syx_str(textBytes)
                raw.json = syx_str(jsonBytes)
                return withUnsafePointer(to: raw, body)
            }
        }
    }
}

// MARK: The agent's events

extension OutgoingEvent {
    /// The next piece of the agent's answer.
    public static func delta(_ text: String, generation: UInt64) -> OutgoingEvent {
        var event = OutgoingEvent(.delta, generation: generation)
        event.text = text
        return event
    }

    /// What an answer cost, by counter, as `input_tokens` or `audio_seconds`; of no generation when it belongs to none.
    public static func usage(_ counters: [String: JSONValue], generation: UInt64 = 0) -> OutgoingEvent {
        var event = OutgoingEvent(.usage, generation: generation)
        event.json = JSONValue.object(counters).text
        return event
    }

    /// Asks the host to call a tool; `arguments` is a JSON object, `id` comes back with the result.
    public static func toolCall(
        _ name: String,
        arguments: String,
        id: UInt64,
        generation: UInt64
    ) -> OutgoingEvent {
        var event = OutgoingEvent(.toolCall, generation: generation, id: id)
        event.text = name
        event.json = arguments
        return event
    }
}

// MARK: The events of recognisers and turn detectors

extension OutgoingEvent {
    /// A transcript that may still change; `stablePrefix` is in bytes of its UTF-8.
    public static func partial(_ text: String, stablePrefix: Int = 0, generation: UInt64) -> OutgoingEvent {
        var event = OutgoingEvent(.partial, generation: generation)
        event.text = text
        event.integer = Int64(stablePrefix)
        return event
    }

    /// The transcript of an utterance, maybe empty; the confidence lies in 0...1.
    /// - Parameter language: BCP 47 tag of what was heard, where the recogniser finds it out.
    public static func final(
        _ text: String, confidence: Double = 1, language: String? = nil, generation: UInt64
    ) -> OutgoingEvent {
        var event = OutgoingEvent(.final, generation: generation)
        event.text = text
        event.number = confidence
        if let language {
            let tag = language.filter { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-") }
            event.json = "{\"language\":\"\(tag)\"}"
        }
        return event
    }

    /// How likely the turn is complete, in 0...1.
    public static func turnEnd(probability: Double, generation: UInt64) -> OutgoingEvent {
        var event = OutgoingEvent(.turnEnd, generation: generation)
        event.number = probability
        return event
    }
}

// MARK: Terminals and states

extension OutgoingEvent {
    /// The request is complete; with `hangUp` an agent ends the call after its answer was played.
    public static func done(generation: UInt64, id: UInt64 = 0, hangUp: Bool = false) -> OutgoingEvent {
        var event = OutgoingEvent(.done, generation: generation, id: id)
        event.flags = hangUp ? UInt32(SYX_DONE_HANGUP) : 0
        return event
    }

    /// The request was cancelled.
    public static func cancelled(generation: UInt64, id: UInt64 = 0) -> OutgoingEvent {
        OutgoingEvent(.cancelled, generation: generation, id: id)
    }

    /// The request failed.
    public static func failed(_ error: PluginError, generation: UInt64, id: UInt64 = 0) -> OutgoingEvent {
        var event = OutgoingEvent(.error, generation: generation, id: id)
        event.integer = Int64(error.status.rawValue)
        event.secondInteger = Int64(error.flags)
        event.text = error.message
        event.json = error.extras
        return event
    }

    /// The provider's connection changed: "connected", "reconnecting", "error".
    public static func state(_ state: String) -> OutgoingEvent {
        var event = OutgoingEvent(.state)
        event.text = state
        return event
    }

    /// Nothing is under way any more.
    public static let drained = OutgoingEvent(.drained)
}

extension syx_str {
    /// Lends bytes; valid as long as they are.
    init(_ bytes: UnsafeBufferPointer<UInt8>) {
        self.init(ptr: UnsafeRawPointer(bytes.baseAddress)?.assumingMemoryBound(to: CChar.self), len: bytes.count)
    }
}
