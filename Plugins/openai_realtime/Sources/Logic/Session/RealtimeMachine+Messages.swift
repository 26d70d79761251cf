// SPDX-License-Identifier: Apache-2.0
internal import SyrinxPlugin

/// Reads the server events ("Server events"). Unknown types are newer than this plugin, and ignored.
extension RealtimeMachine {
    mutating func read(_ bytes: [UInt8]) {
        guard let event = try? JSONValue(parsing: bytes), let type = event["type"]?.string else {
            return failProtocol("the server sent what is no event")
        }
        _ = readSession(type, event) || readCaller(type, event) || readResponse(type, event)
    }

    private mutating func readSession(_ type: String, _ event: JSONValue) -> Bool {
        switch type {
        case "session.created": sessionCreated(event)
        case "session.updated": sessionUpdated()
        case "error": vendorError(event["error"])
        default: return false
        }
        return true
    }

    private mutating func readCaller(_ type: String, _ event: JSONValue) -> Bool {
        switch type {
        case "input_audio_buffer.speech_started": speech(.speechStart, milliseconds: event["audio_start_ms"])
        case "input_audio_buffer.speech_stopped": speech(.speechStop, milliseconds: event["audio_end_ms"])
        case "input_audio_buffer.committed": committed()
        case "conversation.item.input_audio_transcription.delta": transcriptDelta(event)
        case "conversation.item.input_audio_transcription.completed": transcriptCompleted(event)
        case "conversation.item.input_audio_transcription.failed": transcriptFailed(event)
        default: return false
        }
        return true
    }

    private mutating func readResponse(_ type: String, _ event: JSONValue) -> Bool {
        switch type {
        case "response.created": responseCreated(event["response"])
        case "response.output_audio.delta": audioDelta(event)
        case "response.output_audio_transcript.delta", "response.output_text.delta": textDelta(event)
        case "response.output_item.added": itemAdded(event["item"])
        case "response.function_call_arguments.done": callDone(event)
        case "response.done": responseDone(event["response"])
        default: return false
        }
        return true
    }

    /// What breaks the protocol leaves nothing to trust: better a clear end than a turn without an answer.
    mutating func failProtocol(_ what: String) {
        host.closeWebSocket(socket, code: 1_002)
        fail(PluginError(.internalError, "OpenAI Realtime: \(what)", isRetryable: true))
    }
}
