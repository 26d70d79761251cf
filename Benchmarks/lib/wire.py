# SPDX-License-Identifier: Apache-2.0
"""A WebSocket client with nothing but the standard library, cheap enough for hundreds of callers in one process."""
import asyncio
import base64
import os
import struct

TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10


class Refused(Exception):
    """The server did not take the WebSocket."""


def frame(opcode, payload):
    """A client's frame. Its mask is zero, so that what many callers say can be made once."""
    head = bytes([0x80 | opcode])
    size = len(payload)
    if size < 126:
        head += bytes([0x80 | size])
    elif size < 65536:
        head += struct.pack("!BH", 0x80 | 126, size)
    else:
        head += struct.pack("!BQ", 0x80 | 127, size)
    return head + bytes(4) + payload


class WebSocket(asyncio.Protocol):
    """`on_message(opcode, payload)` is called for each whole message; `closed` is set at the end."""

    def __init__(self, on_message):
        self.on_message = on_message
        self.buffer = bytearray()
        self.parts = []
        self.transport = None
        self.opened = asyncio.get_running_loop().create_future()
        self.closed = asyncio.Event()

    @classmethod
    async def connect(cls, port, path, on_message, headers=None):
        _, self = await asyncio.get_running_loop().create_connection(lambda: cls(on_message), "127.0.0.1", port)
        lines = [f"GET {path} HTTP/1.1", f"Host: 127.0.0.1:{port}", "Connection: Upgrade", "Upgrade: websocket",
                 "Sec-WebSocket-Version: 13", f"Sec-WebSocket-Key: {base64.b64encode(os.urandom(16)).decode()}"]
        lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
        self.transport.write(("\r\n".join(lines) + "\r\n\r\n").encode())
        async with asyncio.timeout(20):
            await self.opened
        return self

    def send(self, opcode, payload):
        self.write(frame(opcode, payload.encode() if isinstance(payload, str) else payload))

    def write(self, ready):
        """A frame made by `frame`."""
        if not self.closed.is_set():
            self.transport.write(ready)

    def close(self):
        self.send(CLOSE, struct.pack("!H", 1000))
        self.transport.close()

    # MARK: asyncio.Protocol

    def connection_made(self, transport):
        self.transport = transport

    def connection_lost(self, error):
        self.closed.set()
        if not self.opened.done():
            self.opened.set_exception(Refused("the connection ended before it was a WebSocket"))

    def data_received(self, data):
        self.buffer += data
        if not self.opened.done() and not self.accept():
            return
        while self.take():
            pass

    def accept(self):
        end = self.buffer.find(b"\r\n\r\n")
        if end < 0:
            return False
        head = bytes(self.buffer[:end])
        del self.buffer[:end + 4]
        if head.startswith(b"HTTP/1.1 101"):
            self.opened.set_result(None)
            return True
        self.opened.set_exception(Refused(head.split(b"\r\n")[0].decode(errors="replace")))
        self.transport.close()
        return False

    def take(self):
        """One frame out of the buffer."""
        buffer = self.buffer
        if len(buffer) < 2:
            return False
        size, at = buffer[1] & 127, 2
        if size >= 126:
            wide = 2 if size == 126 else 8
            if len(buffer) < 2 + wide:
                return False
            size, at = int.from_bytes(buffer[2:2 + wide]), 2 + wide
        if len(buffer) < at + size:
            return False
        first, payload = buffer[0], bytes(buffer[at:at + size])
        del buffer[:at + size]
        self.deliver(first & 15, bool(first & 128), payload)
        return True

    def deliver(self, opcode, is_last, payload):
        if opcode == PING:
            self.send(PONG, payload)
        elif opcode == CLOSE:
            self.transport.close()
        elif opcode in (0, TEXT, BINARY):
            self.parts.append((opcode, payload))
            if is_last:
                parts, self.parts = self.parts, []
                self.on_message(parts[0][0], b"".join(part for _, part in parts))
