// SPDX-License-Identifier: Apache-2.0

import SyrinxConversation
import SyrinxCore
import SyrinxRealtime
import SyrinxTestKit
import Testing

/// The order of events that the protocol promises.
@Suite("Order of events", .tags(.unit)) struct OrderTests {
    static let speech = ["input_audio_buffer.speech_started", "input_audio_buffer.speech_stopped"]
    static let committed = ["input_audio_buffer.committed", "conversation.item.added", "conversation.item.done"]
    static let transcript = [
        "conversation.item.input_audio_transcription.delta", "conversation.item.input_audio_transcription.completed",
    ]
    static let begin = [
        "response.created", "response.output_item.added", "conversation.item.added", "response.content_part.added",
    ]
    static let end = [
        "response.output_audio.done", "response.output_audio_transcript.done", "response.content_part.done",
        "response.output_item.done", "conversation.item.done", "response.done", "rate_limits.updated",
    ]
    static let answer =
        begin + ["response.output_audio_transcript.delta", "response.output_audio.delta"] + end
    static let wantsTranscripts = #"{"type":"realtime","audio":{"input":{"transcription":{"model":"any"}}}}"#
    static let manual = #"{"type":"realtime","audio":{"input":{"turn_detection":null}}}"#

    @Test func `a spoken turn`() {
        let stage = Stage(Self.wantsTranscripts)
        #expect(stage.types() == ["session.created", "session.updated"])
        stage.scene.transcribes = ("what time is it", .milliseconds(50))
        stage.isSilent(400)
        stage.speak(600)
        stage.isSilent(1000)
        stage.answers("It is noon.")
        stage.pass(3000)
        let expected = Self.speech + Self.committed + Self.transcript + Self.answer
        #expect(stage.types(from: 2) == expected)
        let started = stage.last(Self.speech[0])
        let stopped = stage.last(Self.speech[1])
        // Prefix padding included; the silence at the end, too.
        #expect(started["audio_start_ms"] == 100)
        #expect((1300...1400).contains(stopped["audio_end_ms"]?.int ?? 0))
        let item = started["item_id"]
        #expect(stopped["item_id"] == item && stage.last(Self.committed[0])["item_id"] == item)
        #expect(stage.last(Self.transcript[1])["transcript"] == "what time is it")
        let done = stage.last("response.done")["response"]
        #expect(done?["status"] == "completed" && done?["usage"]?["total_tokens"] == 0)
        #expect(done?["output"]?[0]?["content"]?[0]?["transcript"] == "It is noon.")
    }

    @Test func `a typed turn, and one of text alone`() {
        let stage = Stage()
        stage.types("hello")
        stage.say(#"{"type":"response.create"}"#)
        stage.answers("Hi there.")
        stage.pass(2000)
        #expect(stage.types(from: 1) == ["conversation.item.added", "conversation.item.done"] + Self.answer)
        #expect(stage.scene.prompts.map(\.text) == ["hello"])

        let place = stage.events.count
        stage.say(#"{"type":"session.update","session":{"type":"realtime","output_modalities":["text"]}}"#)
        stage.types("again")
        stage.say(#"{"type":"response.create"}"#)
        stage.answers("Hi again.")
        let text = [
            "response.output_text.delta", "response.output_text.done", "response.content_part.done",
            "response.output_item.done", "conversation.item.done", "response.done", "rate_limits.updated",
        ]
        #expect(
            stage.types(from: place) == ["session.updated", "conversation.item.added", "conversation.item.done"]
                + Self.begin + text)
        #expect(stage.last("response.output_text.done")["text"] == "Hi again.")
        #expect(stage.scene.story.suffix(2) == ["user: again", "assistant: Hi again."])
    }

    @Test func `a manual turn`() {
        let stage = Stage(Self.manual)
        stage.scene.transcribes = ("two tickets", .milliseconds(80))
        stage.append(milliseconds: 700)
        stage.say(#"{"type":"input_audio_buffer.commit"}"#)
        stage.say(#"{"type":"response.create"}"#)
        #expect(stage.types(from: 2) == Self.committed + ["response.created"])
        #expect(stage.scene.prompts.isEmpty)
        stage.pass(100)
        #expect(stage.scene.prompts.map(\.text) == ["two tickets"])
        stage.answers("For when?")
        stage.pass(2000)
        #expect(stage.types(from: 2) == Self.committed + Self.answer)
        #expect(stage.errors.isEmpty)
    }

    @Test func `a turn that is not answered by itself`() {
        let stage = Stage(
            #"{"type":"realtime","audio":{"input":{"turn_detection":{"type":"server_vad","create_response":false}}}}"#)
        stage.scene.transcribes = ("one", .milliseconds(50))
        stage.speak(600)
        stage.isSilent(1200)
        stage.scene.transcribes = ("two", .milliseconds(50))
        stage.speak(600)
        stage.isSilent(1200)
        let turn = Self.speech + Self.committed
        #expect(stage.types(from: 2) == turn + turn)
        stage.say(#"{"type":"response.create"}"#)
        #expect(stage.scene.prompts.map(\.text) == ["one\ntwo"])
    }

    @Test func `barge-in`() {
        let stage = Stage(Self.wantsTranscripts)
        stage.types("count")
        stage.say(#"{"type":"response.create"}"#)
        stage.answers("One, two, three, four, five, six, seven, eight, nine, ten, eleven and twelve.")
        stage.isSilent(1500)
        let place = stage.events.count
        stage.scene.transcribes = ("stop it please", .milliseconds(50))
        stage.speak(900)
        stage.isSilent(1000)
        let types = stage.types(from: place).filter { !$0.hasSuffix(".delta") }
        let cut = Self.end
        #expect(Array(types.prefix(1 + cut.count)) == ["input_audio_buffer.speech_started"] + cut)
        let done = stage.last("response.done")["response"]
        #expect(done?["status"] == "cancelled" && done?["status_details"]?["reason"] == "turn_detected")
        #expect(types.contains("input_audio_buffer.committed"))
        #expect(stage.scene.prompts.last?.text == "stop it please")
    }

    @Test func `a cough over the agent's voice is not told`() {
        let stage = Stage()
        stage.types("count")
        stage.say(#"{"type":"response.create"}"#)
        stage.answers("One, two, three, four, five, six, seven, eight, nine, ten, eleven and twelve.")
        stage.isSilent(1500)
        stage.scene.transcribes = ("mm-hm", .milliseconds(50))
        stage.speak(200)
        stage.isSilent(9000)
        #expect(stage.all("input_audio_buffer.speech_started").isEmpty)
        #expect(stage.last("response.done")["response"]?["status"] == "completed")
    }

    @Test func `the client cancels`() {
        let stage = Stage()
        stage.say(#"{"type":"response.cancel","event_id":"mine"}"#)
        #expect(stage.errors == ["response_cancel_not_active"])
        #expect(stage.last("error")["error"]?["event_id"] == "mine")
        stage.types("count")
        stage.say(#"{"type":"response.create"}"#)
        stage.answers("One, two, three, four, five, six, seven, eight, nine, ten, eleven and twelve.")
        stage.pass(1000)
        stage.say(#"{"type":"response.create"}"#)
        #expect(stage.errors.last == "conversation_already_has_active_response")
        stage.say(#"{"type":"response.cancel"}"#)
        let details = stage.last("response.done")["response"]?["status_details"]
        #expect(details?["reason"] == "client_cancelled")
        stage.types("again")
        stage.say(#"{"type":"response.create"}"#)
        #expect(stage.scene.prompts.last?.text == "again")
        #expect(stage.scene.story.contains { $0.hasPrefix("assistant: One, two,") && $0.hasSuffix("—") })
    }

    @Test func `a tool of the client`() {
        let stage = Stage(
            #"{"type":"realtime","tools":[{"type":"function","name":"weather","description":"d","parameters":{}}]}"#)
        #expect(stage.briefs.last?.tools.map(\.name) == ["weather"])
        stage.types("weather in Oslo")
        stage.say(#"{"type":"response.create"}"#)
        let place = stage.events.count
        let generation = stage.scene.agent.generation
        stage.scene.give(.toolCall(generation: generation, call: 7, name: "weather", arguments: #"{"city":"Oslo"}"#))
        stage.pass(200)
        #expect(
            stage.types(from: place) == [
                "response.output_item.added", "conversation.item.added", "response.function_call_arguments.delta",
                "response.function_call_arguments.done", "response.output_item.done", "conversation.item.done",
                "response.done", "rate_limits.updated",
            ])
        let call = stage.last("response.function_call_arguments.done")
        #expect(call["name"] == "weather" && call["arguments"] == #"{"city":"Oslo"}"#)
        let id = call["call_id"]?.string ?? ""
        stage.say(
            #"{"type":"conversation.item.create","item":{"type":"function_call_output","call_id":"\#(id)","output":"rain"}}"#
        )
        #expect(!stage.inputs.contains { if case .toolResult = $0 { true } else { false } })
        stage.say(#"{"type":"response.create"}"#)
        #expect(stage.inputs.last == .toolResult(generation: generation, call: 7, text: "rain", failed: false))
        stage.answers("It rains.")
        stage.pass(2000)
        #expect(stage.last("response.done")["response"]?["output"]?[0]?["content"]?[0]?["transcript"] == "It rains.")
        #expect(stage.all("response.created").count == 2)
        #expect(stage.scene.reports.map(\.outcome) == [.answered])
    }
}
