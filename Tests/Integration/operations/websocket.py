# SPDX-License-Identifier: Apache-2.0
"""A caller: one WebSocket on /v1/talk (RFC 6455), and what came over it."""

import asyncio
import base64
import json
import os
import struct
import time
import urllib.parse

TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10


class Refused(Exception):
    """The server's answer when it was not 101."""

    def __init__(self, status, headers, body):
        super().__init__(f"{status} {body[:300]!r}")
        self.status = status
        self.headers = headers
        self.body = body
        try:
            self.problem = json.loads(body)
        except ValueError:
            self.problem = {}

    @property
    def code(self):
        return self.problem.get("code")


def handshake(port, path="/v1/talk", key=None, headers=None, **query):
    target = path + ("?" + urllib.parse.urlencode(query) if query else "")
    lines = [f"GET {target} HTTP/1.1", f"Host: 127.0.0.1:{port}", "Connection: Upgrade", "Upgrade: websocket",
             "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: " + base64.b64encode(os.urandom(16)).decode()]
    if key:
        lines.append(f"Authorization: Bearer {key}")
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


async def read_answer(reader):
    """Status, headers in lower case, body of one HTTP answer."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
    headers = {}
    for line in head[1:]:
        if ":" in line:
            name, value = line.split(":", 1)
            headers[name.lower()] = value.strip()
    body = await reader.readexactly(int(headers.get("content-length", 0)))
    return int(head[0].split()[1]), headers, body


class Call:
    def __init__(self, reader, writer):
        self.reader = reader
        self.writer = writer
        self.events = []
        self.audio = bytearray()
        self.audio_messages = 0
        self.close_code = None
        self.ended_at = None
        self.changed = asyncio.Event()
        self.task = asyncio.create_task(self._read())

    @classmethod
    async def open(cls, port, path="/v1/talk", key=None, headers=None, **query):
        """Throws Refused when the server does not want the call."""
        reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1 << 22)
        writer.write(handshake(port, path, key, headers, **query))
        status, answer, body = await read_answer(reader)
        if status != 101:
            writer.close()
            raise Refused(status, answer, body)
        call = cls(reader, writer)
        await call.event("session.started")
        return call

    @property
    def session(self):
        return self.events[0]["session"]

    @property
    def reason(self):
        return next((e["reason"] for e in self.events if e["type"] == "session.closed"), None)

    def of(self, kind):
        return [e for e in self.events if e["type"] == kind]

    async def event(self, kind, count=1, timeout=60):
        """The count-th event of a type, waited for."""
        end = time.monotonic() + timeout
        while len(self.of(kind)) < count:
            self.changed.clear()
            if self.task.done():
                raise AssertionError(f"the call ended without {kind}: {self.events[-3:]}")
            left = end - time.monotonic()
            if left <= 0:
                raise AssertionError(f"no {kind} within {timeout} s: {self.events[-3:]}")
            try:
                await asyncio.wait_for(self.changed.wait(), left)
            except asyncio.TimeoutError:
                pass
        return self.of(kind)[count - 1]

    async def send(self, **message):
        self._frame(TEXT, json.dumps(message).encode())
        await self.writer.drain()

    async def send_audio(self, samples):
        self._frame(BINARY, samples)
        await self.writer.drain()

    async def close(self, timeout=60):
        """Hangs up, and waits until the server has said so."""
        if not self.task.done():
            await self.send(type="close")
        await self.gone(timeout)

    async def gone(self, timeout=60):
        await asyncio.wait_for(asyncio.shield(self.task), timeout)
        self.writer.close()

    def drop(self):
        """The connection breaks: no word of farewell."""
        self.task.cancel()
        self.writer.transport.abort()

    def _frame(self, opcode, payload):
        length = len(payload)
        head = bytes([0x80 | opcode])
        if length < 126:
            head += bytes([0x80 | length])
        elif length < 65536:
            head += bytes([0xFE]) + struct.pack(">H", length)
        else:
            head += bytes([0xFF]) + struct.pack(">Q", length)
        # The mask 0 is a mask, and leaves the payload as it is.
        self.writer.write(head + b"\0\0\0\0" + payload)

    async def _read(self):
        try:
            while True:
                first, second = await self.reader.readexactly(2)
                length = second & 0x7F
                if length == 126:
                    length, = struct.unpack(">H", await self.reader.readexactly(2))
                elif length == 127:
                    length, = struct.unpack(">Q", await self.reader.readexactly(8))
                payload = await self.reader.readexactly(length)
                self._take(first & 0x0F, payload)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            self.ended_at = time.monotonic()
            self.changed.set()

    def _take(self, opcode, payload):
        if opcode == TEXT:
            self.events.append(json.loads(payload))
            self.changed.set()
        elif opcode == BINARY:
            self.audio += payload
            self.audio_messages += 1
        elif opcode == PING:
            self._frame(PONG, payload)
        elif opcode == CLOSE:
            self.close_code = struct.unpack(">H", payload[:2])[0] if len(payload) >= 2 else 1005
            self._frame(CLOSE, payload[:2])
