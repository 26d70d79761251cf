// SPDX-License-Identifier: Apache-2.0

internal import SyrinxCore

/// Answers: one at a time.
extension RealtimeSession {
    func respond(_ parameters: JSONValue?, to event: JSONValue?) {
        guard response == nil else {
            let message = "Conversation already has an active response in progress. Wait until it is finished."
            return fail("conversation_already_has_active_response", message, of: event)
        }
        guard !settings.isTranscription else {
            return fail("invalid_value", "A transcription session makes no responses.", of: event)
        }
        let given = parameters ?? nil
        let tools = given["tools"] ?? settings.json["tools"]
        let answer = conversation.answer(
            socket.settings.mind, tools: (tools?.array ?? []).compactMap { OpenAIPrompt.tool($0) },
            choice: given["tool_choice"] ?? settings.json["tool_choice"], extra: given["input"]?.array ?? [])
        let response = RealtimeResponse(self, given, answer)
        self.response = response
        response.begin()
    }

    func cancel(_ event: JSONValue) {
        guard let response, event["response_id"]?.string.map({ $0 == response.id }) ?? true else {
            return fail("response_cancel_not_active", "Cancellation failed: no active response found", of: event)
        }
        response.cancel(reason: "client_cancelled")
    }
}
