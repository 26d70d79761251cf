# SPDX-License-Identifier: Apache-2.0
"""The official `openai` package against `syrinx simulate openai`."""
import asyncio
import base64
import io
import json
import time
import wave

import openai
import pytest
from simulator import Simulator, silence, tone

WEATHER = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
CLOCK = {"type": "object", "properties": {"zone": {"type": "string", "enum": ["UTC", "CET"]}}, "required": ["zone"]}


def tool(name, parameters):
    return {"type": "function", "function": {"name": name, "description": name, "parameters": parameters}}


TOOLS = [tool("get_weather", WEATHER), tool("get_time", CLOCK)]


@pytest.fixture(scope="module")
def simulator():
    with Simulator("openai", "--key", "secret", "--say", "book a table", "for four people") as running:
        yield running


def client(simulator, key="secret", retries=0):
    return openai.OpenAI(api_key=key, base_url=simulator.http + "/v1", max_retries=retries, timeout=20)


def ask(simulator, text, **options):
    messages = [{"role": "system", "content": "be brief"}, {"role": "user", "content": text}]
    return client(simulator).chat.completions.create(model="gpt-5-mini", messages=messages, **options)


def recording(milliseconds=1000, rate=16000):
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(rate)
        out.writeframes(silence(200, rate) + tone(milliseconds, rate) + silence(200, rate))
    return ("turn.wav", file.getvalue(), "audio/wav")


# Chat completions


def test_models(simulator):
    assert "gpt-realtime" in [model.id for model in client(simulator).models.list()]


def test_chat_whole(simulator):
    completion = ask(simulator, "good morning")
    assert completion.choices[0].message.content == "You said: good morning"
    assert completion.choices[0].finish_reason == "stop"
    assert completion.usage.total_tokens == completion.usage.prompt_tokens + completion.usage.completion_tokens


def test_chat_streamed(simulator):
    chunks = list(ask(simulator, "good morning", stream=True, stream_options={"include_usage": True}))
    text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
    assert text == "You said: good morning"
    assert len(chunks) > 5
    assert [chunk.choices[0].finish_reason for chunk in chunks if chunk.choices][-1] == "stop"
    assert chunks[-1].choices == [] and chunks[-1].usage.completion_tokens == 4


def test_chat_stops_at_its_limit(simulator):
    completion = ask(simulator, "count to 50", max_completion_tokens=3)
    assert completion.choices[0].message.content == "1, 2, 3, "
    assert completion.choices[0].finish_reason == "length"


def test_chat_calls_tools_in_parallel_and_uses_their_results(simulator):
    messages = [{"role": "user", "content": "get weather and get time for Berlin"}]
    with client(simulator).chat.completions.stream(model="gpt-5-mini", messages=messages, tools=TOOLS) as stream:
        names = {event.name: event.arguments for event in stream
                 if event.type == "tool_calls.function.arguments.done"}
        message = stream.get_final_completion().choices[0].message
    assert {name: json.loads(text) for name, text in names.items()} == {
        "get_weather": {"city": "Berlin"}, "get_time": {"zone": "UTC"}}
    assert len({call.id for call in message.tool_calls}) == 2
    messages.append({"role": "assistant", "tool_calls": [
        {"id": call.id, "type": "function",
         "function": {"name": call.function.name, "arguments": call.function.arguments}}
        for call in message.tool_calls]})
    messages += [{"role": "tool", "tool_call_id": call.id, "content": text}
                 for call, text in zip(message.tool_calls, ["sunny", "noon"])]
    again = client(simulator).chat.completions.create(model="gpt-5-mini", messages=messages, tools=TOOLS)
    assert again.choices[0].message.content == "The tool says sunny and noon."


def test_chat_obeys_tool_choice(simulator):
    assert ask(simulator, "get weather", tools=TOOLS, tool_choice="none").choices[0].message.tool_calls is None
    forced = ask(simulator, "hello", tools=TOOLS, tool_choice={"type": "function", "function": {"name": "get_time"}})
    assert forced.choices[0].message.tool_calls[0].function.name == "get_time"
    single = ask(simulator, "get weather and get time", tools=TOOLS, parallel_tool_calls=False)
    assert len(single.choices[0].message.tool_calls) == 1


def test_errors_have_their_classes(simulator):
    with pytest.raises(openai.AuthenticationError) as refused:
        client(simulator, key="wrong").models.list()
    assert refused.value.code == "invalid_api_key"
    with pytest.raises(openai.NotFoundError) as missing:
        client(simulator).chat.completions.create(model="unknown-1", messages=[{"role": "user", "content": "x"}])
    assert missing.value.code == "model_not_found" and missing.value.request_id.startswith("req_")
    with pytest.raises(openai.BadRequestError):
        client(simulator).chat.completions.create(model="gpt-5-mini", messages=[])


# Speech and transcriptions


def test_speech_streams_samples(simulator):
    speech = client(simulator).audio.speech
    with speech.with_streaming_response.create(
            model="gpt-4o-mini-tts", voice="marin", input="hello you", response_format="pcm") as response:
        pieces = list(response.iter_bytes(4800))
    assert sum(map(len, pieces)) == len("hello you") * 60 * 24 * 2
    assert any(max(piece) > 0 for piece in pieces)
    fast = speech.create(model="tts-1", voice="alloy", input="hello you", response_format="pcm", speed=2)
    assert len(fast.content) == len("hello you") * 30 * 24 * 2


def test_speech_streams_a_file_and_events(simulator):
    speech = client(simulator).audio.speech
    data = speech.create(model="tts-1", voice="alloy", input="hello", response_format="wav").content
    assert data[:4] == b"RIFF" and data[8:16] == b"WAVEfmt "
    with speech.with_streaming_response.create(model="gpt-4o-mini-tts", voice="alloy", input="hello",
                                               response_format="pcm", stream_format="sse") as response:
        events = [json.loads(line[6:]) for line in response.iter_lines() if line.startswith("data: ")]
    assert events[-1]["type"] == "speech.audio.done"
    audio = b"".join(base64.b64decode(event["audio"]) for event in events[:-1])
    assert len(audio) == 5 * 60 * 24 * 2


def test_transcription(simulator):
    create = client(simulator).audio.transcriptions.create
    first = create(model="gpt-4o-transcribe", file=recording(), language="en")
    events = list(create(model="gpt-4o-transcribe", file=recording(), stream=True))
    assert {first.text, events[-1].text} == {"book a table", "for four people"}
    assert events[-1].type == "transcript.text.done"
    assert "".join(event.delta for event in events[:-1]) == events[-1].text
    with pytest.raises(openai.BadRequestError) as short:
        create(model="gpt-4o-transcribe", file=("a.wav", recording(0)[1][:400], "audio/wav"))
    assert short.value.code == "audio_too_short"


# Realtime


class Conversation:
    """A Realtime connection that keeps its events."""

    def __init__(self, connection):
        self.connection, self.types, self.events = connection, [], []

    async def until(self, kind):
        async def read():
            while True:
                event = await self.connection.recv()
                self.types.append(event.type)
                self.events.append(event)
                if event.type == kind:
                    return event
        return await asyncio.wait_for(read(), 10)

    async def say(self, milliseconds=600, quiet=800):
        audio = tone(milliseconds, 24000) + silence(quiet, 24000)
        for start in range(0, len(audio), 960):
            chunk = base64.b64encode(audio[start:start + 960]).decode()
            await self.connection.input_audio_buffer.append(audio=chunk)

    def clear(self):
        self.types, self.events = [], []

    def position(self, kind):
        return self.types.index(kind)


def realtime(simulator, body, key="secret"):
    async def run():
        sdk = openai.AsyncOpenAI(api_key=key, base_url=simulator.http + "/v1")
        async with sdk.realtime.connect(model="gpt-realtime") as connection:
            conversation = Conversation(connection)
            created = await conversation.until("session.created")
            assert created.session.model == "gpt-realtime" and created.session.audio.output.voice == "marin"
            await body(conversation)
    asyncio.run(asyncio.wait_for(run(), 30))


ORDER = [
    "input_audio_buffer.speech_started", "input_audio_buffer.speech_stopped", "input_audio_buffer.committed",
    "conversation.item.added", "conversation.item.done", "conversation.item.input_audio_transcription.completed",
    "response.created", "response.output_item.added", "response.content_part.added",
    "response.output_audio_transcript.delta", "response.output_audio.delta", "response.output_audio.done",
    "response.output_audio_transcript.done", "response.content_part.done", "response.output_item.done",
    "response.done",
]


def test_realtime_spoken_turn_in_order(simulator):
    async def body(talk):
        await talk.connection.session.update(session={
            "type": "realtime", "instructions": "be brief", "audio": {"input": {
                "transcription": {"model": "gpt-4o-transcribe"}, "turn_detection": {"type": "server_vad"}}}})
        updated = await talk.until("session.updated")
        assert updated.session.instructions == "be brief"
        assert updated.session.audio.output.voice == "marin"
        talk.clear()
        await talk.say()
        done = await talk.until("response.done")
        await talk.until("rate_limits.updated")
        places = [talk.position(kind) for kind in ORDER]
        assert places == sorted(places)
        assert len({event.event_id for event in talk.events}) == len(talk.events)
        heard = talk.events[talk.position("conversation.item.input_audio_transcription.completed")].transcript
        said = done.response.output[0].content[0].transcript
        assert said == f"You said: {heard}"
        assert done.response.status == "completed" and done.response.usage.total_tokens > 0
        audio = b"".join(base64.b64decode(event.delta) for event in talk.events
                         if event.type == "response.output_audio.delta")
        assert len(audio) == len(said) * 60 * 24 * 2
        start, stop = (talk.events[talk.position(f"input_audio_buffer.{name}")] for name in
                       ["speech_started", "speech_stopped"])
        assert start.audio_start_ms == 0 and 580 <= stop.audio_end_ms <= 620
    realtime(simulator, body)


def test_realtime_tools(simulator):
    async def body(talk):
        function = {"type": "function", "name": "get_weather", "parameters": WEATHER}
        await talk.connection.session.update(session={"type": "realtime", "tools": [function]})
        await talk.connection.conversation.item.create(item={
            "type": "message", "role": "user",
            "content": [{"type": "input_text", "text": "get weather in Berlin"}]})
        await talk.connection.response.create()
        call = await talk.until("response.function_call_arguments.done")
        assert call.name == "get_weather" and json.loads(call.arguments) == {"city": "Berlin"}
        await talk.until("response.done")
        await talk.connection.conversation.item.create(item={
            "type": "function_call_output", "call_id": call.call_id, "output": "sunny"})
        await talk.connection.response.create(response={"output_modalities": ["text"]})
        assert (await talk.until("response.output_text.done")).text == "The tool says sunny."
        await talk.until("response.done")
        await talk.connection.conversation.item.create(item={
            "type": "function_call_output", "call_id": "call_none", "output": "x"}, event_id="mine")
        assert (await talk.until("error")).error.event_id == "mine"
    realtime(simulator, body)


def test_realtime_barge_in_and_truncate(simulator):
    async def body(talk):
        await talk.connection.conversation.item.create(item={
            "type": "message", "role": "user", "content": [{"type": "input_text", "text": "count to 400"}]})
        await talk.connection.response.create()
        item = (await talk.until("response.output_audio.delta")).item_id
        await talk.connection.response.create()
        assert (await talk.until("error")).error.code == "conversation_already_has_active_response"
        await talk.say(600, 0)
        interrupted = await talk.until("response.done")
        assert interrupted.response.status == "cancelled"
        assert interrupted.response.status_details.reason == "turn_detected"
        assert interrupted.response.output[0].status == "incomplete"
        await talk.connection.conversation.item.truncate(item_id=item, content_index=0, audio_end_ms=120)
        assert (await talk.until("conversation.item.truncated")).audio_end_ms == 120
        await talk.connection.conversation.item.truncate(item_id=item, content_index=0, audio_end_ms=99_000)
        assert "shorter" in (await talk.until("error")).error.message
    realtime(simulator, body)


def test_realtime_manual_turns_and_cancel(simulator):
    async def body(talk):
        await talk.connection.session.update(session={
            "type": "realtime", "audio": {"input": {"turn_detection": None}}})
        await talk.until("session.updated")
        await talk.connection.input_audio_buffer.commit()
        assert (await talk.until("error")).error.code == "input_audio_buffer_commit_empty"
        await talk.say(300, 0)
        await talk.connection.input_audio_buffer.commit()
        committed = await talk.until("input_audio_buffer.committed")
        await talk.connection.conversation.item.retrieve(item_id=committed.item_id)
        assert (await talk.until("conversation.item.retrieved")).item.id == committed.item_id
        # An answer of some seconds: it is not over before it is called off.
        await talk.connection.conversation.item.create(item={
            "type": "message", "role": "user", "content": [{"type": "input_text", "text": "count to 400"}]})
        await talk.connection.response.create()
        await talk.until("response.output_audio.delta")
        await talk.connection.response.cancel()
        done = await talk.until("response.done")
        assert done.response.status_details.reason == "client_cancelled"
        await talk.connection.response.cancel()
        assert (await talk.until("error")).error.code == "response_cancel_not_active"
        await talk.connection.conversation.item.delete(item_id=committed.item_id)
        await talk.until("conversation.item.deleted")
    realtime(simulator, body)


def test_realtime_errors_keep_the_session(simulator):
    async def body(talk):
        for event, code in [
            ({"type": "no.such.event"}, "invalid_value"),
            ({"type": "session.update", "session": {"type": "realtime", "modalities": ["text"]}}, "unknown_parameter"),
            ({"type": "session.update", "session": {}}, "missing_required_parameter"),
            ({"type": "input_audio_buffer.append", "audio": "%%%"}, "invalid_value"),
            ({"type": "conversation.item.delete", "item_id": "nobody"}, "item_not_found"),
        ]:
            await talk.connection.send(event)
            assert (await talk.until("error")).error.code == code
    realtime(simulator, body)


def test_realtime_refuses_a_wrong_key(simulator):
    async def body(_):
        raise AssertionError("it was let in")
    with pytest.raises(Exception) as refused:
        realtime(simulator, body, key="wrong")
    assert "401" in str(refused.value)


def test_realtime_session_expires():
    async def body(talk):
        assert (await talk.until("error")).error.code == "session_expired"

    with Simulator("openai", "--session-seconds", "1") as simulator:
        began = time.time()
        realtime(simulator, body)
        assert 0.9 <= time.time() - began < 5


# Bad days


def test_retries_as_told_and_then_succeeds():
    with Simulator("openai", "--fault", "status=429,retry_after=1,times=1") as simulator:
        began = time.monotonic()
        text = client(simulator, retries=2).chat.completions.create(
            model="m", messages=[{"role": "user", "content": "hi"}]).choices[0].message.content
        assert text == "You said: hi" and time.monotonic() - began >= 1
    assert [line["status"] for line in simulator.lines()] == ["429", "200"]


@pytest.mark.parametrize("fault, error", [
    ("status=429,code=insufficient_quota", openai.RateLimitError),
    ("status=503", openai.InternalServerError),
    ("status=403", openai.PermissionDeniedError),
    ("cut", openai.APIConnectionError),
    ("reset", openai.APIConnectionError),
    ("at=delta:2,error=overloaded", openai.APIError),
    ("after=delta:2,cut", openai.APIConnectionError),
    ("at=delta:2,malformed=half_json", ValueError),
    ("at=delta:2,malformed=not_json", ValueError),
])
def test_faults_reach_the_sdk(fault, error):
    with Simulator("openai", "--fault", fault) as simulator:
        with pytest.raises(error):
            list(ask(simulator, "count to 9", stream=True))


def test_a_byte_at_a_time_is_still_whole():
    with Simulator("openai", "--fault", "drip=1") as simulator:
        assert ask(simulator, "hi").choices[0].message.content == "You said: hi"


def test_latency_is_added_once():
    with Simulator("openai", "--latency-ms", "3000") as simulator:
        began = time.monotonic()
        list(ask(simulator, "count to 30", stream=True))
        assert 3 <= time.monotonic() - began < 30


def test_realtime_closes_with_the_code_told():
    async def body(talk):
        with pytest.raises(Exception) as closed:
            await talk.until("never")
        assert closed.value.rcvd.code == 1011 and closed.value.rcvd.reason == "busy"

    with Simulator("openai", "--fault", "after=ready,close=1011:busy") as simulator:
        async def run():
            sdk = openai.AsyncOpenAI(api_key="any", base_url=simulator.http + "/v1")
            async with sdk.realtime.connect(model="gpt-realtime") as connection:
                await body(Conversation(connection))
        asyncio.run(asyncio.wait_for(run(), 20))
