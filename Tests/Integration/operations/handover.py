# SPDX-License-Identifier: Apache-2.0
"""One process after another takes the same socket and the same database, while people call without a pause."""

import asyncio
import base64
import http.client
import os
import socket
import subprocess
import threading
import time

from checks import LONG, same, within
from product import CALM, SYRINX, Server, request
from sinks import Hook
from websocket import Call

UPGRADES = 10 if LONG else 3

CONFIG = f"""listeners: {{ admin_http: 127.0.0.1:ADMIN }}
limits: {{ max_sessions: 100, {CALM} }}
storage: {{ database: FOLDER/records.db }}
"""

HOOKED = CONFIG + """tenants: { t: { webhooks: { crm: { url: "URL", secret: "${env:HOOK_SECRET}" } } } }
"""


class Heir(Server):
    """A server that is given its socket, as systemd does."""

    def __init__(self, folder, listener, number, config=CONFIG, env=None):
        super().__init__(folder, config, env, name=f"syrinx-{number}")
        self.port = listener.getsockname()[1]
        self.socket = os.path.join(folder, f"admin-{number}.sock")
        self.listener = listener

    def start(self):
        # bash: other shells take no descriptor of two digits.
        command = ["bash", "-c", f'LISTEN_FDS=1 LISTEN_PID=$$ exec "$@" 3<&{self.listener.fileno()}', "bash",
                   SYRINX, "serve", "--config", self.config, "--admin-socket", self.socket]
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                command, stdout=log, stderr=log, env=self.env, pass_fds=[self.listener.fileno()])
        within(60, lambda: self.process.poll() is not None or "listens on" in self.log_text(), "the start")
        assert self.process.poll() is None, self.log_text()[-2000:]
        return self


class Visitor(threading.Thread):
    """A new connection each time, without a pause."""

    def __init__(self, port):
        super().__init__(daemon=True)
        self.port, self.is_over = port, False
        self.answers, self.failures = {}, []

    def run(self):
        while not self.is_over:
            try:
                status = request(self.port, "GET", "/readyz", timeout=30).status
                self.answers[status] = self.answers.get(status, 0) + 1
            except (OSError, http.client.HTTPException) as error:
                self.failures.append(repr(error))


async def talk(call, told):
    """Until a second after the server was told to stop."""
    end = None
    while end is None or time.monotonic() < end:
        await call.send_audio(bytes(640))
        await asyncio.sleep(0.02)
        if end is None and told.is_set():
            end = time.monotonic() + 1
    await call.close()


async def run(folder, checks):
    await upgrade(folder, checks)
    for name in ("stopped", "killed"):
        await inherit(os.path.join(folder, name), checks, name)


async def inherit(folder, checks, how):
    """A receiver that takes nothing until the old process has ended, while the new one runs."""
    secret = "whsec_" + base64.b64encode(os.urandom(32)).decode()
    hook = Hook(secret, failures=1000)
    listener = socket.create_server(("127.0.0.1", 0), backlog=1024)
    old, new = (Heir(folder, listener, number, HOOKED.replace("URL", hook.url), {"HOOK_SECRET": secret})
                for number in range(2))
    try:
        old.start()
        call = await Call.open(old.port, profile="echo")
        await call.close()
        within(60, lambda: len(hook.tries) >= 2, "a try of each event")
        new.start()
        if how == "killed":
            old.kill()
        else:
            same(old.stop(), 0, "exit code")
        with checks.check(f"what a process leaves that was {how}, the one beside it delivers, once, without a restart"):
            same(hook.taken, [], "taken before")
            hook.failures = 0
            within(60, lambda: new.total("syrinx_webhook_deliveries_total", result="delivered") == 2, "the events")
            same(sorted(e["type"] for _, e in hook.taken), ["session.ended", "session.started"])
            same({e["data"]["session"] for _, e in hook.taken}, {call.session}, "session")
            same(len(hook.tries), 2, "ids")
            same(hook.faults, [], "faults")
        same(new.stop(), 0, "exit code")
    finally:
        old.kill()
        new.kill()
        hook.stop()
        listener.close()


async def upgrade(folder, checks):
    listener = socket.create_server(("127.0.0.1", 0), backlog=1024)
    server = Heir(folder, listener, 0).start()
    heirs, sessions = [server], set()
    visitor = Visitor(server.port)
    visitor.start()
    try:
        codes, lasted, calls = [], [], []
        for number in range(1, UPGRADES + 1):
            call = await Call.open(server.port, profile="echo")
            sessions.add(call.session)
            old, server = server, Heir(folder, listener, number)
            heirs.append(server)
            told = asyncio.Event()
            talking = asyncio.create_task(talk(call, told))
            await asyncio.to_thread(server.start)
            old.signal()
            await asyncio.to_thread(within, 30, lambda: "draining" in old.log_text(), "the drain")
            told.set()
            # From now on the new one alone answers.
            young = await Call.open(server.port, profile="echo")
            sessions.add(young.session)
            await young.close()
            await talking
            codes.append(await asyncio.to_thread(old.wait))
            calls.append(call.reason)
        visitor.is_over = True
        visitor.join(30)
        with checks.check(f"{UPGRADES} upgrades: no connection refused or reset, no call cut") as notes:
            notes.append(f"visits by answer: {visitor.answers}")
            same(visitor.failures, [], "failures")
            same(codes, [0] * UPGRADES, "exit codes")
            same(set(calls), {"client_closed"}, "reasons")
            assert visitor.answers.get(200, 0) > 100
        with checks.check("each call has one record, whichever process had it"):
            def records():
                return server.get("/v1/records?limit=200").json["records"]
            within(30, lambda: all(r["state"] == "closed" for r in records()), "the records")
            same({(r["id"], r["reason"]) for r in records()}, {(s, "client_closed") for s in sessions})
            same(len(records()), len(sessions))
        same(server.stop(), 0, "exit code")
    finally:
        visitor.is_over = True
        for heir in heirs:
            heir.kill()
        listener.close()
