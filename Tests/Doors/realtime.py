# SPDX-License-Identifier: Apache-2.0
"""A caller on the openai SDK: speaks in real time, remembers every event, waits for what is to come."""
import asyncio
import base64
import contextlib
import time

from openai import AsyncOpenAI

FRAME_MS = 20


class Talk:
    def __init__(self, connection):
        self.connection = connection
        self.events = []
        self.arrived = asyncio.Condition()
        self.reader = asyncio.create_task(self._read())
        self.failure = None

    async def _read(self):
        try:
            async for event in self.connection:
                event.at = time.monotonic()
                async with self.arrived:
                    self.events.append(event)
                    self.arrived.notify_all()
        except Exception as error:  # noqa: BLE001 - told to whoever waits
            self.failure = error
        async with self.arrived:
            self.failure = self.failure or EOFError("the connection is closed")
            self.arrived.notify_all()

    def types(self, since=0):
        return [event.type for event in self.events[since:]]

    async def until(self, wanted, since=0, seconds=20):
        """The first event of a type (or that a function accepts) after `since`."""
        accepts = wanted if callable(wanted) else lambda event: event.type == wanted
        place = since
        async with asyncio.timeout(seconds):
            async with self.arrived:
                while True:
                    while place < len(self.events):
                        if accepts(self.events[place]):
                            return self.events[place]
                        place += 1
                    if self.failure:
                        raise self.failure
                    await self.arrived.wait()

    async def expect(self, wanted, since=0, seconds=20):
        try:
            return await self.until(wanted, since, seconds)
        except TimeoutError:
            raise AssertionError(f"no {wanted} in {self.types(since)}") from None

    async def append(self, pcm):
        await self.connection.input_audio_buffer.append(audio=base64.b64encode(pcm).decode())

    async def speak(self, pcm, rate=24000, width=2):
        """In real time, as a microphone does."""
        step = rate * FRAME_MS // 1000 * width
        start = time.monotonic()
        for number, offset in enumerate(range(0, len(pcm), step)):
            await self.append(pcm[offset:offset + step])
            await asyncio.sleep(max(0, start + (number + 1) * FRAME_MS / 1000 - time.monotonic()))

    @contextlib.asynccontextmanager
    async def silence(self, rate=24000, width=2, byte=b"\0"):
        """A microphone that nobody speaks into, as long as the block lasts."""
        async def hum():
            while True:
                await self.speak(byte * (rate // 5 * width), rate, width)

        task = asyncio.create_task(hum())
        try:
            yield
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    def audio(self, item=None):
        return b"".join(
            base64.b64decode(event.delta) for event in self.events
            if event.type == "response.output_audio.delta" and item in (None, event.item_id))

    def transcript(self, since=0):
        return "".join(
            event.delta for event in self.events[since:] if event.type == "response.output_audio_transcript.delta")


@contextlib.asynccontextmanager
async def talk(server, model="default", key="any", **session):
    client = AsyncOpenAI(base_url=f"{server.http}/v1", api_key=key)
    async with client.realtime.connect(model=model) as connection:
        call = Talk(connection)
        await call.expect("session.created")
        if session:
            await connection.session.update(session={"type": "realtime", **session})
            await call.expect("session.updated")
        try:
            yield call
        finally:
            call.reader.cancel()
    await client.close()


async def say(call, text):
    """A typed turn."""
    since = len(call.events)
    await call.connection.conversation.item.create(
        item={"type": "message", "role": "user", "content": [{"type": "input_text", "text": text}]})
    await call.connection.response.create()
    return since
