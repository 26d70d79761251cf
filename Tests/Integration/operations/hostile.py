# SPDX-License-Identifier: Apache-2.0
"""HTTP as an attacker sends it: each limit at n and n + 1, while a good call goes on."""

import asyncio
import os
import socket
import struct
import time

from checks import LONG, same, within
from product import CALM, Server, request
from websocket import Call

TOKEN_BODY = 65_536  # limits.body below
CONNECTIONS = 40
# UpgradeGate: a first head has ten seconds, a request thirty from its head to its end.
HEAD_TIMEOUT = 10
REQUEST_TIMEOUT = 30

CONFIG = f"""listen: 127.0.0.1:PORT
listeners: {{ admin_http: 127.0.0.1:ADMIN }}
limits: {{ max_sessions: 100, connections: {CONNECTIONS}, body: 64KiB, {CALM} }}
storage: {{ database: FOLDER/records.db }}
"""


class GoodCall:
    """Numbered messages every 20 ms, each of which must come back in time."""

    def __init__(self, call):
        self.call = call
        self.sent = 0
        self.is_over = False
        self.task = asyncio.create_task(self._talk())

    async def _talk(self):
        while not self.is_over:
            await self.call.send_audio(struct.pack("<I", self.sent) + bytes(636))
            self.sent += 1
            await asyncio.sleep(0.02)

    async def finish(self):
        self.is_over = True
        await self.task
        end = time.monotonic() + 5
        while self.call.audio_messages < self.sent and time.monotonic() < end:
            await asyncio.sleep(0.02)
        numbers = [struct.unpack_from("<I", self.call.audio, i * 640)[0] for i in range(len(self.call.audio) // 640)]
        same(numbers, list(range(self.sent)), "messages")
        await self.call.close()
        same(self.call.reason, "client_closed")
        return self.sent


def raw(port, data, timeout=30):
    """What comes back for these bytes until the server closes, or stops talking for a while."""
    with socket.create_connection(("127.0.0.1", port), timeout=timeout) as connection:
        answer = b""
        try:
            connection.sendall(data)
            while part := connection.recv(65536):
                answer += part
                if b"\r\n\r\n" in answer:
                    connection.settimeout(0.3)
        except OSError:
            pass
        return answer


def status_of(answer):
    """The status, or 0 when the connection was closed without a word."""
    return int(answer.split()[1]) if answer.startswith(b"HTTP/1.1 ") else 0


def json_body(size):
    return b'{"profile":"echo"' + b" " * (size - 18) + b"}"


def attacks(checks, server):
    port = server.port

    with checks.check(f"a body of {TOKEN_BODY} bytes is taken, one more is 413"):
        same(request(port, "POST", "/v1/tokens", body=json_body(TOKEN_BODY)).status, 201)
        answer = request(port, "POST", "/v1/tokens", body=json_body(TOKEN_BODY + 1))
        same((answer.status, answer.json["code"]), (413, "request.body_too_large"))
    with checks.check("an endless body is not waited for"):
        head = b"POST /v1/tokens HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\n"
        answer = raw(port, head + (b"10000\r\n" + b" " * 65536 + b"\r\n") * 40)
        assert status_of(answer) in (413, 0), answer[:200]
        same(request(port, "GET", "/livez").status, 200)
    with checks.check("JSON of 15,000 levels is refused, not followed") as notes:
        answer = request(port, "POST", "/v1/tokens", body=b"[" * 15_000)
        notes.append(str(answer.json.get("code")))
        same(answer.status // 100, 4, "status / 100")
        answer = request(port, "POST", "/v1/tokens", body=b'{"a":' * 2_500 + b"1" + b"}" * 2_500)
        same(answer.status // 100, 4, "status / 100")
    with checks.check("no JSON, and the wrong JSON, are 400 with their places"):
        for body in [b"{", b"nul", b"\xff\xfe", b"[]", b'{"profile":3}', b'{"who":"?"}']:
            same(request(port, "POST", "/v1/tokens", body=body).status, 400, repr(body))
    with checks.check("200 header fields and a header of 64 KiB: an answer that is no fault of ours, or none") as notes:
        many = "".join(f"X-{n}: {n}\r\n" for n in range(200))
        found = []
        for fields in [many, "X-Long: " + "a" * (1 << 16) + "\r\n", "X-Huge: " + "a" * (1 << 20) + "\r\n", many * 50]:
            for path in ["/livez", "/v1/talk"]:
                answer = raw(port, f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{fields}Connection: close\r\n\r\n".encode())
                found.append(status_of(answer))
        notes.append(" ".join(map(str, found)))
        assert all(status < 500 for status in found), found
        # The huge ones must have been stopped.
        assert all(status != 200 for status in found[4:6]), found
    with checks.check("what is no HTTP gets 400 or nothing, never more") as notes:
        found = []
        for data in [b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + os.urandom(200), b"GET\r\n\r\n", b"\0" * 4096,
                     b"GET /livez HTTP/9.9\r\n\r\n", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
                     b"GET /livez HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
                     b"GET /livez HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                     b"GET " + b"/a" * 50_000 + b" HTTP/1.1\r\nHost: a\r\n\r\n"]:
            found.append(status_of(raw(port, data)))
        notes.append(" ".join(map(str, found)))
        assert all(status < 500 for status in found), found
    with checks.check("a query of 33 parameters, twice the same, broken escapes: 400") as notes:
        handshake = ("Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
                     "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n")
        for query in ["&".join(f"p{n}=1" for n in range(33)), "profile=echo&profile=echo", "user=%zz", "rate=0",
                      "rate=99999999999999999999", "rate=-16000", "profile=" + "a" * 3000]:
            answer = raw(port, f"GET /v1/talk?{query} HTTP/1.1\r\nHost: 127.0.0.1\r\n{handshake}\r\n".encode())
            assert status_of(answer) in (400, 404), (query[:40], answer[:200])


async def dripped(port, begin):
    """Sends this, then a letter a second: the seconds until the server has had enough."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    begun = time.monotonic()
    writer.write(begin)

    async def drip():
        while True:
            await asyncio.sleep(1)
            writer.write(b"a")

    dripping = asyncio.create_task(drip())
    try:
        while await asyncio.wait_for(reader.read(4096), REQUEST_TIMEOUT + 60):
            pass
    except ConnectionError:
        pass
    finally:
        dripping.cancel()
        writer.close()
    return time.monotonic() - begun


async def slow_clients(checks, server):
    with checks.check("half a head, then a letter a second: closed when its time is over") as notes:
        took = await dripped(server.port, b"GET /livez HTTP/1.1\r\nX-Slow: ")
        notes.append(f"{took:.1f} s")
        assert HEAD_TIMEOUT - 1 < took < HEAD_TIMEOUT + 60, took
    if not LONG:
        return
    with checks.check("a body of a letter a second: likewise") as notes:
        took = await dripped(
            server.port, b"POST /v1/tokens HTTP/1.1\r\nHost: a\r\nContent-Length: 10000\r\n\r\n")
        notes.append(f"{took:.1f} s")
        assert REQUEST_TIMEOUT - 1 < took < REQUEST_TIMEOUT + 60, took


async def until(condition, what, seconds=20):
    """As `within`, while the good call goes on."""
    await asyncio.to_thread(within, seconds, condition, what)


def is_alive(port):
    try:
        return request(port, "GET", "/livez").status == 200
    except OSError:
        return False


async def connection_limit(checks, server):
    # What the attacks before it left is gone first.
    await until(lambda: server.total("syrinx_connections", listener="public") == 1, "the good call alone")
    with checks.check(f"of connections beyond {CONNECTIONS} each is closed at once, those before stay") as notes:
        # One is the good call's.
        opened = [await asyncio.open_connection("127.0.0.1", server.port) for _ in range(CONNECTIONS - 1 + 10)]

        def ended():
            return [index for index, (reader, _) in enumerate(opened) if reader.at_eof() or reader.exception()]

        await until(lambda: len(ended()) >= 10, "ten closed connections")
        # Were more closed, they would be by now.
        await asyncio.sleep(0.5)
        closed = ended()
        notes.append(f"{len(closed)} closed")
        same(len(closed), 10, "closed connections")
        writer = next(w for i, (_, w) in enumerate(opened) if i not in closed)
        reader = next(r for i, (r, _) in enumerate(opened) if i not in closed)
        writer.write(b"GET /livez HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
        assert (await asyncio.wait_for(reader.readline(), 60)).startswith(b"HTTP/1.1 200"), "one that stayed"
        for _, writer in opened:
            writer.transport.abort()
        await until(lambda: is_alive(server.port), "an answer afterwards")


async def run(folder, checks):
    server = Server(folder, CONFIG).start()
    try:
        good = GoodCall(await Call.open(server.port, profile="echo"))
        slow = asyncio.create_task(slow_clients(checks, server))
        await asyncio.to_thread(attacks, checks, server)
        await slow
        await connection_limit(checks, server)
        with checks.check("meanwhile a good call has lost nothing") as notes:
            notes.append(f"{await good.finish()} messages")
        with checks.check("and the server is as well as before"):
            same(server.get("/healthz").json["status"], "healthy")
            within(20, lambda: server.total("syrinx_sessions_active") == 0, "the end of all sessions")
            same(server.stop(), 0, "exit code")
    finally:
        server.kill()
