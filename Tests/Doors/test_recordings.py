# SPDX-License-Identifier: Apache-2.0
"""Whatever the door, the caller is understood, and the recording has the caller on its left, the agent on its right."""

import asyncio
import io
import json
import time
import wave

import numpy
import pytest
from websockets.asyncio.client import connect

import sound
import test_livekit
import test_realtime_calls
import test_webrtc
from audiosocket_peer import PBXCall
from ports import free_port
from realtime import talk
from livekit_sfu import Sfu
from test_webrtc import loopback  # noqa: F401 - a fixture
from twilio_peer import PhoneCall

TOKEN = "0123456789abcdef0123456789abcdef"
QUESTION = "what time is it"

RECORDED = """
profiles: { default: { greeting: "" } }
storage: { database: FOLDER/records.sqlite, recordings: FOLDER/recordings }
tenants: { default: { records: { recordings: true } } }
"""


def settled(ask):
    """The answer, as soon as there is one: records and recordings are written a moment after the call's end."""
    for _ in range(200):
        answer = ask()
        if answer:
            return answer
        time.sleep(0.05)
    raise AssertionError("no record of the call, or no recording")


def records(host):
    """Of the calls that are over."""
    return settled(lambda: [r for r in host.request("GET", "/v1/records").json["records"] if r.get("reason")])


def recording(host):
    """Both sides of the only call that there was, and Hz."""
    [listed] = records(host)

    def ask():
        answer = host.request("GET", f"/v1/records/{listed['id']}/recording")
        return answer if answer.status == 200 else None

    with wave.open(io.BytesIO(settled(ask).body)) as file:
        assert (file.getnchannels(), file.getsampwidth()) == (2, 2)
        samples = numpy.frombuffer(file.readframes(file.getnframes()), dtype="<i2")
        return samples[::2], samples[1::2], file.getframerate()


def begins(samples, rate):
    """Second of the first 20 ms that are loud."""
    return int(numpy.argmax(sound.loudness(samples, rate) > 300)) * 0.02


def check(host, rate):
    [listed] = records(host)
    turns = host.request("GET", f"/v1/records/{listed['id']}").json["turns"]
    assert turns[0]["user"] == QUESTION, turns
    caller, agent, recorded = recording(host)
    assert recorded == rate
    assert sound.is_speech(caller, rate, seconds=0.4), "the caller is not on the left"
    assert sound.is_speech(agent, rate, seconds=0.4), "the agent is not on the right"
    # It answers a question; neither side leaks into the other.
    assert begins(caller, rate) + 0.5 < begins(agent, rate)
    quiet = int((begins(agent, rate) + 0.2) * rate)
    assert sound.loudness(caller[quiet:], rate).max(initial=0) < 300


def test_the_native_socket(server, speech):
    host = server(RECORDED)
    samples, rate = sound.read_wav(speech(QUESTION, silence=0.5))

    async def run():
        async with connect(f"{host.url}/v1/talk") as socket:

            async def speak():
                silence = numpy.zeros(rate // 50, dtype=numpy.int16)
                frames = sound.frames(samples, rate)
                for tick in range(10**6):
                    frame = frames[tick] if tick < len(frames) else silence
                    await socket.send(frame.astype("<i2").tobytes())
                    await asyncio.sleep(0.02)

            speaker = asyncio.create_task(speak())
            async for message in socket:
                if isinstance(message, str) and json.loads(message)["type"] == "turn.ended":
                    break
            speaker.cancel()

    asyncio.run(asyncio.wait_for(run(), 60))
    check(host, rate)


def test_the_realtime_socket(server, tmp_path):
    host = server(RECORDED)
    question = sound.spoken(tmp_path, QUESTION)

    async def run():
        async with talk(host) as call:
            await call.speak(bytes(24000))
            await call.speak(question)
            async with call.silence():
                await call.expect("response.done", seconds=40)

    asyncio.run(asyncio.wait_for(run(), 60))
    check(host, 24000)


def test_a_browser(server, speech):
    host = server(test_webrtc.config() + RECORDED)

    async def run():
        caller = test_webrtc.Caller(host, test_webrtc.spoken(speech, QUESTION))
        assert (await caller.call()).status == 201
        await caller.hear(seconds=0.7)
        await caller.ask("DELETE", caller.location)
        await caller.connection.close()

    asyncio.run(asyncio.wait_for(run(), 60))
    check(host, 16000)


def test_a_realtime_call(server, speech):
    host = server(test_realtime_calls.CONFIG + RECORDED)

    async def run():
        caller = test_webrtc.Caller(host, test_webrtc.spoken(speech, QUESTION))
        caller.connection.createDataChannel("oai-events")
        assert (await caller.call(path="/v1/realtime/calls")).status == 201
        await caller.hear(seconds=0.7)
        await caller.connection.close()

    asyncio.run(asyncio.wait_for(run(), 60))
    check(host, 24000)


def test_a_telephone(server, speech):
    transport = f'{{ provider: twilio, config: {{ auth_token: "{TOKEN}" }} }}'
    host = server(f"doors: {{ phone: {{ transport: {transport} }} }}\n" + RECORDED)

    async def run():
        async with PhoneCall(host, "/doors/phone", TOKEN) as call:
            await call.say(sound.padded(sound.read_wav(speech(QUESTION, rate=8000))[0], 8000, 0.5))
            await call.until(lambda: sound.is_speech(call.sound(), 8000, seconds=0.7))
            await call.hang_up()

    asyncio.run(asyncio.wait_for(run(), 60))
    check(host, 8000)


def test_a_pbx(server, speech):
    transport = "{ provider: audiosocket, config: { port: 0 } }"
    host = server(f"doors: {{ pbx: {{ transport: {transport} }} }}\n" + RECORDED)

    async def run():
        async with PBXCall(host, "/doors/pbx", {}) as call:
            await call.say(sound.padded(sound.read_wav(speech(QUESTION, rate=8000))[0], 8000, 0.5))
            await call.until(lambda: sound.is_speech(call.sound(), 8000, seconds=0.7))
            call.hang_up()
            await call.until(call.closed.is_set)

    asyncio.run(asyncio.wait_for(run(), 60))
    check(host, 8000)


@pytest.mark.skipif(not test_livekit.LIBRARY.exists(), reason="LiveKit's library is not here")
def test_a_room(server, speech):
    port = free_port()
    host = server(test_livekit.config(port) + RECORDED)

    async def run():
        sfu = await Sfu().start(port)
        try:
            async with test_livekit.Caller(sfu, "r1") as alice:
                await test_livekit.place(host, "r1")
                await asyncio.wait_for(alice.agent.wait(), 20)
                alice.say(speech(QUESTION, rate=16000, silence=1.0))
                await alice.hears_speech()
            await alice.until(lambda: test_livekit.active(host) == 0, 20)
        finally:
            await sfu.stop()

    asyncio.run(asyncio.wait_for(run(), 90))
    caller, agent, rate = recording(host)
    assert sound.is_speech(caller, rate, seconds=0.4) and sound.is_speech(agent, rate, seconds=0.4)
