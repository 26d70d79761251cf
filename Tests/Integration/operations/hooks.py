# SPDX-License-Identifier: Apache-2.0
"""Signed webhooks, to a receiver that fails twice before it takes an event."""

import base64
import os

from checks import same, within
from product import CALM, Server
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


async def run(folder, checks):
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
            same(server.total("syrinx_webhook_queue"), 0, "queue")
            same(server.total("syrinx_webhook_deliveries_total", result="delivered"), 4, "delivered")
        same(server.stop(), 0, "exit code")
    finally:
        server.kill()
        failing.stop()
        ends.stop()
