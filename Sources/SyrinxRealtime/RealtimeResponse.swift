// SPDX-License-Identifier: Apache-2.0

internal import SyrinxConversation
internal import SyrinxCore

/// A response that has not ended: an answer of the agent, or a part of one between two tool calls.
struct RealtimeResponse {
    enum Origin: Equatable {
        /// The client has asked; the session has not begun a turn for it.
        case asked
        case turn(Int)
        /// Something said without a turn.
        case speech(UInt64)
    }

    /// The message that is being said.
    struct Message {
        let itemID: String
        let index: Int
        var text = ""
        var samples = 0
        /// The client has heard so many milliseconds of it.
        var truncatedAt: Int?
    }

    enum Status: String {
        case completed, cancelled, failed
        case inProgress = "in_progress"
    }

    let id: String
    var order = ResponseOrder()
    var speaks: Bool
    var origin: Origin
    /// The words that it answers are not all there.
    var isWaiting = false
    var message: Message?
    /// Items that are complete, in their order.
    var finishedItems: [RealtimeItem] = []
    var nextIndex = 0
    var isCancelledByClient = false
    /// Its audio has begun to leave beside the events.
    var isPlaying = false
    /// What has called a tool ends when nothing more comes for a moment.
    var pauseEnds: Instant?
    /// Why the session could not answer.
    var failure: String?

    func json(_ status: Status, settings: RealtimeSettings, conversation: String) -> JSONValue {
        var fields: [String: JSONValue] = [
            "object": "realtime.response", "id": .string(id), "status": .string(status.rawValue),
            "status_details": details(status), "output": .array(finishedItems.map(\.json)),
            "conversation_id": order.isInConversation ? .string(conversation) : .null,
            "output_modalities": Modalities.json(speaks: speaks), "max_output_tokens": "inf",
            "metadata": order.metadata,
            "audio": ["output": ["format": settings.outputFormat.json, "voice": "default"]],
        ]
        fields["usage"] = status == .inProgress ? .null : Self.usage
        return .object(fields)
    }

    private func details(_ status: Status) -> JSONValue {
        switch status {
        case .inProgress, .completed: return .null
        case .cancelled:
            let reason = isCancelledByClient ? "client_cancelled" : "turn_detected"
            return ["type": "cancelled", "reason": .string(reason)]
        case .failed:
            return [
                "type": "failed", "error": ["type": "server_error", "code": .string(failure ?? "server_error")],
            ]
        }
    }

    /// Nobody counts tokens here.
    private static let usage: JSONValue = [
        "total_tokens": 0, "input_tokens": 0, "output_tokens": 0,
        "input_token_details": [
            "text_tokens": 0, "audio_tokens": 0, "image_tokens": 0, "cached_tokens": 0,
            "cached_tokens_details": ["text_tokens": 0, "audio_tokens": 0, "image_tokens": 0],
        ],
        "output_token_details": ["text_tokens": 0, "audio_tokens": 0],
    ]
}

/// A tool of the client that the agent waits for.
struct OpenCall: Equatable {
    let generation: UInt64
    let number: UInt64
    let callID: String
    var result: String?
}
