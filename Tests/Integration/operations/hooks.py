# SPDX-License-Identifier: Apache-2.0
"""Signed webhooks: to a receiver that fails twice before it takes an event, and across kill -9 of the server."""

import base64
import hashlib
import os

from checks import same, within
from product import CALM, Server, request
from sinks import Hook
from websocket import Call

CONFIG = """listen: 127.0.0.1:PORT
listeners: {{ admin_http: 127.0.0.1:ADMIN }}
limits: {{ max_sessions: 100, {calm} }}
tenants:
  t:
    records: {{ transcripts: true }}
    webhooks:
      failing: {{ url: "{failing}", secret: "${{env:HOOK_SECRET}}" }}
      ends: {{ url: "{ends}", secret: "${{env:HOOK_SECRET}}", events: [session.ended] }}
"""


KEPT = """listen: 127.0.0.1:PORT
listeners: {{ admin_http: 127.0.0.1:ADMIN }}
limits: {{ max_sessions: 100, {calm} }}
tenants:
  t:
    records: {{ transcripts: true }}
    keys: {{ k: {{ hash: "{hash}", scopes: [talk, read, admin] }} }}
    webhooks:
      crm: {{ url: "{url}", secret: "${{env:HOOK_SECRET}}" }}
storage: {{ database: FOLDER/records.db }}
"""
KEY = "syx_demoHook_NotASecretNotASecretNotASecretNotASecret001"


async def run(folder, checks):
    await deliver(folder, checks)
    await survive(os.path.join(folder, "kept"), checks)


async def survive(folder, checks):
    """What the receiver did not take before kill -9, the next process brings."""
    secret = "whsec_" + base64.b64encode(os.urandom(32)).decode()
    down = Hook(secret, failures=1000)
    config = KEPT.format(calm=CALM, url=down.url, hash="sha256:" + hashlib.sha256(KEY.encode()).hexdigest())
    server = Server(folder, config, env={"HOOK_SECRET": secret}).start()
    up = None
    try:
        ended = await Call.open(server.port, profile="mock", user="anna", key=KEY)
        await ended.send(type="text", text="hello there")
        await ended.event("turn.ended")
        await ended.close()
        erased = await Call.open(server.port, profile="mock", user="bob", key=KEY)
        await erased.close()
        live = await Call.open(server.port, profile="mock", user="anna", key=KEY)
        within(60, lambda: len(down.tries) >= 6, "a try of each event")
        within(60, lambda: len([r for r in server.get("/v1/records", KEY).json["records"] if r["state"] == "closed"]) >= 2, "the records")
        with checks.check("erasing a user takes their waiting events out of the database"):
            same(request(server.port, "DELETE", "/v1/users/bob", KEY).status, 200)
            same([name for name in os.listdir(folder) if name.startswith("records.db")
                  and erased.session.encode() in read(folder, name)], [], "files with the session")
        before = dict(down.tries)
        server.kill()
        await live.gone()
        up = Hook(secret)
        server.write(config.replace(down.url, up.url))
        server.start()
        with checks.check("events that nobody took before kill -9 are delivered by the next process, once"):
            wanted = {i for i, bodies in before.items() if erased.session.encode() not in bodies[0]}
            within(60, lambda: len(up.taken) >= len(wanted) + 1, "the events")
            same({i for i, _ in up.taken if i in before}, wanted, "ids")
            same(len(up.taken), len({i for i, _ in up.taken}), "each once")
            same(up.faults, [], "faults")
            for i in wanted:
                same(up.tries[i][0], before[i][0], "bytes")
        with checks.check("a session that the crash ended ends for the endpoint, too"):
            ends = [e["data"] for i, e in up.taken if i not in before]
            same([(e["session"], e["reason"]) for e in ends], [(live.session, "host_crashed")])
        with checks.check("what was taken does not come again after another restart"):
            within(60, lambda: server.total("syrinx_webhook_queue") == 0, "an empty queue")
            same(server.stop(), 0, "exit code")
            count = len(up.taken)
            server.start()
            call = await Call.open(server.port, profile="mock", key=KEY)
            await call.close()
            within(60, lambda: len(up.taken) >= count + 2, "the next call's events")
            same({e["data"]["session"] for _, e in up.taken[count:]}, {call.session})
        same(server.stop(), 0, "exit code")
    finally:
        server.kill()
        down.stop()
        if up:
            up.stop()


def read(folder, name):
    with open(os.path.join(folder, name), "rb") as file:
        return file.read()


async def deliver(folder, checks):
    secret = "whsec_" + base64.b64encode(os.urandom(32)).decode()
    failing, ends = Hook(secret, failures=2), Hook(secret)
    config = CONFIG.format(calm=CALM, failing=failing.url, ends=ends.url)
    server = Server(folder, config, env={"HOOK_SECRET": secret}).start()
    try:
        call = await Call.open(server.port, profile="mock", user="anna")
        await call.send(type="text", text="hello there")
        await call.event("turn.ended")
        await call.close()
        with checks.check("session.started, turn.ended and session.ended each arrive, once taken") as notes:
            within(60, lambda: len(failing.taken) >= 3, "the three events")
            same(sorted(e["type"] for _, e in failing.taken), ["session.ended", "session.started", "turn.ended"])
            data = {e["type"]: e["data"] for _, e in failing.taken}
            same({d["session"] for d in data.values()}, {call.session}, "sessions")
            same(data["session.ended"]["reason"], "client_closed", "reason")
            same((data["turn.ended"]["outcome"], data["turn.ended"]["user_text"]), ("answered", "hello there"))
            notes.append(f"after {sum(len(t) for t in failing.tries.values())} tries")
        with checks.check("each signature is right by the receiver's own arithmetic"):
            same(failing.faults + ends.faults, [], "faults")
        with checks.check("two failures, then taken: three tries of the same id and the same bytes"):
            same(len(failing.tries), 3, "events")
            for event_id, bodies in failing.tries.items():
                same((len(bodies), len(set(bodies))), (3, 1), event_id)
        with checks.check("an endpoint hears of what it asked for alone"):
            within(60, lambda: ends.taken, "session.ended")
            same([e["type"] for _, e in ends.taken], ["session.ended"])
            same(ends.taken[0][0], next(i for i, e in failing.taken if e["type"] == "session.ended"), "id")
        with checks.check("/metrics counts deliveries and failed tries"):
            # The receiver has an event before the sender has its answer.
            within(60, lambda: server.total("syrinx_webhook_queue") == 0, "an empty queue")
            within(60, lambda: server.total("syrinx_webhook_deliveries_total", result="delivered") == 4, "four deliveries")
        same(server.stop(), 0, "exit code")
    finally:
        server.kill()
        failing.stop()
        ends.stop()
