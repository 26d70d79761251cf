# SPDX-License-Identifier: Apache-2.0
"""What a hostile client can make the server keep: never more than its messages may hold, twice over."""

import base64
import os
import pathlib
import select
import socket
import struct
import time

import pytest

LIMIT = 65_536
CONFIG = f"limits: {{ max_message: {LIMIT}, load: {{ cpu: 0, loop_lag: 0s }} }}\n"
KEY = b"\x37\xfa\x21\x3d"
TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10


def frame(opcode, payload=b"", last=True, length=None, masked=True):
    size = len(payload) if length is None else length
    head = bytes([(0x80 if last else 0) | opcode])
    mark = 0x80 if masked else 0
    if size < 126:
        head += bytes([mark | size])
    elif size < 65_536:
        head += bytes([mark | 126]) + struct.pack(">H", size)
    else:
        head += bytes([mark | 127]) + struct.pack(">Q", size)
    if not masked:
        return head + payload
    key = (KEY * (len(payload) // 4 + 1))[: len(payload)]
    return head + KEY + bytes(byte ^ mask for byte, mask in zip(payload, key))


class Client:
    """A WebSocket of which nothing is checked and nothing is read unless asked."""

    def __init__(self, host, query="profile=mock", extra=""):
        self.socket = socket.create_connection(("127.0.0.1", host.port), timeout=30)
        key = base64.b64encode(os.urandom(16)).decode()
        self.socket.sendall(
            f"GET /v1/talk?{query} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n{extra}\r\n".encode())
        self.bytes = b""
        while b"\r\n\r\n" not in self.bytes:
            self.bytes += self.socket.recv(4096)
        self.head, self.bytes = self.bytes.split(b"\r\n\r\n", 1)
        assert b" 101 " in self.head, self.head

    def send(self, data):
        self.socket.sendall(data)

    def frames(self):
        """What comes until the server hangs up: opcode and payload."""
        while True:
            while (one := self._parsed()) is not None:
                yield one
            try:
                more = self.socket.recv(65_536)
            except ConnectionResetError:
                return
            if not more:
                return
            self.bytes += more

    def _parsed(self):
        if len(self.bytes) < 2:
            return None
        size, start = self.bytes[1] & 0x7F, 2
        if size == 126:
            if len(self.bytes) < 4:
                return None
            size, start = struct.unpack(">H", self.bytes[2:4])[0], 4
        if len(self.bytes) < start + size:
            return None
        opcode, payload = self.bytes[0] & 0x0F, self.bytes[start : start + size]
        self.bytes = self.bytes[start + size :]
        return opcode, payload

    def close_code(self):
        codes = [struct.unpack(">H", payload[:2])[0] for opcode, payload in self.frames() if opcode == CLOSE]
        return codes[0] if codes else None

    def flood(self, data, seconds):
        """Sends as much as the server takes, and reads nothing; bytes sent."""
        self.socket.setblocking(False)
        sent, rest, end = 0, b"", time.monotonic() + seconds
        while time.monotonic() < end:
            _, writable, _ = select.select([], [self.socket], [], 0.1)
            if writable:
                rest = rest or data
                count = self.socket.send(rest)
                sent, rest = sent + count, rest[count:]
        self.socket.setblocking(True)
        return sent


def memory(host):
    """Bytes of resident memory."""
    pages = int(pathlib.Path(f"/proc/{host.process.pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def grows_less(growth, most):
    """Of the same load again and again: what an allocator takes once is nobody's message."""
    return any(growth() < most for _ in range(4))


@pytest.fixture
def host(server):
    """Warm: what a first call costs is no message's."""
    host = server(CONFIG)
    for _ in range(3):
        client = Client(host)
        client.send(frame(BINARY, b"\0" * (LIMIT - 2)) + frame(CLOSE, b"\x03\xe8"))
        assert client.close_code() == 1000
    return host


def test_what_claims_too_much_is_refused_by_its_head(host):
    for length in (LIMIT + 1, 1 << 20, 1 << 31, 1 << 40, (1 << 63) - 1, 1 << 63):
        client = Client(host)
        # The head alone: not a byte of the payload is needed.
        client.send(frame(BINARY, length=length))
        assert client.close_code() == 1009
    client = Client(host)
    client.send(frame(BINARY, b"\0" * 40_000, last=False) + frame(0, length=40_000))
    assert client.close_code() == 1009


def test_a_hundred_messages_that_never_end_take_their_bytes_and_no_more(host):
    def growth():
        clients = [Client(host) for _ in range(100)]
        idle = memory(host)
        for client in clients:
            client.send(frame(BINARY, b"\0" * (LIMIT - 1000), last=False) + frame(PING, b"here") + frame(0, length=900))
        for client in clients:
            # Then it has taken all that was sent before.
            assert next(payload for opcode, payload in client.frames() if opcode == PONG) == b"here"
        found = memory(host) - idle
        for client in clients:
            client.socket.close()
        return found

    assert grows_less(growth, 2 * 100 * LIMIT)


def test_a_million_fragments_take_no_memory(host):
    client = Client(host, "profile=echo")
    fragments = frame(0, last=False) * 10_000

    def growth():
        before = memory(host)
        client.send(frame(BINARY, b"\1\2", last=False))
        for _ in range(100):
            client.send(fragments)
        client.send(frame(0, b"\3\4"))
        audio = next(payload for opcode, payload in client.frames() if opcode == BINARY)
        assert audio == b"\1\2\3\4"
        return memory(host) - before

    assert grows_less(growth, 2 * LIMIT + (1 << 20))
    client.send(frame(CLOSE, b"\x03\xe8"))
    assert client.close_code() == 1000


def test_pings_without_end_are_answered_as_far_as_they_are_read(host):
    def growth():
        client = Client(host, "profile=echo")
        before = memory(host)
        sent = client.flood(frame(PING, b"x" * 125) * 400, seconds=3)
        assert sent > 1 << 20
        found = memory(host) - before
        # And others are served meanwhile.
        assert host.request("GET", "/healthz").status == 200
        client.socket.close()
        return found

    # What waits for this reader is bounded: the newest answer, and what the socket holds.
    assert grows_less(growth, 2 * LIMIT + (2 << 20))


def test_no_extension_is_taken(host):
    offers = "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits, x-webkit-deflate-frame\r\n"
    client = Client(host, "profile=echo", offers + offers)
    assert b"sec-websocket-extensions" not in client.head.lower()
    client.send(frame(BINARY, b"\1\2"))
    assert next(payload for opcode, payload in client.frames() if opcode == BINARY) == b"\1\2"
    # What is compressed all the same is none of the protocol.
    client.send(b"\xc2\x82" + KEY + b"\0\0")
    assert client.close_code() == 1002


def test_what_is_not_masked_is_refused(host):
    client = Client(host)
    client.send(frame(BINARY, b"\1\2", masked=False))
    assert client.close_code() == 1002
