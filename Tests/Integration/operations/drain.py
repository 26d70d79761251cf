# SPDX-License-Identifier: Apache-2.0
"""SIGTERM while people talk: nobody is cut, and it has an end."""

import asyncio
import os
import random
import signal
import struct
import threading
import time

from checks import LONG, same, within
from product import CALM, Server, request
from websocket import Call, Refused

CALLS = 500 if LONG else 100
# Seconds; nobody may have left before all has been asked.
LASTS = (8, 14) if LONG else (2, 5)
READY_WITHIN = 0.1
HANG = 30

CONFIG = """listen: 127.0.0.1:PORT
listeners: {{ admin_http: 127.0.0.1:ADMIN }}
limits: {{ max_sessions: 2000, {calm} }}
drain: {{ deadline: {deadline}, goodbye: "{goodbye}" }}
storage: {{ database: FOLDER/records.db }}
"""


def config(deadline, goodbye=""):
    return CONFIG.format(calm=CALM, deadline=deadline, goodbye=goodbye)


class ReadyWatch(threading.Thread):
    """Asks /readyz without a pause, each time on a new connection, and keeps when it said what."""

    def __init__(self, port):
        super().__init__(daemon=True)
        self.port = port
        self.first_refusal = None
        self.is_over = False

    def run(self):
        while not self.is_over and self.first_refusal is None:
            try:
                if request(self.port, "GET", "/readyz", timeout=5).status == 503:
                    self.first_refusal = time.monotonic()
            except OSError:
                return
            time.sleep(0.002)


async def talk(call, seconds, counts):
    """Numbered messages, four a second, each of which must come back; then the caller hangs up."""
    end = time.monotonic() + seconds
    sent = 0
    while time.monotonic() < end:
        await call.send_audio(struct.pack("<I", sent) + bytes(636))
        sent += 1
        await asyncio.sleep(0.25)
    deadline = time.monotonic() + 10
    while call.audio_messages < sent and time.monotonic() < deadline and not call.task.done():
        await asyncio.sleep(0.02)
    await call.close()
    numbers = [struct.unpack_from("<I", call.audio, i * 640)[0] for i in range(len(call.audio) // 640)]
    counts.append((sent, numbers == list(range(sent)), call.reason, call.close_code))


async def one_drain(folder, counts):
    """Exit code, milliseconds to 503, refusals of new calls, time from the last call's end to the process's."""
    server = Server(folder, config("5m")).start()
    try:
        calls = []
        while len(calls) < CALLS:
            calls += await asyncio.gather(*(Call.open(server.port, profile="echo") for _ in range(50)))
        generator = random.Random(4)
        talks = [asyncio.create_task(talk(call, generator.uniform(*LASTS), counts)) for call in calls]
        await asyncio.sleep(0.5)
        watch = ReadyWatch(server.port)
        watch.start()
        await asyncio.sleep(0.1)
        told = time.monotonic()
        server.signal()
        while watch.first_refusal is None and watch.is_alive():
            await asyncio.sleep(0.01)
        refusals = []
        for _ in range(5):
            try:
                await Call.open(server.port, profile="echo")
                refusals.append(101)
            except Refused as refusal:
                refusals.append((refusal.status, refusal.code, "retry-after" in refusal.headers))
        await asyncio.gather(*talks)
        last = max(call.ended_at for call in calls)
        code = await asyncio.to_thread(server.wait, 30)
        return code, (watch.first_refusal - told), refusals, time.monotonic() - last
    finally:
        server.kill()


async def nobody_is_cut(folder, checks):
    counts, measured, result = [], [], None
    for attempt in range(3):
        counts.clear()
        result = await one_drain(os.path.join(folder, f"d{attempt}"), counts)
        measured.append(result[1])
        if result[1] <= READY_WITHIN:
            break
    code, _, refusals, rest = result
    with checks.check(f"SIGTERM during {CALLS} live calls: none is cut, no message lost") as notes:
        same(len(counts), CALLS, "calls")
        same([c for c in counts if c[1:] != (True, "client_closed", 1000)], [], "calls that were cut")
        notes.append(f"{sum(c[0] for c in counts)} messages came back")
    with checks.check("/readyz is 503 at once (aim: 100 ms)") as notes:
        notes.append(", ".join(f"{m * 1000:.1f} ms" for m in measured))
        # A hang, not a speed: that is what the notes are for.
        assert min(measured) <= HANG
    with checks.check("new calls are refused with 503 meanwhile"):
        same(refusals, [(503, "session.draining", True)] * 5, "refusals")
    with checks.check("exit code 0 after the last call") as notes:
        same(code, 0, "exit code")
        notes.append(f"{rest * 1000:.0f} ms after it")
        assert rest < HANG


async def the_deadline(folder, checks):
    # All of a farewell's five seconds: somebody's voice may begin late.
    server = Server(os.path.join(folder, "deadline"), config("5s", "We have to close now. Goodbye.")).start()
    try:
        calls = await asyncio.gather(*(Call.open(server.port, profile="mock") for _ in range(5)))
        calls.append(await Call.open(server.port, profile="default"))
        told = time.monotonic()
        server.signal()
        code = await asyncio.to_thread(server.wait, 60)
        took = time.monotonic() - told
        await asyncio.gather(*(call.gone(HANG) for call in calls))
        with checks.check("the deadline of a drain: callers hear the goodbye, and are closed as drained") as notes:
            for call in calls:
                same((call.reason, call.close_code), ("drained", 1001))
                said = [e.get("heard", "") for e in call.of("speech.finished")]
                assert call.of("speech.started") and any("have to close now" in s for s in said), call.events[-6:]
                assert call.audio_messages > 0
            notes.append(f"ended {took:.1f} s after SIGTERM")
        with checks.check("then the exit code is 3"):
            same(code, 3, "exit code")
    finally:
        server.kill()


async def the_second_signal(folder, checks):
    server = Server(os.path.join(folder, "second"), config("5m", "This would take a while to say.")).start()
    try:
        calls = await asyncio.gather(*(Call.open(server.port, profile="mock") for _ in range(5)))
        server.signal()
        # Signals that nobody has taken yet are one.
        await asyncio.to_thread(within, 30, lambda: server.get("/readyz").status == 503, "the drain")
        with checks.check("a second SIGTERM cuts at once, exit code 3") as notes:
            same([c.reason for c in calls], [None] * 5, "reasons before")
            told = time.monotonic()
            server.signal()
            code = await asyncio.to_thread(server.wait, 30)
            took = time.monotonic() - told
            await asyncio.gather(*(call.gone(HANG) for call in calls))
            notes.append(f"{took * 1000:.0f} ms")
            same(code, 3, "exit code")
            same([c.reason for c in calls], ["drained"] * 5, "reasons")
            assert took < HANG
    finally:
        server.kill()


async def run(folder, checks):
    await nobody_is_cut(folder, checks)
    await the_deadline(folder, checks)
    await the_second_signal(folder, checks)
