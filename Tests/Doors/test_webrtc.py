# SPDX-License-Identifier: Apache-2.0
"""Calls over WebRTC by aiortc, a stack of other people's: what is asked reaches the session, what it answers is heard."""

import asyncio
import fractions
import time

import aioice.ice
import aiortc
import av
import numpy
import pytest

import sound

RATE = 48000

DOORS = """
plugins: { isolation: { of: none } }
doors:
  web:
    transport: { provider: webrtc, config: { CONFIG } }
    tenant: default
    profile: PROFILE
    rate: 16000
"""


def config(profile="default", options=""):
    return DOORS.replace("PROFILE", profile).replace("CONFIG", options)


@pytest.fixture(autouse=True)
def loopback(monkeypatch):
    # aiortc leaves 127.0.0.1 out when it looks for its own addresses; there is no other one here.
    monkeypatch.setattr(aioice.ice, "get_host_addresses", lambda use_ipv4, use_ipv6: ["127.0.0.1"])


class Microphone(aiortc.MediaStreamTrack):
    """Says the samples once, then is silent, in real time."""

    kind = "audio"

    def __init__(self, samples):
        super().__init__()
        self.samples = samples
        self.at = 0
        self.began = None

    async def recv(self):
        loop = asyncio.get_running_loop()
        self.began = self.began or loop.time()
        await asyncio.sleep(max(0, self.began + self.at / RATE - loop.time()))
        piece = numpy.zeros(960, dtype=numpy.int16)
        said = self.samples[self.at : self.at + 960]
        piece[: len(said)] = said
        frame = av.AudioFrame.from_ndarray(piece.reshape(1, -1), format="s16", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = RATE, self.at, fractions.Fraction(1, RATE)
        self.at += 960
        return frame


class Caller:
    """One browser's worth of WebRTC."""

    def __init__(self, host, samples=(), token=None):
        self.host, self.token = host, token
        self.heard = []
        self.connection = aiortc.RTCPeerConnection()
        self.connection.addTrack(Microphone(numpy.asarray(samples, dtype=numpy.int16)))
        self.connection.on("track", lambda track: asyncio.ensure_future(self.listen(track)))
        self.connected, self.over = asyncio.Event(), asyncio.Event()
        self.connection.on("connectionstatechange", self.notice)
        self.location = None

    def notice(self):
        if self.connection.connectionState == "connected":
            self.connected.set()
        if self.connection.connectionState in ("closed", "failed"):
            self.over.set()

    async def listen(self, track):
        try:
            while True:
                frame = await track.recv()
                samples = frame.to_ndarray().reshape(-1)
                self.heard.append(samples[:: len(frame.layout.channels)])
        except aiortc.mediastreams.MediaStreamError:
            pass

    async def ask(self, method, path, body=None, headers=None):
        headers = dict(headers or {})
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        return await asyncio.to_thread(self.host.request, method, path, body, headers)

    async def call(self, change=lambda offer: offer, path="/doors/web"):
        await self.connection.setLocalDescription(await self.connection.createOffer())
        offer = change(self.connection.localDescription.sdp)
        answer = await self.ask("POST", path, offer, {"Content-Type": "application/sdp"})
        if answer.status == 201:
            self.location = answer.headers["location"]
            await self.connection.setRemoteDescription(self.answer(answer.text))
        return answer

    @staticmethod
    def answer(sdp):
        return aiortc.RTCSessionDescription(sdp, "answer")

    def recording(self):
        return numpy.concatenate(self.heard) if self.heard else numpy.zeros(0, dtype=numpy.int16)

    async def hear(self, seconds=0.5, within=60):
        """Waits until somebody has spoken for so long."""
        end = asyncio.get_running_loop().time() + within
        while not sound.is_speech(self.recording(), RATE, seconds):
            assert asyncio.get_running_loop().time() < end, "nobody spoke"
            await asyncio.sleep(0.2)


def spoken(speech, text):
    samples, rate = sound.read_wav(speech(text, silence=0.5))
    return sound.resampled(samples, rate, RATE)


def test_a_question_is_understood_and_its_answer_heard(server, speech):
    host = server(
        config() + 'profiles: { default: { greeting: "" } }\nstorage: { database: FOLDER/records.sqlite }\n')

    async def run():
        # Sound is in real time, and what is late is lost: who has had no answer for a while asks again.
        once = spoken(speech, "what time is it")
        caller = Caller(host, numpy.tile(numpy.concatenate([once, numpy.zeros(15 * RATE, dtype=once.dtype)]), 3))
        assert (await caller.call()).status == 201
        await asyncio.wait_for(caller.connected.wait(), 30)
        await caller.hear(seconds=0.7)
        await caller.ask("DELETE", caller.location)
        await caller.connection.close()
        return await asyncio.to_thread(record, host, caller.location)

    turns = asyncio.run(run())["turns"]
    assert any("time" in turn["user"] for turn in turns), turns


def record(host, location):
    """The session's record; it is written a moment after the call's end."""
    for _ in range(100):
        answer = host.request("GET", f"/v1/records/{location.rsplit('/', 1)[1]}")
        if answer.status == 200 and answer.json.get("turns"):
            return answer.json
        time.sleep(0.1)
    raise AssertionError(f"no record: {answer.status} {answer.text}")


def test_four_callers_at_once_are_greeted(server):
    host = server(config() + 'profiles: { default: { greeting: "Welcome to the house, what can I do for you?" } }\n')

    async def one():
        caller = Caller(host)
        assert (await caller.call()).status == 201
        await caller.hear(seconds=1.0)
        await caller.connection.close()

    async def run():
        await asyncio.gather(*(one() for _ in range(4)))

    asyncio.run(run())


def test_whoever_deletes_the_session_hangs_up(server):
    host = server(config("echo"))

    async def run():
        caller = Caller(host)
        answer = await caller.call()
        await asyncio.wait_for(caller.connected.wait(), 30)
        fragment = await caller.ask(
            "PATCH", caller.location, "a=ice-ufrag:x\r\n",
            {"Content-Type": "application/trickle-ice-sdpfrag", "If-Match": answer.headers["etag"]})
        assert fragment.status == 204
        assert (await caller.ask("DELETE", caller.location)).status == 200
        await asyncio.wait_for(caller.over.wait(), 30)
        assert (await caller.ask("DELETE", caller.location)).status == 404
        await caller.connection.close()

    asyncio.run(run())


def test_an_offer_that_cannot_be_used_is_refused_with_the_reason(server):
    host = server(config("echo"))

    async def run():
        caller = Caller(host)
        refusal = await caller.call(change=lambda offer: offer.replace("opus/48000/2", "other/48000/2"))
        assert refusal.status == 400 and "opus" in refusal.text
        wrong = await caller.ask("POST", "/doors/web", "{}", {"Content-Type": "application/json"})
        assert wrong.status == 415
        assert (await caller.ask("GET", "/doors/web")).status == 405
        options = await caller.ask("OPTIONS", "/doors/web")
        assert options.status == 204 and options.headers["access-control-allow-origin"] == "*"
        await caller.connection.close()

    asyncio.run(run())


def test_without_the_token_nobody_comes_in(server):
    host = server(config("echo", 'token: "a-secret-of-many-letters"'))

    async def run(token):
        caller = Caller(host, token=token)
        answer = await caller.call()
        await caller.connection.close()
        return answer

    assert asyncio.run(run(None)).status == 401
    refusal = asyncio.run(run("another"))
    assert refusal.status == 401 and refusal.headers["www-authenticate"] == "Bearer"


def test_a_certificate_that_the_offer_did_not_name_is_refused(server):
    host = server(config("echo"))

    def forge(offer):
        lines = offer.split("\r\n")
        fake = "a=fingerprint:sha-256 " + ":".join(["AB"] * 32)
        kept = [line for line in lines if not line.startswith("a=fingerprint:sha-")]
        at = next(i for i, line in enumerate(kept) if line.startswith("a=setup"))
        return "\r\n".join(kept[:at] + [fake] + kept[at:])

    async def run():
        caller = Caller(host)
        assert (await caller.call(change=forge)).status == 201
        await asyncio.wait_for(caller.over.wait(), 15)
        assert not caller.heard
        await caller.connection.close()

    asyncio.run(run())
