# SPDX-License-Identifier: Apache-2.0
"""Phone calls from Asterisk, over its AudioSocket, by a scripted one."""

import asyncio
import struct
import uuid

import numpy

import sound
from audiosocket_peer import END, RATE, PBXCall, announce, packet
from test_recordings import records

TOKEN = "0123456789abcdef0123456789abcdef"
DOOR = "/doors/pbx"
FIELDS = {"token": TOKEN, "from": "+4915112345678", "to": "+4930123456", "call": "1764400000.17", "user": "ann"}

CONFIG = f"""
doors:
  pbx:
    transport: {{ provider: audiosocket, config: {{ port: 0, token: "{TOKEN}" }} }}
    profile: phone
profiles:
  phone: {{ greeting: "", agent: AGENT }}
storage: {{ database: FOLDER/records.sqlite }}
"""


def run(test):
    asyncio.run(asyncio.wait_for(test, 60))


def sessions(host):
    return host.request("GET", "/v1/sessions").json["sessions"]


def test_a_spoken_turn_is_answered(server, speech):
    host = server(CONFIG.replace("AGENT", "script"))

    async def talk():
        async with PBXCall(host, DOOR, FIELDS) as call:
            await call.say(sound.padded(sound.read_wav(speech("what time is it", rate=RATE))[0], RATE, 0.5))
            await call.until(lambda: sound.is_speech(call.sound(), RATE, seconds=0.7))
            call.hang_up()
            await call.until(call.closed.is_set)
            await call.until(lambda: not sessions(host))

    run(talk())
    [listed] = records(host)
    record = host.request("GET", f"/v1/records/{listed['id']}").json
    assert record["turns"][0]["user"] == "what time is it" and record["turns"][0]["heard"], record["turns"]
    assert record["user"] == "ann"


def test_who_speaks_over_the_agent_silences_it(server, speech):
    story = "Once upon a time there was a small village by the sea, and in it lived an old man. " * 4
    host = server(CONFIG.replace("AGENT", "echo").replace('greeting: ""', f'greeting: "{story}"'))

    async def talk():
        async with PBXCall(host, DOOR, FIELDS) as call:
            await call.until(lambda: sound.is_speech(call.sound(), RATE, seconds=1))
            await call.say(sound.read_wav(speech("wait a moment please, what time is it now", rate=RATE))[0])
            # What is left of the story, some 15 seconds, is not heard: it is quiet for a while.
            await call.until(lambda: call.is_quiet(0.4), seconds=8)

    run(talk())


def test_keys_are_a_turn_and_keys_for_the_far_end_are_heard(server):
    host = server(CONFIG.replace("AGENT", "echo"))

    async def talk():
        async with PBXCall(host, DOOR, FIELDS) as call:
            call.press("1#")
            await call.until(lambda: sound.is_speech(call.sound(), RATE, seconds=0.2))
            await call.until(lambda: call.is_quiet(1.5))
            before = len(call.sound())
            session = sessions(host)[0]["session"]
            assert host.request("POST", f"/v1/sessions/{session}/keys", {"keys": "5"}).status == 202
            await call.until(lambda: len(call.sound()) - before >= RATE // 10)
            tone = call.sound()[before:]
            tone = tone[numpy.abs(tone.astype(int)) > 0][:640].astype(float)
            power = numpy.abs(numpy.fft.rfft(tone, 8000))
            loudest = sorted(numpy.argsort(power)[::-1][:40].tolist())
            assert any(abs(f - 770) < 12 for f in loudest) and any(abs(f - 1336) < 12 for f in loudest), loudest

    run(talk())


def test_the_agent_hangs_up(server):
    host = server(CONFIG.replace("AGENT", "echo"))

    async def talk():
        async with PBXCall(host, DOOR, FIELDS) as call:
            await call.until(lambda: sessions(host))
            session = sessions(host)[0]["session"]
            assert host.request("DELETE", f"/v1/sessions/{session}").status == 202
            await call.until(call.closed.is_set)
            assert call.kinds[-1] == END

    run(talk())


def test_strangers_are_refused_and_disturb_nobody(server):
    host = server(CONFIG.replace("AGENT", "echo"))
    assert announce(host, DOOR, {**FIELDS, "token": "another"}).status == 401
    assert announce(host, DOOR, {}).status == 401

    async def knock(port, first):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(first)
        assert struct.unpack(">BH", await asyncio.wait_for(reader.readexactly(3), 10)) == (END, 0)
        writer.close()

    async def talk():
        async with PBXCall(host, DOOR, FIELDS) as call:
            answer = await asyncio.to_thread(announce, host, DOOR, FIELDS)
            port = int(answer.headers["x-audiosocket-port"])
            for first in [packet(1, uuid.uuid4().bytes), packet(0x10, b"\0" * 320), b"\xff" * 70_000]:
                await knock(port, first)
            call.press("1#")
            await call.until(lambda: sound.is_speech(call.sound(), RATE, seconds=0.2))
            assert TOKEN not in host.log_text()

    run(talk())
