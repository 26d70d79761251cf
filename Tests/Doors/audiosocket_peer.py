# SPDX-License-Identifier: Apache-2.0
"""Asterisk, as far as its AudioSocket goes: the dialplan announces a call at the door, the application connects with the
ticket, sends the caller's audio in real time, and plays what comes as it comes.

    async with PBXCall(host, "/doors/pbx", {"token": TOKEN}) as call:
        await call.say(samples)
        ... call.sound(), call.closed ...
"""

import asyncio
import struct
import urllib.parse
import uuid

import numpy

RATE, FRAME = 8000, 320
END, NAME, KEY, AUDIO = 0x00, 0x01, 0x03, 0x10


def announce(host, path, fields):
    """What the dialplan's CURL() gets."""
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    return host.request("POST", path, urllib.parse.urlencode(fields), headers)


def packet(kind, payload=b""):
    return struct.pack(">BH", kind, len(payload)) + payload


class PBXCall:
    def __init__(self, host, path, fields):
        self.host, self.path, self.fields = host, path, fields
        self.outgoing = bytearray()
        self.heard = bytearray()
        self.closed = asyncio.Event()
        self.kinds = []
        self.location = None
        self.heard_at = 0

    async def __aenter__(self):
        answer = await asyncio.to_thread(announce, self.host, self.path, self.fields)
        assert answer.status == 200, answer.text
        self.location = answer.headers["location"]
        port = int(answer.headers["x-audiosocket-port"])
        self.reader, self.writer = await asyncio.open_connection("127.0.0.1", port)
        self.writer.write(packet(NAME, uuid.UUID(answer.text).bytes))
        self.tasks = [asyncio.create_task(self.send()), asyncio.create_task(self.receive())]
        return self

    async def __aexit__(self, *_):
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)
        self.writer.close()

    async def send(self):
        loop = asyncio.get_running_loop()
        began = loop.time()
        for tick in range(10**6):
            await asyncio.sleep(max(0, began + tick * 0.02 - loop.time()))
            frame = bytes(self.outgoing[:FRAME]).ljust(FRAME, b"\0")
            del self.outgoing[:FRAME]
            self.writer.write(packet(AUDIO, frame))

    async def receive(self):
        try:
            while True:
                kind, length = struct.unpack(">BH", await self.reader.readexactly(3))
                payload = await self.reader.readexactly(length)
                self.kinds.append(kind)
                if kind == AUDIO:
                    self.heard += payload
                    if numpy.abs(numpy.frombuffer(payload, dtype="<i2").astype(int)).max(initial=0) > 300:
                        self.heard_at = asyncio.get_running_loop().time()
                if kind == END:
                    break
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        self.closed.set()

    async def say(self, samples):
        self.outgoing += numpy.asarray(samples, dtype="<i2").tobytes()
        while self.outgoing and not self.closed.is_set():
            await asyncio.sleep(0.02)

    def press(self, keys):
        for key in keys:
            self.writer.write(packet(KEY, key.encode()))

    def hang_up(self):
        self.writer.write(packet(END))

    def sound(self):
        return numpy.frombuffer(bytes(self.heard), dtype="<i2")

    def is_quiet(self, seconds):
        """Whether nothing came for so long: silence is not sent."""
        return asyncio.get_running_loop().time() - self.heard_at > seconds

    async def until(self, wanted, seconds=40):
        async with asyncio.timeout(seconds):
            while not wanted():
                await asyncio.sleep(0.02)
