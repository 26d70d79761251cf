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


async def create(port, connection, start):
    reader, writer = connection
    await start.wait()
    begun = time.monotonic()
    writer.write(handshake(port, profile="echo"))
    status, headers, body = await read_answer(reader)
    return status, headers, body, time.monotonic() - begun


async def storm(server):
    """All connections first, then all requests at one moment."""
    connections = []
    for first in range(0, CREATES, 200):
        batch = min(200, CREATES - first)
        connections += await asyncio.gather(*(connect(server.port) for _ in range(batch)))
    start = asyncio.Event()
    tasks = [asyncio.create_task(create(server.port, c, start)) for c in connections]
    await asyncio.sleep(0)
    start.set()
    return connections, await asyncio.gather(*tasks)


async def run(folder, checks):
    server = Server(folder, CONFIG).start()
    try:
        connections, answers = await storm(server)
        with checks.check(f"{CREATES} creates at once against {PLACES} places: exactly {PLACES} get in"):
            same(sum(a[0] == 101 for a in answers), PLACES, "sessions")
            same(server.total("syrinx_sessions_active"), PLACES, "active sessions by the metrics")
        with checks.check("all others get 503 session.limit_exceeded with Retry-After") as notes:
            refused = [a for a in answers if a[0] != 101]
            same({(a[0], int(a[1].get("retry-after", 0)) >= 1, b"session.limit_exceeded" in a[2]) for a in refused},
                 {(503, True, True)}, "refusals")
            times = [a[3] * 1000 for a in refused]
            notes.append(f"all at one moment: p50 {percentile(times, 0.5):.0f} ms, p99 {percentile(times, 0.99):.0f} ms")
        with checks.check("a full server refuses quickly what comes one after another") as notes:
            times = []
            for _ in range(REFUSALS_PACED):
                connection = await connect(server.port)
                ready = asyncio.Event()
                ready.set()
                status, _, _, took = await create(server.port, connection, ready)
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
