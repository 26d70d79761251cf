// SPDX-License-Identifier: Apache-2.0

internal import SyrinxCore

/// One Realtime socket (openai-realtime): dispatches what the client sends.
///
/// Its parts: `+Input` hears and ends turns, `+Items` keeps the conversation, ``RealtimeResponse`` speaks.
final class RealtimeSession: SimulatedSession {
    let socket: SimulatedSocket
    var settings: RealtimeSettings
    var conversation = RealtimeConversation()
    var detector: SpeechDetector
    /// The item that the speech under way will be.
    var speechItem: String?
    /// Audio since the last commit, and before the detector's present one, in milliseconds.
    var uncommitted = 0
    var earlier = 0
    var response: RealtimeResponse?
    var hasSpoken = false
    private var count = 0

    init(_ socket: SimulatedSocket) {
        self.socket = socket
        settings = RealtimeSettings(
            model: socket.request.query("model") ?? "gpt-realtime", number: socket.request.connection,
            isTranscription: socket.request.query("intent") == "transcription", seconds: Self.seconds(socket))
        detector = SpeechDetector(rate: 24_000)
    }

    private static func seconds(_ socket: SimulatedSocket) -> Int { socket.settings.sessionSeconds ?? 3600 }

    func opened() {
        emit("session.created", ["session": settings.json], at: "ready")
        socket.after(Self.seconds(socket) * 1000) { [weak self] in
            self?.fail("session_expired", "Your session hit its maximum duration.", of: nil)
            self?.socket.close(1001, "session expired")
        }
    }

    func closed() {
        response?.stop()
        response = nil
    }

    func received(text: String) {
        guard let event = try? JSONValue(parsing: text, maximumBytes: 16 << 20), case .object = event else {
            return fail("invalid_json", "The event is not a JSON object.", of: nil)
        }
        guard let type = event["type"]?.string else {
            return fail("missing_required_parameter", "Missing required parameter: 'type'.", of: event, param: "type")
        }
        handle(type, event)
    }

    func received(binary: [UInt8]) { fail("invalid_json", "Events are text messages.", of: nil) }

    private func handle(_ type: String, _ event: JSONValue) {
        switch type {
        case "session.update": update(event)
        case "input_audio_buffer.append": append(event)
        case "input_audio_buffer.commit": commit(event)
        case "input_audio_buffer.clear": clear()
        case "conversation.item.create": create(event)
        case "conversation.item.retrieve": retrieve(event)
        case "conversation.item.delete": delete(event)
        case "conversation.item.truncate": truncate(event)
        case "response.create": respond(event["response"], to: event)
        case "response.cancel": cancel(event)
        default:
            fail("invalid_value", "Invalid value: '\(type.prefix(64))'.", of: event, param: "type")
        }
    }

    private func update(_ event: JSONValue) {
        let before = (settings.inputFormat, settings.silenceMilliseconds)
        do {
            try settings.update(event["session"], hasSpoken: hasSpoken)
        } catch {
            return fail(error.code, error.message, of: event, param: error.param)
        }
        if before != (settings.inputFormat, settings.silenceMilliseconds) { renewDetector() }
        emit("session.updated", ["session": settings.json])
    }

    // MARK: events

    func id(_ prefix: String) -> String {
        count += 1
        return "\(prefix)_\(socket.request.connection)_\(count)"
    }

    func emit(_ type: String, _ members: [String: JSONValue] = [:], at point: String? = nil) {
        let head: [String: JSONValue] = ["type": .string(type), "event_id": .string(id("event"))]
        socket.send(.object(head.merging(members) { $1 }), at: point)
    }

    /// An error leaves the session open.
    func fail(_ code: String, _ message: String, of event: JSONValue?, param: String? = nil) {
        let error: JSONValue = [
            "type": "invalid_request_error", "code": .string(code), "message": .string(message),
            "param": param.map { .string($0) } ?? nil, "event_id": event?["event_id"] ?? nil,
        ]
        emit("error", ["error": error], at: "error")
    }
}
