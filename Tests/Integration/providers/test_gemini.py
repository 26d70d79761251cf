# SPDX-License-Identifier: Apache-2.0
"""Google's `google-genai` package against `syrinx simulate gemini`; it speaks nothing but TLS."""
import asyncio
import contextlib
import os

import pytest
from google import genai
from google.genai import types
from simulator import Simulator, silence, tls, tone

WEATHER = types.FunctionDeclaration(
    name="get_weather", description="of a city",
    parameters=types.Schema(type="OBJECT", properties={"city": types.Schema(type="STRING")}, required=["city"]))
CLOCK = types.FunctionDeclaration(
    name="get_time", description="of a zone",
    parameters=types.Schema(type="OBJECT", properties={"zone": types.Schema(type="STRING")}, required=["zone"]))


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    files = tls(tmp_path_factory.mktemp("tls"))
    os.environ["SSL_CERT_FILE"] = files[0]
    yield files
    del os.environ["SSL_CERT_FILE"]


@pytest.fixture(scope="module")
def simulator(certificate):
    with Simulator("gemini", "--key", "secret", "--pace", 20, "--say", "good morning", "--tls", *certificate) as running:
        yield running


def config(**options):
    return types.LiveConnectConfig(
        response_modalities=["AUDIO"], input_audio_transcription={}, output_audio_transcription={},
        speech_config=types.SpeechConfig(
            voice_config=types.VoiceConfig(prebuilt_voice_config=types.PrebuiltVoiceConfig(voice_name="Puck"))),
        realtime_input_config=types.RealtimeInputConfig(
            automatic_activity_detection=types.AutomaticActivityDetection(silence_duration_ms=300)), **options)


@contextlib.asynccontextmanager
async def connect(simulator, key="secret", model="gemini-live-test", **options):
    client = genai.Client(api_key=key, http_options={"base_url": simulator.http})
    async with client.aio.live.connect(model=model, config=config(**options)) as session:
        yield session


async def turn(session):
    """The messages until the model's turn is complete."""
    async with asyncio.timeout(20):
        return [message async for message in session.receive()]


def heard(messages):
    return "".join(m.server_content.input_transcription.text for m in messages
                   if m.server_content and m.server_content.input_transcription)


def said(messages):
    return "".join(m.server_content.output_transcription.text for m in messages
                   if m.server_content and m.server_content.output_transcription)


def audio(messages):
    return b"".join(m.data for m in messages if m.data)


async def speak(session, milliseconds=600):
    samples = tone(milliseconds) + silence(500)
    for start in range(0, len(samples), 1280):
        await session.send_realtime_input(
            audio=types.Blob(data=samples[start:start + 1280], mime_type="audio/pcm;rate=16000"))


def test_typed_turn(simulator):
    async def run():
        async with connect(simulator) as session:
            await session.send_client_content(
                turns=types.Content(role="user", parts=[types.Part(text="say hello there")]), turn_complete=True)
            messages = await turn(session)
            assert said(messages) == "hello there"
            # 60 ms a character at 24 kHz.
            assert len(audio(messages)) == 11 * 60 * 24 * 2
            assert messages[-1].server_content.turn_complete
            assert any(m.server_content and m.server_content.generation_complete for m in messages)
            assert any(m.usage_metadata and m.usage_metadata.total_token_count == 22 for m in messages)
    asyncio.run(run())


def test_spoken_turn(simulator):
    async def run():
        async with connect(simulator) as session:
            await speak(session)
            messages = await turn(session)
            assert heard(messages) == "good morning"
            assert said(messages) == "You said: good morning"
    asyncio.run(run())


def test_interruption(simulator):
    async def run():
        async with connect(simulator) as session:
            await session.send_client_content(
                turns=types.Content(role="user", parts=[types.Part(text="count to 200")]), turn_complete=True)
            async with asyncio.timeout(20):
                async for message in session.receive():
                    if message.data:
                        break
            await speak(session)
            messages = await turn(session)
            assert any(m.server_content and m.server_content.interrupted for m in messages)
            assert messages[-1].server_content.turn_complete
            messages = await turn(session)
            assert said(messages) == "You said: good morning"
    asyncio.run(run())


def test_parallel_tools(simulator):
    async def run():
        tools = [types.Tool(function_declarations=[WEATHER, CLOCK])]
        async with connect(simulator, tools=tools) as session:
            await session.send_client_content(
                turns=types.Content(role="user", parts=[types.Part(text="get weather and get time of Bonn")]),
                turn_complete=True)
            calls = []
            async with asyncio.timeout(20):
                async for message in session.receive():
                    if message.tool_call:
                        calls = message.tool_call.function_calls
                        break
            assert [call.name for call in calls] == ["get_weather", "get_time"]
            assert calls[0].args == {"city": "Bonn"}
            await session.send_tool_response(function_responses=[
                types.FunctionResponse(id=call.id, name=call.name, response={"result": text})
                for call, text in zip(calls, ["rain", "noon"])])
            assert said(await turn(session)) == "The tool says rain and noon."
    asyncio.run(run())


def test_resumption_and_go_away(simulator):
    async def run():
        resumption = types.SessionResumptionConfig()
        async with connect(simulator, session_resumption=resumption) as session:
            await session.send_client_content(
                turns=types.Content(role="user", parts=[types.Part(text="say go away")]), turn_complete=True)
            messages = await turn(session)
            assert [m.go_away.time_left for m in messages if m.go_away] == ["10s"]
            async with asyncio.timeout(20):
                async for message in session.receive():
                    update = message.session_resumption_update
                    if update and update.resumable:
                        break
        resumption = types.SessionResumptionConfig(handle=update.new_handle)
        async with connect(simulator, session_resumption=resumption) as session:
            await session.send_realtime_input(text="say welcome back")
            assert said(await turn(session)) == "welcome back"
    asyncio.run(run())


@pytest.mark.parametrize("key,model,word", [("wrong", "gemini-live-test", "401"), ("secret", "unknown", "1008")])
def test_refusals(simulator, key, model, word):
    async def run():
        with pytest.raises(Exception) as error:
            async with connect(simulator, key=key, model=model) as session:
                await turn(session)
        assert word in repr(error.value) + repr(error.value.__cause__)
    asyncio.run(run())


def test_unknown_handle(simulator):
    async def run():
        with pytest.raises(Exception) as error:
            async with connect(simulator, session_resumption=types.SessionResumptionConfig(handle="none")) as session:
                await turn(session)
        assert "1008" in repr(error.value)
    asyncio.run(run())


def test_cut(certificate):
    async def run(running):
        async with connect(running) as session:
            with pytest.raises(Exception):
                await session.send_client_content(
                    turns=types.Content(role="user", parts=[types.Part(text="count to 50")]), turn_complete=True)
                await turn(session)
                await turn(session)
    with Simulator("gemini", "--fault", "after=audio:3,cut", "--tls", *certificate) as running:
        asyncio.run(run(running))
