// SPDX-License-Identifier: Apache-2.0
import GeminiLive
import SyrinxPlugin
import SyrinxPluginTesting

/// A session of `gemini_live` and the vendor's side of its socket.
final class GeminiCall {
    let host = FakeHost()
    let provider: FakeProvider
    let session: FakeSession
    /// The socket that is used now.
    var socket: NetworkID

    /// Opens a session; when `isReady` the vendor has taken its setup.
    init(
        config: String = #"{"api_key":"${secret:api_key}"}"#, options: String = "{}", call: String = "{}",
        queueLimit: Int = .max, isReady: Bool = true
    ) throws {
        provider = try host.open(geminiLiveModule.table, .s2s, "gemini_live", config: config)
        session = try provider.openSession(
            options: options,
            input: AudioFormat(sampleRate: 16_000),
            output: AudioFormat(sampleRate: 24_000),
            queueLimit: queueLimit
        )
        socket = session.requests[0].id
        guard isReady else { return }
        session.acceptSocket(socket)
        configure(call)
        receive(#"{"setupComplete":{"sessionId":"s1"}}"#)
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
    func prompt(_ generation: UInt64, _ text: String = "", turn: UInt64 = 0) -> Status {
        var event = OutgoingEvent(.prompt, generation: generation, id: turn)
        event.text = text
        return session.send(event)
    }

    func toolResult(_ call: UInt64, _ text: String, generation: UInt64, failed: Bool = false) {
        var event = OutgoingEvent(.toolResult, generation: generation, id: call)
        event.text = text
        event.integer = failed ? Int64(Status.internalError.rawValue) : 0
        session.send(event)
    }

    // MARK: The vendor's side

    /// Messages come as binary frames, as the vendor sends them.
    func receive(_ messages: String...) {
        for message in messages { session.deliverBinary(socket, Array(message.utf8)) }
    }

    /// What the plugin sent over a socket, without audio.
    func sent(over id: NetworkID? = nil) -> [JSONValue] {
        session.sentTexts(id ?? socket).compactMap { try? JSONValue(parsing: $0) }
            .filter { $0["realtimeInput"] == nil }
    }

    func sent(_ key: String) -> [JSONValue] { sent().compactMap { $0[key] } }

    // MARK: What the host got

    func events(_ types: EventType...) -> [RecordedEvent] { session.events.filter { types.contains($0.type) } }

    func samples(_ generation: UInt64) -> [Int16] {
        events(.audioOut).filter { $0.generation == generation }.flatMap(\.samples)
    }
}

/// The vendor's messages, in the shapes of the protocol page.
enum GeminiWire {
    static let interrupted = #"{"serverContent":{"interrupted":true}}"#
    static let generated = #"{"serverContent":{"generationComplete":true}}"#
    static let complete = """
        {"serverContent":{"turnComplete":true},
         "usageMetadata":{"promptTokenCount":10,"responseTokenCount":20,"totalTokenCount":30,
          "promptTokensDetails":[{"modality":"AUDIO","tokenCount":6},{"modality":"TEXT","tokenCount":4}],
          "responseTokensDetails":[{"modality":"AUDIO","tokenCount":20}]}}
        """

    static func heard(_ text: String, isFinished: Bool = false) -> String {
        #"{"serverContent":{"inputTranscription":{"text":"\#(text)"\#(isFinished ? #","finished":true"# : "")}}}"#
    }

    static func words(_ text: String) -> String { #"{"serverContent":{"outputTranscription":{"text":"\#(text)"}}}"# }

    static func audio(_ samples: [Int16]) -> String {
        """
        {"serverContent":{"modelTurn":{"role":"model","parts":[{"inlineData":
         {"mimeType":"audio/pcm;rate=24000","data":"\(Base64.encode(samples))"}}]}}}
        """
    }

    static func calls(_ calls: (id: String, name: String, args: String)...) -> String {
        let list = calls.map { #"{"id":"\#($0.id)","name":"\#($0.name)","args":\#($0.args)}"# }
        return #"{"toolCall":{"functionCalls":[\#(list.joined(separator: ","))]}}"#
    }

    static func handle(_ handle: String, isResumable: Bool = true) -> String {
        #"{"sessionResumptionUpdate":{"newHandle":"\#(handle)","resumable":\#(isResumable)}}"#
    }

    /// One turn of the caller and its answer ("Order of a turn").
    static let turn = [
        heard("hel"), heard("lo"), audio([1, 2, 3]), words("Hi "), audio([4, 5]), words("there."),
        handle("h", isResumable: false), generated, complete,
    ]
}
