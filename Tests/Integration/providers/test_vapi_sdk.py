# SPDX-License-Identifier: Apache-2.0
"""Vapi's own server SDK against `syrinx simulate vapi`; its messages are read by the SDK's types."""
import asyncio
import json

import pytest
import websockets
from simulator import Simulator, silence, tone
from vapi import Vapi
from vapi.core.api_error import ApiError
from vapi.core.unchecked_base_model import construct_type
from vapi.types import (
    Call, ClientMessageConversationUpdate, ClientMessageSpeechUpdate, ClientMessageToolCalls,
    ClientMessageTranscript, ClientMessageUserInterrupted, ServerMessageStatusUpdate)

TYPES = {
    "conversation-update": ClientMessageConversationUpdate, "speech-update": ClientMessageSpeechUpdate,
    "status-update": ServerMessageStatusUpdate, "tool-calls": ClientMessageToolCalls,
    "transcript": ClientMessageTranscript, "user-interrupted": ClientMessageUserInterrupted,
}
WEATHER = {"type": "function", "function": {
    "name": "get_weather", "parameters": {"type": "object", "properties": {"city": {"type": "string"}}}}}


def transport(audio_format="pcm_s16le", rate=16000):
    return {"provider": "vapi.websocket", "conversationType": "voice",
            "audioFormat": {"format": audio_format, "container": "raw", "sampleRate": rate}}


@pytest.fixture(scope="module")
def simulator():
    with Simulator("vapi", "--key", "secret", "--say", "good morning") as running:
        yield running


@pytest.fixture
def client(simulator):
    return Vapi(token="secret", base_url=simulator.http)


def read(text):
    """As the SDK reads it, which takes anything: so the type's own word is held against ours."""
    raw = json.loads(text)
    message = construct_type(type_=TYPES[raw["type"]], object_=raw)
    assert isinstance(message, TYPES[raw["type"]]) and message.type == raw["type"]
    return message


class Line:
    """The socket of a call."""

    def __init__(self, socket):
        self.socket = socket
        self.audio = b""
        self.messages = []

    async def send(self, **message):
        await self.socket.send(json.dumps(message))

    async def speak(self, milliseconds=600):
        samples = tone(milliseconds) + silence(700)
        for start in range(0, len(samples), 640):
            await self.socket.send(samples[start:start + 640])

    async def until(self, wanted):
        """The first message that is wanted, of those still to come."""
        async with asyncio.timeout(20):
            async for message in self.socket:
                if isinstance(message, bytes):
                    self.audio += message
                    continue
                self.messages.append(read(message))
                if wanted(self.messages[-1]):
                    return self.messages[-1]
        raise AssertionError(f"the call ended: {self.messages}")

    async def until_stopped(self):
        await self.until(lambda message: message.type == "speech-update"
                         and (message.role, message.status) == ("assistant", "stopped"))

    def said(self, role="assistant"):
        return [message.transcript for message in self.messages
                if message.type == "transcript" and message.role == role and message.transcript_type == "final"]


def run(client, conversation, **options):
    options.setdefault("assistant_id", "anyone")
    if "assistant" in options:
        del options["assistant_id"]
    call = client.calls.create(transport=transport(), **options)

    async def talk():
        async with websockets.connect(call.transport.websocketCallUrl, proxy=None) as socket:
            await conversation(Line(socket))

    asyncio.run(talk())
    return client.calls.get(call.id)


def test_a_call_is_created_listed_and_found(client):
    call = client.calls.create(assistant_id="anyone", transport=transport(), name="night",
                               assistant_overrides={"metadata": {"room": "7"}})
    assert isinstance(call, Call)
    assert call.id and call.type == "vapi.websocketCall" and call.status == "queued"
    assert call.transport.websocketCallUrl.endswith(f"/{call.id}/transport")
    assert call.name == "night" and call.assistant_overrides.metadata == {"room": "7"}
    assert client.calls.get(call.id).id == call.id
    assert call.id in [listed.id for listed in client.calls.list()]


def test_one_key_creates_one_call(client):
    options = {"additional_headers": {"Idempotency-Key": "k1"}}
    first, second = (client.calls.create(assistant_id="anyone", transport=transport(), request_options=options)
                     for _ in range(2))
    assert first.id == second.id
    assert client.calls.create(assistant_id="anyone", transport=transport()).id != first.id


@pytest.mark.parametrize("options,status", [
    ({}, 400), ({"assistant_id": "a", "squad_id": "s"}, 400), ({"assistant_id": "a", "phone_number_id": "p"}, 400),
    ({"assistant_id": "unknown-one"}, 404)])
def test_refusals(client, options, status):
    with pytest.raises(ApiError) as error:
        client.calls.create(transport=transport(), **options)
    assert error.value.status_code == status and error.value.body["message"]


def test_what_is_no_part_of_a_call_is_refused(client):
    with pytest.raises(ApiError) as error:
        client.calls.create(assistant_id="a", transport=transport(),
                            request_options={"additional_body_parameters": {"metadata": {}}})
    assert error.value.body["message"] == ["property metadata should not exist"]


def test_the_key(simulator):
    with pytest.raises(ApiError) as error:
        Vapi(token="wrong", base_url=simulator.http).calls.list()
    assert error.value.status_code == 401


def test_a_spoken_turn_and_the_end():
    async def conversation(line):
        await line.until_stopped()
        assert line.said() == ["Hello."]
        await line.speak()
        await line.until_stopped()
        assert line.said("user") == ["good morning"] and line.said() == ["Hello.", "You said: good morning"]
        assert len(line.audio) == sum(map(len, line.said())) * 60 * 16 * 2
        await line.speak()
        ended = await line.until(lambda message: message.type == "status-update" and message.status == "ended")
        assert ended.ended_reason == "assistant-ended-call"
        with pytest.raises(websockets.ConnectionClosed):
            await line.socket.recv()
        assert line.socket.close_code == 1000

    # One of its own: its lines come in their order at a second try, too.
    with Simulator("vapi", "--say", "good morning", "--say", "goodbye") as simulator:
        call = run(Vapi(token="any", base_url=simulator.http), conversation, assistant={"firstMessage": "Hello."})
    assert call.status == "ended" and call.ended_reason == "assistant-ended-call"


def test_interruption_and_controls(client):
    async def conversation(line):
        await line.send(type="say", content="one two three four five six seven eight")
        await line.until(lambda message: message.type == "transcript")
        await line.speak()
        await line.until(lambda message: message.type == "user-interrupted")
        await line.until_stopped()
        assert len(line.said()) == 1 and "eight" not in line.said()[0]
        await line.send(type="end-call")
        await line.until(lambda message: message.type == "status-update" and message.status == "ended")

    assert run(client, conversation).ended_reason == "customer-ended-call"


def test_typed_turns_and_tools(client):
    async def conversation(line):
        await line.send(type="add-message", message={"role": "user", "content": "get weather of Bonn"})
        calls = await line.until(lambda message: message.type == "tool-calls")
        assert [call.function.name for call in calls.tool_call_list] == ["get_weather"]
        assert calls.tool_call_list[0].function.arguments == {"city": "Bonn"}
        await line.send(type="add-message", message={"role": "system", "content": "rain"})
        await line.until_stopped()
        assert line.said() == ["The tool says rain."]
        await line.send(type="add-message", message={"role": "user", "content": "x"}, triggerResponseEnabled=False)
        await line.send(type="say", content="bye", endCallAfterSpoken=True)
        await line.until(lambda message: message.type == "status-update" and message.status == "ended")

    run(client, conversation, assistant={"model": {"provider": "openai", "model": "gpt-4o", "tools": [WEATHER]}})
