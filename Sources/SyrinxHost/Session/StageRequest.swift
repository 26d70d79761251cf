// SPDX-License-Identifier: Apache-2.0

internal import SyrinxABI

/// What the host asks of a plugin's session, besides audio.
package enum StageRequest: Sendable {
    case endOfInput
    case speak(clause: UInt64, text: String, json: String, last: Bool)
    case prompt(text: String, json: String)
    case toolResult(call: UInt64, text: String, failed: Bool)
    /// To a turn stage: the turn's text so far and the silence after it.
    case transcript(text: String, silence: Double)
    case writable
    case timer(cookie: UInt64)
    case taskDone(cookie: UInt64)
    case drain
    case configure(json: String)
    /// To the caller's side: an event of the session, and keys for the far end.
    case notice(json: String)
    case keys(String)
    /// To s2s: the response was cut off; so much of it was played, and these are its words.
    case heard(milliseconds: Int, text: String)

    /// Builds the C event in the caller's frame and lends it to `body`.
    func withEvent<Result>(generation: UInt64, now: Int64, _ body: (UnsafePointer<syx_event>) -> Result) -> Result {
        var event = syx_event()
        event.struct_size = UInt32(MemoryLayout<syx_event>.size)
        event.generation = generation
        event.t_ns = now
        var text = ""
        var json = ""
        switch self {
        case .endOfInput: event.type = UInt16(SYX_EV_END_OF_INPUT)
        case .speak(let clause, let words, let extras, let last):
            event.type = UInt16(SYX_EV_SPEAK)
            event.id = clause
            event.flags = last ? UInt32(SYX_SPEAK_LAST) : 0
            (text, json) = (words, extras)
        case .prompt(let words, let extras):
            event.type = UInt16(SYX_EV_PROMPT)
            (text, json) = (words, extras)
        case .toolResult(let call, let words, let failed):
            event.type = UInt16(SYX_EV_TOOL_RESULT)
            event.id = call
            event.i0 = failed ? Int64(SYX_EINTERNAL) : 0
            text = words
        case .transcript(let words, let silence):
            event.type = UInt16(SYX_EV_TRANSCRIPT)
            event.f0 = silence
            text = words
        case .writable: event.type = UInt16(SYX_EV_WRITABLE)
        case .timer(let cookie):
            event.type = UInt16(SYX_EV_TIMER)
            event.id = cookie
        case .taskDone(let cookie):
            event.type = UInt16(SYX_EV_TASK_DONE)
            event.id = cookie
        case .drain: event.type = UInt16(SYX_EV_DRAIN)
        case .configure(let extras):
            event.type = UInt16(SYX_EV_CONFIG)
            json = extras
        case .notice(let extras):
            event.type = UInt16(SYX_EV_NOTICE)
            json = extras
        case .keys(let digits):
            event.type = UInt16(SYX_EV_DTMF_IN)
            text = digits
        case .heard(let milliseconds, let words):
            event.type = UInt16(SYX_EV_HEARD)
            event.i0 = Int64(milliseconds)
            text = words
        }
        return lend(text, to: &event, \.text) { event in
            lend(json, to: &event, \.json) { event in withUnsafePointer(to: event, body) }
        }
    }
}

private func lend<Result>(
    _ string: String, to event: inout syx_event, _ field: WritableKeyPath<syx_event, syx_str>,
    _ body: (inout syx_event) -> Result
) -> Result {
    var string = string
    return string.withUTF8 { bytes in
        bytes.withMemoryRebound(to: CChar.self) { characters in
            event[keyPath: field] = syx_str(ptr: characters.baseAddress, len: characters.count)
            return body(&event)
        }
    }
}
