// SPDX-License-Identifier: Apache-2.0

import SyrinxConversation
import SyrinxCore
import SyrinxRealtime
import SyrinxTestKit
import Testing

@Suite("Items of the conversation", .tags(.unit)) struct ConversationItemTests {
    private func message(_ role: String, _ type: String, _ text: String, _ more: String = "") -> String {
        #"{"type":"conversation.item.create"\#(more),"item":{"id":"\#(text)","type":"message","role":"\#(role)","#
            + #""content":[{"type":"\#(type)","text":"\#(text)"}]}}"#
    }

    @Test func `the agent is told what the client says was said`() {
        let stage = Stage()
        stage.say(message("user", "input_text", "b"))
        stage.say(message("assistant", "output_text", "c"))
        stage.say(message("system", "input_text", "a", #","previous_item_id":"root""#))
        stage.say(message("assistant", "output_text", "x", #","previous_item_id":"b""#))
        stage.say(#"{"type":"conversation.item.delete","item_id":"x"}"#)
        stage.say(message("user", "input_text", "d"))
        stage.say(#"{"type":"conversation.item.retrieve","item_id":"c"}"#)
        #expect(stage.last("conversation.item.retrieved")["item"]?["content"]?[0]?["text"] == "c")
        #expect(stage.last("conversation.item.deleted")["item_id"] == "x")
        stage.say(#"{"type":"response.create"}"#)
        #expect(stage.scene.prompts.map(\.text) == ["d"])
        #expect(stage.scene.story == ["system: a", "user: b", "assistant: c"])
        #expect(stage.errors.isEmpty)
    }

    @Test(arguments: [
        (#"{"type":"conversation.item.delete","item_id":"no"}"#, "item_delete_invalid_item_id"),
        (#"{"type":"conversation.item.retrieve","item_id":"no"}"#, "item_retrieve_invalid_item_id"),
        (
            #"{"type":"conversation.item.truncate","item_id":"no","content_index":0,"audio_end_ms":1}"#,
            "item_truncate_invalid_item_id"
        ),
        (
            #"{"type":"conversation.item.create","previous_item_id":"no","item":{"type":"message","role":"user","content":[]}}"#,
            "item_create_invalid_previous_item_id"
        ),
    ])
    func `an item that is not there`(event: String, code: String) {
        let stage = Stage()
        stage.say(event)
        #expect(stage.errors == [code])
    }

    @Test func `an answer is cut to what was played`() throws {
        let stage = Stage()
        stage.types("tell")
        stage.say(#"{"type":"response.create"}"#)
        stage.answers("One two three four five six seven eight nine ten.")
        stage.pass(5000)
        let item = try #require(stage.last("response.output_item.done")["item"]?["id"]?.string)
        stage.say(#"{"type":"conversation.item.truncate","item_id":"\#(item)","content_index":0,"audio_end_ms":1000}"#)
        #expect(stage.last("conversation.item.truncated")["audio_end_ms"] == 1000)
        stage.say(#"{"type":"conversation.item.retrieve","item_id":"\#(item)"}"#)
        let kept = stage.last("conversation.item.retrieved")["item"]?["content"]?[0]?["transcript"]?.string ?? ""
        #expect(kept.hasPrefix("One two") && kept.count < 25 && !kept.hasSuffix(" "))
        // The next turn sees it.
        stage.speak(200)
        #expect(stage.scene.story.last == "assistant: \(kept)")
        stage.say(#"{"type":"conversation.item.truncate","item_id":"\#(item)","content_index":0,"audio_end_ms":1001}"#)
        #expect(stage.errors == ["invalid_value"])
    }

    @Test func `a response apart from the conversation`() {
        let stage = Stage()
        stage.types("remember me")
        stage.say(
            #"{"type":"response.create","response":{"conversation":"none","instructions":"classify","metadata":{"a":"b"},"#
                + #""output_modalities":["text"],"input":[{"type":"message","role":"user","#
                + #""content":[{"type":"input_text","text":"what is this"}]}]}}"#)
        #expect(stage.scene.prompts.map(\.text) == ["what is this"])
        #expect(stage.briefs.last?.instructions == "classify")
        stage.answers("A question.")
        let done = stage.last("response.done")["response"]
        #expect(done?["conversation_id"] == .null && done?["metadata"]?["a"] == "b")
        #expect(done?["output"]?[0]?["content"]?[0]?["text"] == "A question.")
        #expect(stage.briefs.last?.instructions == nil)
        stage.say(#"{"type":"response.create"}"#)
        #expect(stage.scene.prompts.last?.text == "remember me" && stage.scene.story.isEmpty)
    }
}
