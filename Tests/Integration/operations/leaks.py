# SPDX-License-Identifier: Apache-2.0
"""Calls that come and go leave nothing behind in the process."""

import asyncio

from checks import LONG, same
from product import CALM, Server
from websocket import Call

CYCLES = 2_000 if LONG else 400
WARM_UP = 200 if LONG else 100
AT_ONCE = 8
MOST_GROWTH = 8 << 20
ROUNDS = 4

CONFIG = f"""listen: 127.0.0.1:PORT
listeners: {{ admin_http: 127.0.0.1:ADMIN }}
limits: {{ max_sessions: 100, {CALM} }}
plugins: {{ watch: false }}
tenants:
  t: {{ records: {{ recordings: true }} }}
storage: {{ database: FOLDER/records.db, recordings: FOLDER/recordings }}
"""


async def cycle(port, number):
    call = await Call.open(port, profile="mock" if number % 2 else "echo")
    await call.send_audio(bytes(640))
    await call.close()
    assert call.reason == "client_closed", call.events


async def cycles(port, count):
    for first in range(0, count, AT_ONCE):
        await asyncio.gather(*(cycle(port, n) for n in range(first, min(first + AT_ONCE, count))))


async def settled(server, wanted=None):
    """What the process holds once nothing changes any more, or once it is as wanted."""
    last = None
    for _ in range(60):
        await asyncio.sleep(0.25)
        now = server.usage()
        counts = {k: now[k] for k in ("fds", "threads", "children")}
        if counts == wanted or (wanted is None and counts == last):
            return now
        last = counts
    return server.usage()


async def run(folder, checks):
    server = Server(folder, CONFIG).start()
    try:
        await cycles(server.port, WARM_UP)
        base = await settled(server)
        wanted = {k: base[k] for k in ("fds", "threads", "children")}
        await cycles(server.port, CYCLES)
        after = await settled(server, wanted)
        count, before = CYCLES, base
        # What a thread's arena takes once is no leak: that grows each time.
        for _ in range(ROUNDS - 1):
            if after["resident"] - before["resident"] <= MOST_GROWTH:
                break
            before = after
            await cycles(server.port, CYCLES)
            after = await settled(server, wanted)
            count += CYCLES
        with checks.check(f"{count} calls later: descriptors, threads and children are back") as notes:
            notes.append(f"{after['fds']} fds, {after['threads']} threads, {after['children']} children")
            # A pool of workers may have grown up to its limit meanwhile; what grows with the calls is a leak.
            for name in wanted:
                assert after[name] <= wanted[name] + 2, f"{name}: {wanted[name]} before, {after[name]} after"
        with checks.check("resident memory has not grown with them") as notes:
            growth = after["resident"] - before["resident"]
            notes.append(f"{growth / 1024:+.0f} KiB, {growth / CYCLES:+.0f} bytes a call")
            assert growth <= MOST_GROWTH, growth
        with checks.check("each of them has its record"):
            same(server.total("syrinx_sessions_started_total"), count + WARM_UP, "started")
            same(server.total("syrinx_records_dropped_total"), 0, "dropped")
        same(server.stop(), 0, "exit code")
    finally:
        server.kill()
