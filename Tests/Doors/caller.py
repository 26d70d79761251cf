# SPDX-License-Identifier: Apache-2.0
"""A caller of /v1/talk who speaks, listens and waits for events."""

import asyncio
import json
import time

import numpy
import websockets

import sound

RATE = 16000


class Caller:
    """A client of /v1/talk: a microphone that never stops, and all that came back."""

    def __init__(self, talk):
        self.talk = talk
        self.events = []
        self.audio = bytearray()
        self.waiting = []
        self.arrived = asyncio.Condition()

    async def speak_all(self):
        frame = bytes(RATE // 50 * 2)
        due = time.monotonic()
        try:
            while True:
                await self.talk.send(self.waiting.pop(0) if self.waiting else frame)
                due += 0.02
                await asyncio.sleep(max(0, due - time.monotonic()))
        except websockets.ConnectionClosed:
            pass

    async def hear_all(self):
        try:
            async for message in self.talk:
                async with self.arrived:
                    if isinstance(message, bytes):
                        self.audio += message
                    else:
                        self.events.append(json.loads(message))
                    self.arrived.notify_all()
        except websockets.ConnectionClosed:
            pass

    def say(self, wav):
        samples, rate = sound.read_wav(wav)
        assert rate == RATE
        self.waiting += [frame.tobytes() for frame in sound.frames(samples, rate)]

    async def send(self, **message):
        await self.talk.send(json.dumps(message))

    async def until(self, name, count=1):
        """The event of this type that comes as the `count`th."""
        async with asyncio.timeout(40):
            async with self.arrived:
                while len(self.of(name)) < count:
                    await self.arrived.wait()
        return self.of(name)[count - 1]

    async def until_audio(self, seconds):
        """So much more audio has come."""
        enough = len(self.audio) + int(seconds * RATE) * 2
        async with asyncio.timeout(40):
            async with self.arrived:
                while len(self.audio) < enough:
                    await self.arrived.wait()

    def of(self, name):
        return [event for event in self.events if event["type"] == name]

    def samples(self):
        return numpy.frombuffer(bytes(self.audio), dtype="<i2")


def call(host, conversation, profile="bot"):
    """Runs `conversation(caller)` as one call; what went wrong is told with what was seen."""

    async def run():
        async with websockets.connect(f"{host.url}/v1/talk?profile={profile}&rate={RATE}", proxy=None) as talk:
            caller = Caller(talk)
            tasks = [asyncio.create_task(caller.speak_all()), asyncio.create_task(caller.hear_all())]
            try:
                await caller.until("session.ready")
                await conversation(caller)
            except Exception as error:
                raise AssertionError(f"{error!r}\n{caller.events}\n{host.log_text()[-2000:]}") from error
            finally:
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)

    asyncio.run(run())
