# SPDX-License-Identifier: Apache-2.0
"""kill -9 while people talk: afterwards each session has one record, and its recording can be read."""

import asyncio
import glob
import os
import sqlite3
import wave

from checks import same, within
from product import CALM, Server
from websocket import Call

CALLS = 8
SECONDS = 3
# What a recording may lose of its end: RecordingWriter says why.
LOST = 1.5

CONFIG = f"""listen: 127.0.0.1:PORT
listeners: {{ admin_http: 127.0.0.1:ADMIN }}
limits: {{ max_sessions: 100, {CALM} }}
tenants:
  t: {{ records: {{ recordings: true }} }}
storage: {{ database: FOLDER/records.db, recordings: FOLDER/recordings }}
"""


async def talk(call):
    for _ in range(SECONDS * 10):
        await call.send_audio(bytes(3200))
        await asyncio.sleep(0.1)


async def run(folder, checks):
    server = Server(folder, CONFIG).start()
    try:
        ended = await Call.open(server.port, profile="mock")
        await ended.send(type="text", text="hello")
        await ended.event("turn.ended")
        await ended.close()
        calls = await asyncio.gather(*(Call.open(server.port, profile="mock") for _ in range(CALLS)))
        for call in calls[:4]:
            await call.send(type="text", text="hello")
        await asyncio.gather(*(talk(call) for call in calls))
        # Turns are written in groups, ten a second: those that were told of are there before the kill.
        await asyncio.gather(*(call.event("turn.ended") for call in calls[:4]))
        await asyncio.sleep(1)
        server.kill()
        await asyncio.gather(*(call.gone() for call in calls))
        server.start()
        lost = {call.session for call in calls}
        with checks.check(f"after kill -9 with {CALLS} live calls each has one record, closed as host_crashed"):
            def records():
                return server.get("/v1/records?limit=100").json["records"]
            within(60, lambda: all(r["state"] == "closed" for r in records()), "the closing")
            found = records()
            same(sorted(r["id"] for r in found), sorted(lost | {ended.session}), "records")
            same({r["reason"] for r in found if r["id"] in lost}, {"host_crashed"}, "reasons")
            same([r["reason"] for r in found if r["id"] == ended.session], ["client_closed"])
        with checks.check("no session stands in the database twice, and finished turns are there once"):
            with sqlite3.connect(f"file:{folder}/records.db?mode=ro", uri=True) as database:
                ids = [row[0] for row in database.execute("SELECT id FROM session")]
                turns = list(database.execute("SELECT session, number FROM turn"))
                same(len(ids), len(set(ids)))
                same(len(turns), len(set(turns)))
                same(database.execute("PRAGMA integrity_check").fetchone()[0], "ok")
            same(len(server.get(f"/v1/records/{calls[0].session}").json["turns"]), len(calls[0].of("turn.ended")))
        with checks.check("the recordings of the lost calls can be read") as notes:
            files = glob.glob(f"{folder}/recordings/**/*.wav", recursive=True)
            same(sorted(os.path.basename(f)[:-4] for f in files), sorted(lost | {ended.session}), "recordings")
            lengths = []
            for file in files:
                with wave.open(file) as sound:
                    same((sound.getnchannels(), sound.getsampwidth(), sound.getframerate()), (2, 2, 16000))
                    frames = sound.getnframes()
                    same(len(sound.readframes(frames)), frames * 4, "bytes")
                    if os.path.basename(file)[:-4] in lost:
                        lengths.append(frames / 16000)
            notes.append(f"{min(lengths):.2f} to {max(lengths):.2f} s of {SECONDS} s")
            assert min(lengths) >= SECONDS - LOST - 0.5, lengths
        with checks.check("the next call is recorded as ever, and the server ends with 0"):
            call = await Call.open(server.port, profile="mock")
            await call.close()
            within(60, lambda: server.get(f"/v1/records/{call.session}").json.get("reason") == "client_closed")
            same(server.stop(), 0, "exit code")
    finally:
        server.kill()
