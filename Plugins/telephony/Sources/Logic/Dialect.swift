// SPDX-License-Identifier: Apache-2.0
internal import SyrinxPlugin

/// What a vendor calls things. All of them speak JSON texts with an "event", and base64 audio in `media.payload`.
struct Dialect: Sendable {
    /// How somebody proves to be the vendor.
    enum Proof: Sendable {
        /// X-Twilio-Signature, on the webhook and on the stream.
        case twilio
        /// X-Plivo-Signature-V3 on the webhook, which hands out a ticket for the stream.
        case plivo
        /// A token of the operator's in the URL; the webhook hands out a ticket for the stream.
        case token
    }

    /// The rate of all of them, in hertz.
    static let sampleRate: UInt32 = 8_000

    let id: String
    let name: String
    let proof: Proof
    /// The configuration property of the secret.
    let secretName: String
    /// The webhook's field of the call.
    let formCall: String

    // MARK: From the vendor

    /// The field that names the stream, beside "event" or in "start".
    let stream: String
    let call: String
    let format: String
    let rate: String
    let parameters: String
    let codecs: [String: G711]
    /// The event that tells that a mark was played.
    let played: String

    // MARK: To the vendor

    let media: String
    /// Plivo wants to be told the format with each piece.
    let namesFormat: Bool
    let mark: String
    /// The mark's name stands in an object of its own, `"mark":{"name":…}`.
    let nestsMark: Bool
    let clear: String
    /// Messages name the stream.
    let namesStream: Bool
}

extension Dialect {
    static let twilio = Dialect(
        id: "twilio", name: "Twilio", proof: .twilio, secretName: "auth_token", formCall: "CallSid",
        stream: "streamSid", call: "callSid", format: "mediaFormat", rate: "sampleRate", parameters: "customParameters",
        codecs: ["audio/x-mulaw": .muLaw], played: "mark", media: "media", namesFormat: false, mark: "mark",
        nestsMark: true, clear: "clear", namesStream: true
    )

    static let telnyx = Dialect(
        id: "telnyx", name: "Telnyx", proof: .token, secretName: "token", formCall: "CallSid",
        stream: "stream_id", call: "call_control_id", format: "media_format", rate: "sample_rate",
        parameters: "custom_parameters", codecs: ["pcmu": .muLaw, "pcma": .aLaw], played: "mark", media: "media",
        namesFormat: false, mark: "mark", nestsMark: true, clear: "clear", namesStream: false
    )

    static let plivo = Dialect(
        id: "plivo", name: "Plivo", proof: .plivo, secretName: "auth_token", formCall: "CallUUID",
        stream: "streamId", call: "callId", format: "mediaFormat", rate: "sampleRate", parameters: "extra_headers",
        codecs: ["audio/x-mulaw": .muLaw], played: "playedStream", media: "playAudio", namesFormat: true,
        mark: "checkpoint", nestsMark: false, clear: "clearAudio", namesStream: true
    )
}

/// The messages to one stream, of which little changes.
struct StreamWords: Sendable {
    private let mediaHead: String
    private let mediaTail: String
    private let markHead: String
    private let markTail: String
    let clear: String

    init(_ dialect: Dialect, stream: String) {
        let name = dialect.namesStream ? #","\#(dialect.stream)":\#(JSONValue.string(stream).text)"# : ""
        let format = dialect.namesFormat ? #""contentType":"audio/x-mulaw","sampleRate":8000,"# : ""
        mediaHead = #"{"event":"\#(dialect.media)","media":{\#(format)"payload":""#
        mediaTail = #""}\#(name)}"#
        markHead = #"{"event":"\#(dialect.mark)",\#(dialect.nestsMark ? #""mark":{"# : "")"name":""#
        markTail = #""\#(dialect.nestsMark ? "}" : "")\#(name)}"#
        clear = #"{"event":"\#(dialect.clear)"\#(name)}"#
    }

    func media(_ audio: [UInt8]) -> String { mediaHead + Base64.encode(audio) + mediaTail }
    func mark(_ name: String) -> String { markHead + name + markTail }
}
