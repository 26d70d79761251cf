// SPDX-License-Identifier: Apache-2.0

internal import SyrinxABI
internal import SyrinxCore

/// A plugin's event, copied out of its memory and checked.
package struct StageEvent: Sendable {
    /// What happened, with the fields that matter for it.
    package enum Kind: Sendable {
        case ready
        case audio(clause: UInt64, samples: [Int16])
        case partial(String)
        case final(String, confidence: Float)
        case speechStarted
        case speechStopped
        case turnEnd(probability: Float)
        case delta(String)
        case toolCall(id: UInt64, name: String, arguments: String)
        case mark(clause: UInt64, byteOffset: Int, sampleOffset: Int)
        case done(clause: UInt64, hangUp: Bool)
        case cancelled(clause: UInt64)
        case usage(String)
        case state(String, json: String)
        case failed(clause: UInt64, code: String, message: String, retryable: Bool)
        case drained
        /// Of the caller's side: the far end is there.
        case peer(json: String)
        case httpReply(id: UInt64, status: Int, headers: String, body: String)
        /// A message as a client of the native protocol sends it.
        case command(String)
        /// What the caller pressed.
        case keys(String)
        case other(type: Int, text: String, json: String)
    }

    /// Bytes of the body of an answer at a door.
    static let replyLimit = 65_536
    private static let keyLimit = 64

    package var generation: UInt64
    package var kind: Kind
    /// Of a failure: the provider asked to be left alone for so long.
    package var retryAfter: Duration?
    /// Of a final transcript: the BCP 47 tag of what was heard, where the recogniser says it.
    package var language: String?
}

extension StageEvent {
    /// - Returns: nil when the event is malformed.
    init?(copying event: UnsafePointer<syx_event>, outputRate: Int) {
        guard Int(event.pointee.struct_size) >= ABISizes.event, event.pointee.space == 0 else {
            return nil
        }
        let raw = event.pointee
        guard let text = HostCore.text(raw.text), let json = HostCore.text(raw.json) else { return nil }
        generation = raw.generation
        switch Int(raw.type) {
        case SYX_EV_READY: kind = .ready
        case SYX_EV_AUDIO_OUT:
            guard let samples = Self.samples(raw.audio, rate: outputRate) else { return nil }
            kind = .audio(clause: raw.id, samples: samples)
        case SYX_EV_PARTIAL: kind = .partial(text)
        case SYX_EV_FINAL:
            kind = .final(text, confidence: Self.unit(raw.f0))
            language = Self.language(json)
        case SYX_EV_SPEECH_START: kind = .speechStarted
        case SYX_EV_SPEECH_STOP: kind = .speechStopped
        case SYX_EV_TURN_END: kind = .turnEnd(probability: Self.unit(raw.f0))
        case SYX_EV_DELTA: kind = .delta(text)
        case SYX_EV_TOOL_CALL: kind = .toolCall(id: raw.id, name: text, arguments: json)
        case SYX_EV_MARK:
            guard let bytes = Int(exactly: raw.i0), let samples = Int(exactly: raw.i1) else { return nil }
            kind = .mark(clause: raw.id, byteOffset: bytes, sampleOffset: samples)
        case SYX_EV_DONE: kind = .done(clause: raw.id, hangUp: raw.flags & UInt32(SYX_DONE_HANGUP) != 0)
        case SYX_EV_CANCELLED: kind = .cancelled(clause: raw.id)
        case SYX_EV_USAGE: kind = .usage(json)
        case SYX_EV_STATE: kind = .state(text, json: json)
        case SYX_EV_ERROR:
            let status = Int32(clamping: raw.i0)
            kind = .failed(
                clause: raw.id, code: ProviderErrorClass(status: status).code, message: text,
                retryable: raw.i1 & Int64(SYX_ERR_RETRYABLE) != 0)
            retryAfter = Self.retryAfter(json)
        case SYX_EV_DRAINED: kind = .drained
        case SYX_EV_PEER: kind = .peer(json: json)
        case SYX_EV_HTTP_REPLY:
            // Below 0: the plugin refused the request, as `handle` tells of one in this process.
            guard let status = Int(exactly: raw.i0), (100...599).contains(status) || (-999..<0).contains(status),
                text.utf8.count <= Self.replyLimit
            else { return nil }
            kind = .httpReply(id: raw.id, status: status, headers: json, body: text)
        case SYX_EV_COMMAND: kind = .command(json)
        case SYX_EV_DTMF_OUT: kind = .keys(String(text.prefix(Self.keyLimit)))
        default: kind = .other(type: Int(raw.type), text: text, json: json)
        }
    }

    private static func language(_ json: String) -> String? {
        json.isEmpty ? nil : (try? JSONValue(parsing: json))?["language"]?.string
    }

    /// Copies a frame's audio as 16-bit mono. Nil when it is not in the negotiated rate, or sizes do not agree.
    private static func samples(_ frame: UnsafePointer<syx_frame>?, rate: Int) -> [Int16]? {
        guard let frame, Int(frame.pointee.struct_size) >= ABISizes.frame else { return nil }
        let raw = frame.pointee
        let count = Int(raw.samples)
        guard raw.channels == 1, Int(raw.rate) == rate, count <= 1 << 20, let data = raw.data else { return nil }
        switch Int(raw.format) {
        case SYX_FMT_S16:
            guard raw.bytes == count * 2 else { return nil }
            return [Int16](unsafeUninitializedCapacity: count) { target, used in
                UnsafeMutableRawBufferPointer(target).copyMemory(
                    from: UnsafeRawBufferPointer(start: data, count: count * 2))
                used = count
            }
        case SYX_FMT_F32:
            guard raw.bytes == count * 4 else { return nil }
            let floats = UnsafeRawBufferPointer(start: data, count: count * 4)
            return (0..<count).map { index in
                let value = floats.loadUnaligned(fromByteOffset: index * 4, as: Float.self)
                return value.isFinite ? Int16(max(-32768, min(32767, value * 32767))) : 0
            }
        default: return nil
        }
    }

    private static func retryAfter(_ json: String) -> Duration? {
        guard !json.isEmpty, let extras = try? JSONValue(parsing: json),
            let milliseconds = extras["retry_after_ms"]?.int, (1...86_400_000).contains(milliseconds)
        else { return nil }
        return .milliseconds(milliseconds)
    }

    private static func unit(_ value: Double) -> Float { value.isFinite ? Float(max(0, min(1, value))) : 0 }
}
