# SPDX-License-Identifier: Apache-2.0
"""Callers in LiveKit rooms: LiveKit's own SDK talks to the agent over a LiveKit server of ours (livekit_sfu.py)."""

import asyncio
import contextlib
import json
import os
import pathlib
import signal

import numpy
from livekit import rtc

import sound
from livekit_sfu import Room, Sfu
from ports import free_port

LIBRARY = pathlib.Path(rtc.__file__).parent / "resources" / "liblivekit_ffi.so"
RATE = 48000
QUESTION = "what time is it"


def config(port):
    livekit = json.dumps({
        "provider": "livekit",
        "config": {"url": f"ws://127.0.0.1:{port}", "api_key": Sfu().key, "api_secret": Sfu().secret, "library": str(LIBRARY)},
    })
    hooked = json.loads(livekit)
    hooked["config"]["rooms"] = "call-*"
    return f"doors: {{ rooms: {{ transport: {json.dumps(hooked)} }}, out: {{ backend: {livekit} }} }}\n"


class Caller:
    """Somebody in a room who speaks, and keeps what the agent says."""

    def __init__(self, sfu, room, identity="alice", single=None):
        self.sfu, self.name, self.identity = sfu, room, identity
        self.options = rtc.RoomOptions() if single is None else rtc.RoomOptions(single_peer_connection=single)
        self.room, self.heard, self.events, self.agent = rtc.Room(), [], [], asyncio.Event()
        self.source = rtc.AudioSource(RATE, 1, queue_size_ms=200)
        self.line, self.tasks, self.gone = asyncio.Queue(), [], asyncio.Event()
        self.room.on("track_subscribed", lambda track, publication, owner: self.listen(track))
        self.room.on("data_received", lambda packet: self.events.append(json.loads(packet.data)))
        self.room.on("participant_disconnected", lambda who: self.gone.set())

    async def __aenter__(self):
        await self.room.connect(self.sfu.url, self.sfu.token(self.name, self.identity), self.options)
        self.track = rtc.LocalAudioTrack.create_audio_track("microphone", self.source)
        options = rtc.TrackPublishOptions(source=rtc.TrackSource.SOURCE_MICROPHONE)
        await self.room.local_participant.publish_track(self.track, options)
        self.tasks.append(asyncio.ensure_future(self.speak()))
        return self

    async def __aexit__(self, *_):
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)
        await self.room.disconnect()

    async def speak(self):
        """A microphone: what is said, else silence, without an end."""
        silence = numpy.zeros(RATE // 50, dtype=numpy.int16)
        while True:
            samples = silence if self.line.empty() else self.line.get_nowait()
            await self.source.capture_frame(rtc.AudioFrame(samples.tobytes(), RATE, 1, len(samples)))

    def say(self, path):
        samples, rate = sound.read_wav(path)
        for frame in sound.frames(sound.resampled(samples, rate, RATE), RATE):
            self.line.put_nowait(frame)

    def listen(self, track):
        async def run():
            stream = rtc.AudioStream(track, sample_rate=16000, num_channels=1)
            self.agent.set()
            with contextlib.suppress(asyncio.CancelledError):
                async for event in stream:
                    self.heard.append(numpy.frombuffer(event.frame.data, dtype=numpy.int16).copy())
            await stream.aclose()

        self.tasks.append(asyncio.ensure_future(run()))

    def told(self, kind):
        return [event for event in self.events if event.get("type") == kind]

    async def until(self, condition, seconds=30):
        async with asyncio.timeout(seconds):
            while not condition():
                await asyncio.sleep(0.05)

    async def hears_speech(self):
        """Drops what was heard before."""
        self.heard.clear()
        await self.until(lambda: sound.is_speech(numpy.concatenate(self.heard or [numpy.zeros(0)]), 16000))


def call(server, scenario, hook=False):
    """A server of ours, a LiveKit server, and `scenario(sfu, host)`."""
    port = free_port()
    host = server(config(port))

    async def run():
        sfu = await Sfu(webhook_url=f"{host.http}/doors/rooms" if hook else None).start(port)
        try:
            await scenario(sfu, host)
        finally:
            await sfu.stop()

    asyncio.run(run())


async def place(host, room, **options):
    body = {"door": "out", "options": {"room": room, **options}}
    answer = await asyncio.to_thread(host.request, "POST", "/v1/calls", body)
    assert answer.status == 202, answer.text
    return answer.json["session"]


def active(host):
    """How many calls are going on."""
    return sum(value for name, value in host.metrics().items() if name.startswith("syrinx_sessions_active"))


def test_the_library_has_a_process_of_its_own(server):
    async def scenario(sfu, host):
        assert len(host.helpers("livekit")) == 1, "one for both doors"
        maps = pathlib.Path(f"/proc/{host.process.pid}/maps").read_text()
        assert "liblivekit_ffi" not in maps
        assert "runs in a helper of its own" in host.log_text()

    call(server, scenario)


def test_a_process_that_dies_ends_its_calls_and_is_started_again(server, speech):
    async def scenario(sfu, host):
        async with Caller(sfu, "r7") as alice:
            await place(host, "r7")
            await asyncio.wait_for(alice.agent.wait(), 20)
            assert active(host) == 1
            os.kill(host.helpers("livekit")[0], signal.SIGKILL)
            await alice.until(lambda: active(host) == 0, 10)
            alice.agent.clear()
            await place(host, "r7")
            await asyncio.wait_for(alice.agent.wait(), 20)
            alice.say(speech(QUESTION, rate=16000, silence=1.0))
            await alice.hears_speech()
            assert len(host.helpers("livekit")) == 1

    call(server, scenario)


def test_a_webhook_calls_an_agent_who_answers(server, speech):
    async def scenario(sfu, host):
        async with Caller(sfu, "call-1") as alice:
            await asyncio.wait_for(alice.agent.wait(), 20)
            alice.say(speech(QUESTION, rate=16000, silence=1.0))
            await alice.hears_speech()
        room = sfu.rooms["call-1"]
        await alice.until(lambda: not room.participants, 10)
        assert len(sfu.joins) == 2, "the caller and one agent"

    call(server, scenario, hook=True)


def test_a_call_that_was_asked_for_ends_with_its_caller(server, speech):
    async def scenario(sfu, host):
        async with Caller(sfu, "r1", single=True) as alice:
            await place(host, "r1", identity="ann")
            await asyncio.wait_for(alice.agent.wait(), 20)
            assert "ann" in alice.room.remote_participants
            await alice.hears_speech()
            # While the echo canceller of an open microphone learns, nobody is heard.
            await asyncio.sleep(3)
            alice.say(speech(QUESTION, rate=16000, silence=1.0))
            await alice.until(lambda: alice.told("transcript.final"))
            await alice.hears_speech()
            room = sfu.rooms["r1"]
            assert active(host) == 1
        await alice.until(lambda: not room.participants, 10)
        await alice.until(lambda: active(host) == 0, 10)

    call(server, scenario)


def test_a_caller_types(server):
    async def scenario(sfu, host):
        async with Caller(sfu, "r2") as alice:
            await place(host, "r2")
            await asyncio.wait_for(alice.agent.wait(), 20)
            await alice.until(lambda: alice.events)
            text = json.dumps({"type": "text", "text": QUESTION})
            await alice.room.local_participant.publish_data(text, topic="syrinx")
            await alice.hears_speech()

    call(server, scenario)


def test_an_agent_that_is_thrown_out_is_gone(server):
    async def scenario(sfu, host):
        async with Caller(sfu, "r3") as alice:
            await place(host, "r3", identity="ann")
            await asyncio.wait_for(alice.agent.wait(), 20)
            await sfu.rooms["r3"].participants["ann"].dismiss()
            await asyncio.wait_for(alice.gone.wait(), 10)

    call(server, scenario)


def test_a_lost_connection_comes_back(server, speech):
    async def scenario(sfu, host):
        async with Caller(sfu, "r4") as alice:
            await place(host, "r4", identity="ann")
            await asyncio.wait_for(alice.agent.wait(), 20)
            await alice.hears_speech()
            alice.agent.clear()
            await sfu.rooms["r4"].participants["ann"].socket.close()
            await asyncio.wait_for(alice.agent.wait(), 20)
            alice.say(speech(QUESTION, rate=16000, silence=1.0))
            await alice.hears_speech()

    call(server, scenario)


def test_a_forged_webhook_is_refused(server):
    async def scenario(sfu, host):
        room = Room("call-9")
        body, token = sfu.hook("room_finished", room)
        headers = {"Authorization": token, "Content-Type": "application/webhook+json"}

        async def post(body, headers):
            answer = await asyncio.to_thread(host.request, "POST", "/doors/rooms", body, headers)
            return answer.status

        assert await post(body, headers) == 200
        assert await post(body + " ", headers) == 401
        assert await post(body, {**headers, "Authorization": token[:-8] + "AAAAAAAA"}) == 401
        assert await post(body, {"Content-Type": "application/webhook+json"}) == 401
        other = Sfu(secret="another-secret-of-32-bytes-or-so").hook("participant_joined", room)
        assert await post(other[0], {**headers, "Authorization": other[1]}) == 401
        assert not sfu.joins

    call(server, scenario)
