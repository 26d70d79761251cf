// SPDX-License-Identifier: Apache-2.0
package import SyrinxABI

/// An event that the host lent for the duration of one call to ``Session/handle(_:)``.
///
/// It cannot be copied, so it cannot outlive that call; the strings are copies of their own. Nothing in it is trusted:
/// broken UTF-8 is repaired, and a missing pointer reads as empty.
public struct Event: ~Copyable {
    private let raw: UnsafePointer<syx_event>

    init?(_ raw: UnsafePointer<syx_event>?) {
        guard let raw, raw.pointee.struct_size >= UInt32(MemoryLayout<syx_event>.size) else { return nil }
        self.raw = raw
    }

    /// What happened; events of another space than the core's read as type 0, which no session knows.
    public var type: EventType { EventType(rawValue: raw.pointee.space == 0 ? raw.pointee.type : 0) }
    /// Bits whose meaning depends on the type.
    public var flags: UInt32 { raw.pointee.flags }
    /// The response (agent, tts, s2s) or the utterance (stt, turn) that it belongs to.
    public var generation: UInt64 { raw.pointee.generation }
    /// What it correlates with: the clause, timer, task, tool call.
    public var id: UInt64 { raw.pointee.id }
    /// The host's clock, in nanoseconds.
    public var time: Int64 { raw.pointee.t_ns }
    /// The first integer argument.
    public var integer: Int64 { raw.pointee.i0 }
    /// The second integer argument.
    public var secondInteger: Int64 { raw.pointee.i1 }
    /// The real argument; may be NaN, since it is what the other side wrote.
    public var number: Double { raw.pointee.f0 }
    /// The text; broken UTF-8 is repaired.
    public var text: String { String(raw.pointee.text) }
    /// The text's bytes as they came, for events that carry no text but data.
    public var bytes: [UInt8] {
        guard let start = raw.pointee.text.ptr, let count = Int(exactly: raw.pointee.text.len) else { return [] }
        return Array(UnsafeRawBufferPointer(start: start, count: count))
    }
    /// Structured extras: an object, or empty.
    public var json: String { String(raw.pointee.json) }
    /// True when this SPEAK is the last clause of its generation.
    public var isLastClause: Bool { raw.pointee.flags & UInt32(SYX_SPEAK_LAST) != 0 }

    /// Lends the audio.
    ///
    /// - Parameter body: Gets the frame, which is valid only inside it.
    /// - Returns: What `body` returned, or nil when the event carries no audio.
    /// - Throws: What `body` throws.
    public func withAudio<Result, Failure: Error>(
        _ body: (borrowing AudioFrame) throws(Failure) -> Result
    ) throws(Failure) -> Result? {
        guard let frame = AudioFrame(raw.pointee.audio) else { return nil }
        return try body(frame)
    }

    /// Decodes ``json``; see ``JSON/decode(_:from:label:)``.
    public func decodeJSON<Value: Decodable>(_ type: Value.Type) throws(PluginError) -> Value {
        try JSON.decode(type, from: json, label: "event")
    }
}

extension String {
    /// A copy of text from the other side.
    package init(_ raw: syx_str) {
        guard let start = raw.ptr, raw.len > 0, let count = Int(exactly: raw.len) else {
            self = ""
            return
        }
        let bytes = UnsafeRawBufferPointer(start: start, count: count)
        self = String(decoding: bytes, as: UTF8.self)
    }
}
