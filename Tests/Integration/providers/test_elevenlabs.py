# SPDX-License-Identifier: Apache-2.0
"""The official `elevenlabs` package against `syrinx simulate elevenlabs`.

The package has no client of the socket with many contexts: that one is driven with `websockets`, message by message as
the vendor's description has it, and read into the package's own types.
"""
import asyncio
import base64
import json

import pytest
import websockets
from elevenlabs import VoiceSettings
from elevenlabs.client import ElevenLabs
from elevenlabs.core.api_error import ApiError
from simulator import Simulator

MILLISECOND = 16 * 2


@pytest.fixture(scope="module")
def simulator():
    with Simulator("elevenlabs", "--key", "secret") as running:
        yield running


def client(simulator, key="secret"):
    sdk = ElevenLabs(api_key=key, base_url=simulator.http)
    # The package insists on TLS for sockets.
    sdk.text_to_speech._ws_base_url = simulator.ws
    return sdk


def once(options):
    return {"request_options": {"max_retries": 0}, **options}


# HTTP


def test_lists(simulator):
    assert "eleven_flash_v2_5" in [model.model_id for model in client(simulator).models.list()]
    assert client(simulator).voices.get_all().voices[0].voice_id == "anyone"


@pytest.mark.parametrize("name", ["convert", "stream"])
def test_speaks(simulator, name):
    speak = getattr(client(simulator).text_to_speech, name)
    audio = b"".join(speak("v", text="hello you", output_format="pcm_16000", model_id="eleven_flash_v2_5",
                           voice_settings=VoiceSettings(stability=0.5)))
    assert len(audio) == 9 * 60 * MILLISECOND and any(audio)


def test_speaks_for_the_telephone(simulator):
    audio = b"".join(client(simulator).text_to_speech.stream("v", text="hello", output_format="ulaw_8000"))
    assert len(audio) == 5 * 60 * 8


def test_tells_times(simulator):
    speech = client(simulator).text_to_speech
    whole = speech.convert_with_timestamps("v", text="hello you", output_format="pcm_16000")
    assert "".join(whole.alignment.characters) == "hello you"
    assert len(base64.b64decode(whole.audio_base_64)) == 9 * 60 * MILLISECOND
    text = "a longer text of several pieces, each with its own times"
    pieces = list(speech.stream_with_timestamps("v", text=text, output_format="pcm_16000"))
    assert len(pieces) > 1
    assert "".join(c for piece in pieces for c in piece.alignment.characters) == text
    starts = [start for piece in pieces for start in piece.alignment.character_start_times_seconds]
    assert starts == sorted(starts) and abs(starts[-1] - (len(text) - 1) * 0.06) < 0.001


@pytest.mark.parametrize("voice, options, status, code", [
    ("unknown-voice", {"text": "x", "output_format": "pcm_16000"}, 404, "voice_not_found"),
    ("v", {"text": "x", "output_format": "mp3_44100_128"}, 400, "unsupported_output_format"),
    ("v", {"text": "x" * 40_001, "output_format": "pcm_16000"}, 400, "max_character_limit_exceeded")])
def test_refuses(simulator, voice, options, status, code):
    with pytest.raises(ApiError) as refused:
        list(client(simulator).text_to_speech.stream(voice, **once(options)))
    assert refused.value.status_code == status and refused.value.body["detail"]["status"] == code


def test_refuses_a_wrong_key(simulator):
    with pytest.raises(ApiError) as refused:
        list(client(simulator, "wrong").text_to_speech.stream("v", text="x", output_format="pcm_16000"))
    assert refused.value.status_code == 401 and refused.value.body["detail"]["status"] == "invalid_api_key"


# The socket with one context


def test_streams_text(simulator):
    words = ["Hello ", "there, ", "this is ", "a sentence. ", "And ", "another one."]
    audio = b"".join(client(simulator).text_to_speech.convert_realtime(
        "v", text=iter(words), model_id="eleven_flash_v2_5", output_format="pcm_16000"))
    # The package's chunker puts a space behind each chunk.
    assert len(audio) >= len("".join(words)) * 60 * MILLISECOND and any(audio)


def test_socket_refuses_a_wrong_key_and_a_wrong_voice(simulator):
    with pytest.raises(Exception) as refused:
        list(client(simulator, "wrong").text_to_speech.convert_realtime(
            "v", text=iter(["x"]), output_format="pcm_16000"))
    assert "401" in str(refused.value)
    with pytest.raises(Exception) as missing:
        list(client(simulator).text_to_speech.convert_realtime(
            "unknown-1", text=iter(["x"]), output_format="pcm_16000"))
    assert "404" in str(missing.value)


# The socket with many contexts


class Contexts:
    def __init__(self, socket):
        self.socket, self.audio, self.characters, self.final, self.errors = socket, {}, {}, [], []

    async def send(self, **message):
        await self.socket.send(json.dumps(message))

    async def say(self, context, text, close=True):
        await self.send(text=" ", context_id=context, voice_settings={"stability": 0.5})
        await self.send(text=text + " ", context_id=context, flush=True)
        if close:
            await self.send(context_id=context, close_context=True)

    async def until(self, wanted):
        while not wanted():
            message = json.loads(await asyncio.wait_for(self.socket.recv(), 10))
            name = message.get("contextId")
            if "error" in message:
                self.errors.append(message["error"])
            elif message.get("isFinal"):
                self.final.append(name)
            else:
                self.audio[name] = self.audio.get(name, b"") + base64.b64decode(message["audio"])
                alignment = message["alignment"]
                assert alignment["charStartTimesMs"][0] == 0
                self.characters[name] = self.characters.get(name, "") + "".join(alignment["chars"])


def many(simulator, body, query="&inactivity_timeout=180", key="secret"):
    async def run():
        url = f"{simulator.ws}/v1/text-to-speech/v/multi-stream-input?output_format=pcm_16000{query}"
        headers = {"xi-api-key": key} if key else {}
        async with websockets.connect(url, additional_headers=headers) as socket:
            await body(Contexts(socket))
    asyncio.run(asyncio.wait_for(run(), 30))


def test_contexts_do_not_mix(simulator):
    async def body(contexts):
        # So long that it is overtaken even when nobody runs between the two for a moment.
        text = "Hello there you. " * 10
        await contexts.say("a", text.rstrip())
        await contexts.say("b", "Good bye.")
        await contexts.until(lambda: len(contexts.final) == 2)
        assert contexts.characters == {"a": text, "b": "Good bye. "}
        assert {name: len(audio) for name, audio in contexts.audio.items()} == {
            "a": len(text) * 60 * MILLISECOND, "b": 10 * 60 * MILLISECOND}
        assert contexts.final == ["b", "a"]
    many(simulator, body)


def test_contexts_wait_for_enough_text(simulator):
    async def body(contexts):
        await contexts.send(text=" ", context_id="a")
        await contexts.send(text="too short ", context_id="a")
        await contexts.send(text="", context_id="a")
        await contexts.say("b", "x")
        await contexts.until(lambda: contexts.final == ["b"])
        assert "a" not in contexts.audio
        await contexts.send(context_id="a", flush=True)
        await contexts.until(lambda: "a" in contexts.audio)
        assert contexts.characters["a"] == "too short "
        # What was not flushed is not spoken.
        await contexts.send(text="and more ", context_id="a")
        await contexts.send(context_id="a", close_context=True)
        await contexts.until(lambda: "a" in contexts.final)
        assert contexts.characters["a"] == "too short "
    many(simulator, body)


def test_five_contexts_at_most(simulator):
    async def body(contexts):
        for name in "abcdef":
            await contexts.send(text=" ", context_id=name)
        await contexts.until(lambda: contexts.errors)
        assert contexts.errors == ["max_active_contexts"]
        await contexts.send(context_id="a", close_context=True)
        await contexts.say("g", "room again")
        await contexts.until(lambda: "g" in contexts.final)
        await contexts.send(close_socket=True)
        with pytest.raises(websockets.exceptions.ConnectionClosedOK):
            await contexts.until(lambda: False)
    many(simulator, body)


def test_key_in_the_first_message(simulator):
    async def good(contexts):
        await contexts.send(**{"text": " ", "context_id": "a", "xi-api-key": "secret"})
        await contexts.send(text="hi ", context_id="a", flush=True)
        await contexts.until(lambda: contexts.audio)

    async def bad(contexts):
        await contexts.send(text=" ", context_id="a")
        with pytest.raises(websockets.exceptions.ConnectionClosedError) as closed:
            await contexts.until(lambda: False)
        assert contexts.errors == ["invalid_api_key"] and closed.value.rcvd.code == 1008
    many(simulator, good, key=None)
    many(simulator, bad, key=None)


def test_falls_asleep(simulator):
    async def body(contexts):
        await contexts.send(text=" ", context_id="a")
        with pytest.raises(websockets.exceptions.ConnectionClosedError):
            await contexts.until(lambda: False)
        assert contexts.errors == ["input_timeout_exceeded"]
    many(simulator, body, query="&inactivity_timeout=1")


# Bad days


@pytest.mark.parametrize("fault, status, code", [
    ("status=429,code=system_busy", 429, "system_busy"), ("status=401,code=quota_exceeded", 401, "quota_exceeded"),
    ("status=500", 500, "system_busy")])
def test_refusals_reach_the_sdk(fault, status, code):
    with Simulator("elevenlabs", "--fault", fault) as simulator:
        with pytest.raises(ApiError) as refused:
            list(client(simulator).text_to_speech.stream("v", **once({"text": "x", "output_format": "pcm_16000"})))
        assert refused.value.status_code == status and refused.value.body["detail"]["status"] == code


def test_validation_has_the_other_shape():
    with Simulator("elevenlabs", "--fault", "status=422") as simulator:
        with pytest.raises(ApiError) as refused:
            list(client(simulator).text_to_speech.stream("v", text="x", output_format="pcm_16000"))
        assert refused.value.status_code == 422


def test_an_error_in_mid_stream_reaches_the_sdk():
    with Simulator("elevenlabs", "--fault", "at=audio:2,error=quota_exceeded;after=audio:2,close=1008:quota") as simulator:
        with pytest.raises(Exception):
            list(client(simulator).text_to_speech.convert_realtime(
                "v", text=iter(["a text that is long enough for more than one piece of audio, and a bit more."]),
                output_format="pcm_16000"))
