# SPDX-License-Identifier: Apache-2.0
"""A storm of creates against a limit: exactly as many as there are places get in."""

import asyncio
import time

from checks import LONG, percentile, same
from product import CALM, Server
from websocket import Call, Refused, handshake, read_answer

CREATES = 10_000 if LONG else 2_000
PLACES = 100
REFUSALS_PACED = 300

CONFIG = f"""listen: 127.0.0.1:PORT
listeners: {{ admin_http: 127.0.0.1:ADMIN }}
limits: {{ max_sessions: {PLACES}, connections: 30000, {CALM} }}
"""


async def connect(port):
    for attempt in range(50):
        try:
            return await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(0.02 * (attempt + 1))
    raise AssertionError("no connection")


async def create(port, connection):
    reader, writer = connection
    begun = time.monotonic()
    writer.write(handshake(port, profile="echo"))
    status, headers, body = await read_answer(reader)
    return status, headers, body, time.monotonic() - begun


async def storm(server):
    """All at once, as fast as this process can; two hundred at a time are being connected."""
    connections = []
    connecting = asyncio.Semaphore(200)

    resets = 0

    async def one():
        nonlocal resets
        while True:
            async with connecting:
                connection = await connect(server.port)
            try:
                answer = await create(server.port, connection)
                connections.append(connection)
                return answer
            except ConnectionResetError:
                # The kernel's queue of connections was full: the server has never seen this one.
                resets += 1

    answers = await asyncio.gather(*(one() for _ in range(CREATES)))
    return connections, answers, resets


async def run(folder, checks):
    server = Server(folder, CONFIG).start()
    try:
        connections, answers, resets = await storm(server)
        with checks.check(f"{CREATES} creates at once against {PLACES} places: exactly {PLACES} get in"):
            same(sum(a[0] == 101 for a in answers), PLACES, "sessions")
            same(server.total("syrinx_sessions_active"), PLACES, "active sessions by the metrics")
        with checks.check("all others get 503 session.limit_exceeded with Retry-After") as notes:
            refused = [a for a in answers if a[0] != 101]
            same({(a[0], int(a[1].get("retry-after", 0)) >= 1, b"session.limit_exceeded" in a[2]) for a in refused},
                 {(503, True, True)}, "refusals")
            times = [a[3] * 1000 for a in refused]
            notes.append(f"{resets} connections again")
            notes.append(f"all at once: p50 {percentile(times, 0.5):.0f} ms, p99 {percentile(times, 0.99):.0f} ms")
        with checks.check("a full server refuses quickly what comes one after another") as notes:
            times = []
            for _ in range(REFUSALS_PACED):
                connection = await connect(server.port)
                status, _, _, took = await create(server.port, connection)
                same(status, 503, "status")
                times.append(took * 1000)
                connection[1].close()
                await asyncio.sleep(0.003)
            notes.append(f"p50 {percentile(times, 0.5):.1f} ms, p99 {percentile(times, 0.99):.1f} ms")
        with checks.check("places that become free are given again, no more of them"):
            for _, writer in connections:
                writer.transport.abort()
            end = time.monotonic() + 20
            while server.total("syrinx_sessions_active") and time.monotonic() < end:
                await asyncio.sleep(0.1)
            calls = await asyncio.gather(*(Call.open(server.port, profile="echo") for _ in range(PLACES)))
            try:
                await Call.open(server.port, profile="echo")
                raise AssertionError("one too many")
            except Refused as refusal:
                same(refusal.code, "session.limit_exceeded")
            await asyncio.gather(*(call.close() for call in calls))
        same(server.stop(), 0, "exit code")
    finally:
        server.kill()
