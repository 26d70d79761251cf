// SPDX-License-Identifier: Apache-2.0

import SyrinxConversation
import SyrinxCore
import SyrinxRealtime
import Testing

@Suite("The Realtime protocol beside media", .tags(.unit))
struct RealtimeMediaTests {
    @Test func `audio is told of, and is not in the events`() throws {
        let stage = Stage(hasMedia: true)
        stage.types("tell")
        stage.say(#"{"type":"response.create"}"#)
        stage.answers("One two three.")
        stage.pass(5000)
        let types = stage.types()
        #expect(!types.contains("response.output_audio.delta"))
        let order = ["response.created", "output_audio_buffer.started", "response.done", "output_audio_buffer.stopped"]
        #expect(types.filter(order.contains) == order)
        let id = stage.last("response.done")["response"]?["id"]
        #expect(stage.all("output_audio_buffer.started").map { $0["response_id"] } == [id])
        #expect(stage.last("output_audio_buffer.stopped")["response_id"] == id)
    }

    @Test func `what is interrupted is cleared`() {
        let stage = Stage(hasMedia: true)
        stage.types("tell")
        stage.say(#"{"type":"response.create"}"#)
        stage.answers("One two three four five six seven eight nine ten.")
        stage.pass(500)
        stage.say(#"{"type":"output_audio_buffer.clear"}"#)
        stage.pass(500)
        #expect(stage.last("response.done")["response"]?["status"] == "cancelled")
        #expect(stage.all("output_audio_buffer.cleared").count == 1)
        #expect(stage.all("output_audio_buffer.stopped").isEmpty)
        // Nothing plays any more.
        stage.say(#"{"type":"output_audio_buffer.clear"}"#)
        #expect(stage.errors.isEmpty)
    }

    @Test func `what the caller says is counted though it is in no event`() {
        let stage = Stage(hasMedia: true)
        stage.say(#"{"type":"session.update","session":{"type":"realtime","audio":{"input":{"turn_detection":null}}}}"#)
        stage.say(#"{"type":"input_audio_buffer.commit"}"#)
        #expect(stage.errors == ["input_audio_buffer_commit_empty"])
        stage.hears(milliseconds: 400)
        stage.say(#"{"type":"input_audio_buffer.commit"}"#)
        #expect(stage.all("input_audio_buffer.committed").count == 1)
    }

    @Test func `audio in events has no use beside media, nor its clearing without`() {
        let stage = Stage(hasMedia: true)
        stage.append(milliseconds: 20)
        #expect(stage.errors == ["unsupported_value"])
        let plain = Stage()
        plain.say(#"{"type":"output_audio_buffer.clear"}"#)
        #expect(plain.errors == ["unsupported_value"])
    }

    @Test func `text alone plays nothing`() {
        let stage = Stage(hasMedia: true)
        stage.say(#"{"type":"session.update","session":{"type":"realtime","output_modalities":["text"]}}"#)
        stage.types("tell")
        stage.say(#"{"type":"response.create"}"#)
        stage.answers("One.")
        stage.pass(1000)
        #expect(stage.all("response.done").count == 1)
        #expect(stage.all("output_audio_buffer.started").isEmpty)
    }
}
