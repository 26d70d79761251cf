// SPDX-License-Identifier: Apache-2.0
import OpenAIRealtime
import SyrinxPlugin
import SyrinxPluginTesting

/// A session of `openai_realtime` and the vendor's side of its socket.
final class RealtimeCall {
    static let key = #"{"api_key":"${secret:api_key}"}"#

    let host = FakeHost()
    let provider: FakeProvider
    let session: FakeSession
    let socket: NetworkID

    /// Opens a session; when `isReady` the vendor has taken its configuration.
    init(
        config: String = RealtimeCall.key, options: String = "{}", call: String = "{}", queueLimit: Int = .max,
        isReady: Bool = true
    ) throws {
        provider = try host.open(openAIRealtimeModule.table, .s2s, "openai_realtime", config: config)
        let format = AudioFormat(sampleRate: 24_000)
        session = try provider.openSession(options: options, input: format, output: format, queueLimit: queueLimit)
        socket = session.requests[0].id
        guard isReady else { return }
        session.acceptSocket(socket, headers: ["date": "Sun, 06 Nov 1994 08:49:37 GMT"])
        receive(#"{"type":"session.created","session":{"id":"sess_1"}}"#)
        configure(call)
        receive(#"{"type":"session.updated","session":{"id":"sess_1"}}"#)
    }

    func close() {
        session.close()
        provider.close()
    }

    // MARK: The host's side

    func configure(_ json: String) {
        var event = OutgoingEvent(.config)
        event.json = json
        session.send(event)
    }

    @discardableResult
    func prompt(_ generation: UInt64, _ text: String = "", turn: UInt64 = 0, json: String = "") -> Status {
        var event = OutgoingEvent(.prompt, generation: generation, id: turn)
        event.text = text
        event.json = json
        return session.send(event)
    }

    func toolResult(_ call: UInt64, _ text: String, generation: UInt64) {
        var event = OutgoingEvent(.toolResult, generation: generation, id: call)
        event.text = text
        session.send(event)
    }

    func heard(_ generation: UInt64, _ milliseconds: Int64, _ text: String = "") {
        var event = OutgoingEvent(.heard, generation: generation)
        event.integer = milliseconds
        event.text = text
        session.send(event)
    }

    // MARK: The vendor's side

    func receive(_ messages: String...) {
        for message in messages { session.deliverText(socket, message) }
    }

    /// What the plugin sent, without audio.
    var sent: [JSONValue] {
        session.sentTexts(socket).compactMap { try? JSONValue(parsing: $0) }
            .filter { $0["type"]?.string != "input_audio_buffer.append" }
    }

    /// The name that the first response.create gave its response.
    var createdName: String? {
        sent("response.create").first?["response"]?["metadata"]?["syrinx_reply"]?.string
    }

    func sent(_ type: String) -> [JSONValue] { sent.filter { $0["type"]?.string == type } }

    // MARK: What the host got

    func events(_ types: EventType...) -> [RecordedEvent] { session.events.filter { types.contains($0.type) } }

    /// The types, without those named.
    func story(without types: EventType...) -> [EventType] {
        session.events.map(\.type).filter { !types.contains($0) }
    }

    func samples(_ generation: UInt64) -> [Int16] {
        events(.audioOut).filter { $0.generation == generation }.flatMap(\.samples)
    }
}

/// The vendor's messages, in the shapes of the protocol page.
enum RealtimeWire {
    static let started = #"{"type":"input_audio_buffer.speech_started","audio_start_ms":100,"item_id":"u1"}"#
    static let stopped = #"{"type":"input_audio_buffer.speech_stopped","audio_end_ms":900,"item_id":"u1"}"#
    static let committed = #"{"type":"input_audio_buffer.committed","item_id":"u1","previous_item_id":null}"#

    static func transcript(_ text: String) -> String {
        """
        {"type":"conversation.item.input_audio_transcription.completed","item_id":"u1","content_index":0,
         "transcript":"\(text)","usage":{"type":"duration","seconds":1}}
        """
    }

    static func created(_ id: String, reply: String? = nil) -> String {
        let metadata = reply.map { #","metadata":{"syrinx_reply":"\#($0)"}"# } ?? ""
        return #"{"type":"response.created","response":{"id":"\#(id)","status":"in_progress"\#(metadata)}}"#
    }

    static func audio(_ id: String, _ samples: [Int16], item: String = "a1") -> String {
        """
        {"type":"response.output_audio.delta","response_id":"\(id)","item_id":"\(item)","output_index":0,
         "content_index":0,"delta":"\(Base64.encode(samples))"}
        """
    }

    static func words(_ id: String, _ text: String, item: String = "a1") -> String {
        """
        {"type":"response.output_audio_transcript.delta","response_id":"\(id)","item_id":"\(item)",
         "output_index":0,"content_index":0,"delta":"\(text)"}
        """
    }

    static func call(_ id: String, _ call: String, _ name: String, _ arguments: String) -> String {
        """
        {"type":"response.function_call_arguments.done","response_id":"\(id)","item_id":"f_\(call)",
         "output_index":1,"call_id":"\(call)","name":"\(name)","arguments":\(JSONValue.string(arguments).text)}
        """
    }

    static func done(_ id: String, _ status: String = "completed", _ extra: String = "") -> String {
        """
        {"type":"response.done","response":{"id":"\(id)","status":"\(status)"\(extra),"output":[],
         "usage":{"total_tokens":30,"input_tokens":10,"output_tokens":20,
          "input_token_details":{"text_tokens":4,"audio_tokens":6,"cached_tokens":0},
          "output_token_details":{"text_tokens":5,"audio_tokens":15}}}}
        """
    }

    /// One turn of the caller and its answer, as "Order of events" 2 and 3 have it, with all the events in between.
    static let turn = [
        started, stopped, committed,
        #"{"type":"conversation.item.added","item":{"id":"u1","type":"message","role":"user"}}"#,
        #"{"type":"conversation.item.done","item":{"id":"u1","type":"message","role":"user"}}"#,
        #"{"type":"conversation.item.input_audio_transcription.delta","item_id":"u1","content_index":0,"delta":"hel"}"#,
        transcript("hello"), created("r1"),
        #"{"type":"response.output_item.added","response_id":"r1","item":{"id":"a1","type":"message"}}"#,
        #"{"type":"response.content_part.added","response_id":"r1","part":{"type":"audio","transcript":""}}"#,
        words("r1", "Hi "), audio("r1", [1, 2, 3]), words("r1", "there."), audio("r1", [4, 5]),
        #"{"type":"response.output_audio.done","response_id":"r1","item_id":"a1"}"#,
        #"{"type":"response.output_item.done","response_id":"r1","item":{"id":"a1","type":"message"}}"#,
        done("r1"), #"{"type":"rate_limits.updated","rate_limits":[]}"#,
    ]
}
