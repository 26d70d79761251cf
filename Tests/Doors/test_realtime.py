# SPDX-License-Identifier: Apache-2.0
"""The openai SDK holds conversations at `/v1/realtime`."""
import asyncio
import json

import pytest
from product import Server
from realtime import say, talk
from sound import spoken

VAD = {"audio": {"input": {"transcription": {"model": "any"}}}}
ANSWER = [
    "response.created", "response.output_item.added", "conversation.item.added", "response.content_part.added",
    "response.output_audio.done", "response.output_audio_transcript.done", "response.content_part.done",
    "response.output_item.done", "conversation.item.done", "response.done", "rate_limits.updated",
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("realtime")


@pytest.fixture(scope="module")
def server(folder):
    with Server(folder) as server:
        yield server


@pytest.fixture(scope="module")
def question(folder):
    return spoken(folder, "what time is it")


def run(test):
    return asyncio.run(asyncio.wait_for(test, 90))


def order(types, wanted):
    """The types of `wanted`, in the order in which they first came."""
    return [kind for kind in dict.fromkeys(types) if kind in wanted]


def test_a_spoken_question_is_answered(server, question):
    async def test():
        async with talk(server, **VAD) as call:
            since = len(call.events)
            await call.speak(bytes(24000))
            await call.speak(question)
            async with call.silence():
                done = await call.expect("response.done", since)
            assert done.response.status == "completed"
            assert done.response.usage.total_tokens == 0
            heard = await call.expect("conversation.item.input_audio_transcription.completed")
            assert "time" in heard.transcript
            answer = call.transcript()
            assert "o'clock" in answer or "It is" in answer or "it is" in answer
            assert len(call.audio()) > 24000
            await call.expect("rate_limits.updated", since)
            turn = [
                "input_audio_buffer.speech_started", "input_audio_buffer.speech_stopped",
                "input_audio_buffer.committed", "conversation.item.added", "conversation.item.done",
                "conversation.item.input_audio_transcription.completed", "response.created"]
            assert order(call.types(since), turn) == turn
            since = next(i for i, event in enumerate(call.events) if event.type == "response.created")
            assert order(call.types(since), ANSWER) == ANSWER
            started = await call.expect("input_audio_buffer.speech_started")
            stopped = await call.expect("input_audio_buffer.speech_stopped")
            assert 0 < started.audio_start_ms < 1000 < stopped.audio_end_ms < 4000
            assert started.item_id == stopped.item_id == heard.item_id
            assert len({event.event_id for event in call.events}) == len(call.events)

    run(test())


def test_a_typed_question_is_answered(server):
    async def test():
        async with talk(server) as call:
            since = await say(call, "what time is it")
            done = await call.expect("response.done", since)
            assert done.response.status == "completed"
            assert done.response.output[0].content[0].transcript == call.transcript(since)
            assert call.transcript(since)
            assert len(call.audio()) > 24000

    run(test())


def test_a_turn_that_the_client_commits(server, question):
    async def test():
        manual = {"audio": {"input": {"turn_detection": None, "transcription": {"model": "any"}}}}
        async with talk(server, **manual) as call:
            await call.connection.input_audio_buffer.commit()
            error = await call.expect("error")
            assert error.error.code == "input_audio_buffer_commit_empty"
            # All at once: much faster than it is spoken.
            await call.append(question)
            since = len(call.events)
            await call.connection.input_audio_buffer.commit()
            await call.connection.response.create()
            done = await call.expect("response.done", since)
            assert done.response.status == "completed"
            heard = await call.expect("conversation.item.input_audio_transcription.completed")
            assert "time" in heard.transcript
            assert "input_audio_buffer.speech_started" not in call.types()
            # A buffer that was cleared is no turn.
            await call.append(question)
            await call.connection.input_audio_buffer.clear()
            await call.expect("input_audio_buffer.cleared")
            await call.connection.input_audio_buffer.commit(event_id="again")
            error = await call.expect(lambda event: event.type == "error" and event.error.event_id == "again")
            assert error.error.code == "input_audio_buffer_commit_empty"

    run(test())


def test_text_alone(server):
    async def test():
        async with talk(server, output_modalities=["text"]) as call:
            since = await say(call, "what time is it")
            done = await call.expect("response.done", since)
            assert done.response.output[0].content[0].text
            assert not call.audio()
            assert "response.output_text.done" in call.types(since)

    run(test())


@pytest.mark.parametrize("name, byte", [("audio/pcmu", b"\xff"), ("audio/pcma", b"\xd5")])
def test_telephone_audio(server, question, name, byte):
    import audioop

    law, back = ("lin2ulaw", "ulaw2lin") if name == "audio/pcmu" else ("lin2alaw", "alaw2lin")

    async def test():
        format = {"format": {"type": name}}
        async with talk(server, audio={"input": {**format, "transcription": {"model": "any"}}, "output": format}) as call:
            narrow = audioop.ratecv(question, 2, 1, 24000, 8000, None)[0]
            await call.speak(byte * 4000, 8000, 1)
            await call.speak(getattr(audioop, law)(narrow, 2), 8000, 1)
            async with call.silence(8000, 1, byte):
                done = await call.expect("response.done")
            assert done.response.status == "completed"
            heard = await call.expect("conversation.item.input_audio_transcription.completed")
            assert "time" in heard.transcript
            played = getattr(audioop, back)(call.audio(), 2)
            assert len(played) > 8000 and audioop.rms(played, 2) > 200

    run(test())


def test_the_caller_interrupts(server, folder):
    stop = spoken(folder, "what time is it")

    async def test():
        async with talk(server, **VAD) as call:
            since = await say(call, "count to twenty")
            async with call.silence():
                await call.expect("response.output_audio.delta", since)
                # The default profile is for open microphones: while their echo canceller learns, they hear nobody.
                await asyncio.sleep(3.2)
            await call.speak(stop)
            async with call.silence():
                done = await call.expect("response.done", since)
                assert done.response.status == "cancelled"
                assert done.response.status_details.reason == "turn_detected"
                types = call.types(since)
                assert types.index("input_audio_buffer.speech_started") < types.index("response.done")
                item = done.response.output[0].id
                sent = len(call.audio(item)) // 48
                await call.connection.conversation.item.truncate(item_id=item, content_index=0, audio_end_ms=sent // 2)
                cut = await call.expect("conversation.item.truncated")
                assert cut.audio_end_ms == sent // 2
                await call.connection.conversation.item.retrieve(item_id=item)
                kept = await call.expect("conversation.item.retrieved")
                assert len(kept.item.content[0].transcript) < len(done.response.output[0].content[0].transcript)
                after = call.events.index(done)
                again = await call.expect("response.done", after + 1)
                assert again.response.status == "completed"

    run(test())


def test_the_client_cancels(server):
    async def test():
        async with talk(server) as call:
            await call.connection.response.cancel()
            assert (await call.expect("error")).error.code == "response_cancel_not_active"
            since = await say(call, "count to twenty")
            await call.expect("response.output_audio.delta", since)
            await call.connection.response.create()
            error = await call.expect("error", since)
            assert error.error.code == "conversation_already_has_active_response"
            await call.connection.response.cancel()
            done = await call.expect("response.done", since)
            assert done.response.status_details.reason == "client_cancelled"

    run(test())


def test_what_is_wrong_is_an_error_and_nothing_more(server):
    async def test():
        async with talk(server) as call:
            await call.connection.send_raw("{")
            await call.connection.send_raw("[" * 100_000)
            await call.connection.send_raw('{"type":"dance","event_id":"mine"}')
            await call.connection.send_raw('{"type":"session.update","session":{"type":"realtime","tools":1e300}}')
            await call.connection.send_raw(b"\0\1")
            await call.connection.send_raw('{"type":"input_audio_buffer.append","audio":"%%%%"}')
            codes = []
            place = 0
            while len(codes) < 6:
                error = await call.expect("error", place)
                place = call.events.index(error) + 1
                codes.append(error.error.code)
            assert codes == [
                "invalid_json", "invalid_json", "unknown_event", "invalid_type", "invalid_event", "invalid_value"]
            since = await say(call, "what time is it")
            assert (await call.expect("response.done", since)).response.status == "completed"

    run(test())


def test_a_page_gets_a_secret_and_a_session_of_its_own(server):
    import websockets
    from openai import AsyncOpenAI

    async def test():
        client = AsyncOpenAI(base_url=f"{server.http}/v1", api_key="any")
        secret = await client.realtime.client_secrets.create(
            expires_after={"anchor": "created_at", "seconds": 60},
            session={"type": "realtime", "model": "default", "instructions": "Be kind."})
        await client.close()
        assert secret.value.startswith("ek_") and secret.session.instructions == "Be kind."
        protocols = ["realtime", f"openai-insecure-api-key.{secret.value}"]
        url = f"{server.url}/v1/realtime"
        async with websockets.connect(url, subprotocols=protocols, proxy=None) as socket:
            assert socket.subprotocol == "realtime"
            created = json.loads(await socket.recv())
            assert created["type"] == "session.created" and created["session"]["instructions"] == "Be kind."
        with pytest.raises(websockets.exceptions.InvalidStatus) as refused:
            await websockets.connect(url, subprotocols=protocols, proxy=None)
        assert refused.value.response.status_code == 401

    run(test())
