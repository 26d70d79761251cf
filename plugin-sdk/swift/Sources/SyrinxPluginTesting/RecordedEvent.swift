// SPDX-License-Identifier: Apache-2.0
internal import SyrinxABI
public import SyrinxPlugin

/// An event that a plugin sent, copied.
public struct RecordedEvent: Hashable, Sendable {
    /// What happened.
    public let type: EventType
    /// The response or utterance.
    public let generation: UInt64
    /// What it correlates with.
    public let id: UInt64
    /// Bits whose meaning depends on the type.
    public let flags: UInt32
    /// The first integer argument.
    public let integer: Int64
    /// The second integer argument.
    public let secondInteger: Int64
    /// The real argument.
    public let number: Double
    /// The text.
    public let text: String
    /// Structured extras.
    public let json: String
    /// The samples of an audio event with 16 bit samples.
    public let samples: [Int16]
    /// The audio's format; nil without audio.
    public let format: AudioFormat?

    /// True for a DONE that ends the call.
    public var hangsUp: Bool { type == .done && flags & UInt32(SYX_DONE_HANGUP) != 0 }

    /// True for an ERROR that may not happen again.
    public var isRetryable: Bool { type == .error && secondInteger & Int64(SYX_ERR_RETRYABLE) != 0 }

    init(_ raw: syx_event) {
        type = EventType(rawValue: raw.type)
        generation = raw.generation
        id = raw.id
        flags = raw.flags
        integer = raw.i0
        secondInteger = raw.i1
        number = raw.f0
        text = String(raw.text)
        json = String(raw.json)
        if let audio = raw.audio?.pointee, let data = audio.data {
            format = AudioFormat(
                syx_format(
                    format: audio.format,
                    rate: audio.rate,
                    channels: audio.channels,
                    samples: audio.samples
                )
            )
            samples = Array(
                UnsafeRawBufferPointer(start: data, count: audio.bytes).assumingMemoryBound(to: Int16.self)
            )
        } else {
            format = nil
            samples = []
        }
    }
}
