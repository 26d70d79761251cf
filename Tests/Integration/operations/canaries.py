# SPDX-License-Identifier: Apache-2.0
"""A canary in every slot of a secret: none is ever seen again, whatever fails, wherever one looks."""

import os
import signal
import subprocess
import time

from access import key, token
from checks import same, within
from product import CALM, SYRINX, Server, request
from sinks import Collector, Hook
from websocket import Call, Refused


def canary(slot):
    """Long enough for any slot, in the alphabet of all of them, and nowhere else in the world."""
    return f"canary{slot}{os.urandom(18).hex()}"


SLOTS = ["JwtEnv", "JwtFile", "JwtLiteral", "HookEnv", "HookLiteral", "TraceEnv", "TraceLiteral", "TenantEnv",
         "TenantLiteral", "Voice"]

CONFIG = """listen: 127.0.0.1:PORT
listeners: {{ admin_http: 127.0.0.1:ADMIN }}
limits: {{ max_sessions: 100, {calm} }}
log: {{ level: debug, format: {format} }}
access:
  operators:
    op: {{ hash: "{operator}" }}
tenants:
  loud:
    profiles: [mock, echo, default]
    keys:
      k: {{ hash: "{key}", scopes: [talk, read, admin] }}
    jwt:
      env: {{ algorithm: HS256, key: "${{env:JWT_ENV}}", issuer: i, audience: a }}
      file: {{ algorithm: HS256, key: "${{file:jwt.secret}}", issuer: i, audience: a }}
      literal: {{ algorithm: HS256, key: "{JwtLiteral}", issuer: i, audience: a }}
    providers:
      tts: {{ provider: mock, config: {{ reply_ms: 200 }} }}
      agent: {{ provider: mock, config: {{ reply: "all right" }} }}
    secrets: {{ A: "${{env:TENANT_ENV}}", B: "{TenantLiteral}" }}
    webhooks:
      env: {{ url: "{hook}", secret: "${{env:HOOK_ENV}}" }}
      literal: {{ url: "{hook}", secret: "{HookLiteral}" }}
      nobody: {{ url: "http://127.0.0.1:9/", secret: "{HookLiteral}" }}
  broken:
    profiles: [default]
    keys: {{ k: {{ hash: "{broken}", scopes: [talk] }} }}
    secrets: {{ VOICE: "{Voice}" }}
    providers:
      tts: {{ provider: flite, config: {{ voice: "${{secret:VOICE}}" }} }}
telemetry:
  traces: {{ endpoint: "{traces}", headers: {{ x-env: "${{env:TRACE_ENV}}", x-literal: "{TraceLiteral}" }} }}
storage: {{ database: FOLDER/records.db, recordings: FOLDER/recordings, event_log: FOLDER/events }}
"""

# Faults beside secrets, and in them: what is shown of a line must not show these.
FAULTS = [
    'tenants: {{ t: {{ jwt: {{ k: {{ algorithm: HS256, key: "{c}", isuer: i, audience: a }} }} }} }}',
    'tenants: {{ t: {{ jwt: {{ k: {{ algorithm: HS999, key: "{c}", issuer: i, audience: a }} }} }} }}',
    'tenants: {{ t: {{ jwt: {{ k: {{ algorithm: ES256, key: "{c}", issuer: i, audience: a }} }} }} }}',
    'tenants: {{ t: {{ jwt: {{ k: {{ algorithm: HS256, key: ["{c}"], issuer: i, audience: a }} }} }} }}',
    'tenants: {{ t: {{ keys: {{ k: {{ hash: "{c}" }} }} }} }}',
    'tenants: {{ t: {{ webhooks: {{ w: {{ url: "nowhere", secret: "{c}" }} }} }} }}',
    'tenants: {{ t: {{ webhooks: {{ w: {{ url: "http://h/", secret: "whsec_{c}!" }} }} }} }}',
    'tenants: {{ t: {{ secrets: {{ A: "{c}" }}, profils: [x] }} }}',
    'tenants: {{ t: {{ secrets: {{ A: "{c}", A: "{c}2" }} }} }}',
    'telemetry: {{ traces: {{ endpoint: "nowhere", headers: {{ authorization: "{c}" }} }} }}',
    'telemetry: {{ traces: {{ endpoint: "http://h/", headers: {{ "bad name": "{c}" }} }} }}',
    'telemetry: {{ traces: {{ endpoint: "http://h/", headers: {{ authorization: "{c} }} }} }}',
    'limits: {{ max_sessions: "${{env:FAULT}}" }}',
    'profiles: {{ p: {{ tts: {{ provider: flite, config: {{ voice: "${{env:FAULT}}" }} }} }} }}',
    'listen: "${{env:FAULT}}"',
    'listen: "${{file:fault.secret}}"',
    'access: {{ operators: {{ o: {{ hash: "{c}", expires: "${{env:FAULT}}" }} }} }}',
]


class Haystack:
    """All that was seen, by where."""

    def __init__(self):
        self.places = {}

    def add(self, where, data):
        self.places.setdefault(where, []).append(data if isinstance(data, bytes) else data.encode())

    def add_files(self, where, folder, names):
        for path, _, files in os.walk(folder):
            for name in files:
                if name.endswith(names):
                    with open(os.path.join(path, name), "rb") as file:
                        self.add(f"{where} {name}", file.read())

    def hits(self, secrets):
        """By pieces of twelve characters: a message may have cut a secret short."""
        return [f"{slot} in {where}: …{_around(data, piece)}…" for slot, secret in secrets.items()
                for where, parts in self.places.items() for data in parts
                for piece in [next((p for p in pieces(secret) if p in data), None)] if piece]

    @property
    def size(self):
        return sum(len(data) for parts in self.places.values() for data in parts)


def pieces(secret):
    """Of its random end; what stands before is the name of its kind."""
    core = secret[-36:].encode()
    return [core[at:at + 12] for at in range(0, len(core), 12)]


def _around(data, piece):
    at = data.index(piece)
    return data[max(0, at - 120):at + 60].decode(errors="replace").replace("\n", "⏎")


async def attempt(hay, port, credential=None, path="/v1/talk", **query):
    """A call that may fail: what it was told belongs to the haystack. Its session events, too."""
    try:
        call = await Call.open(port, path, credential, **query)
    except Refused as refusal:
        hay.add("refusals", repr(refusal.headers).encode() + refusal.body)
        return None
    if call.of("session.started")[0]["profile"] != "echo":
        await call.send(type="text", text="hello")
        try:
            await call.event("turn.ended", timeout=60)
        except AssertionError:
            pass
    await call.send(type="nonsense")
    await call.close()
    hay.add("events", repr(call.events))
    return call


async def calls(hay, server, secrets):
    port, good = server.port, secrets["ApiKey"]
    assert await attempt(hay, port, good, profile="mock")
    await attempt(hay, port, good, profile="nobody")
    await attempt(hay, port, good, profile="echo", rate="7")
    await attempt(hay, port, secrets["WrongKey"])
    await attempt(hay, port, secrets["BrokenKey"])
    await attempt(hay, port, token=good)
    await attempt(hay, port, good, token=secrets["WrongToken"])
    await attempt(hay, port, token=secrets["WrongToken"])
    await attempt(hay, port, good + "x")
    await attempt(hay, port, good, path="/broken/v1/talk")
    for name, slot in [("env", "JwtEnv"), ("file", "JwtFile"), ("literal", "JwtLiteral")]:
        text = token(secret=secrets[slot], kid=name, iss="i", aud="a", scope="talk")
        secrets[f"Jwt of {name}"] = text.split(".")[2]
        assert await attempt(hay, port, text, profile="echo"), name
        late = token(secret=secrets[slot], kid=name, iss="i", aud="a", exp=int(time.time()) - 100)
        secrets[f"expired Jwt of {name}"] = late.split(".")[2]
        await attempt(hay, port, late)
    answer = request(port, "POST", "/v1/tokens", good, body='{"profile":"echo","lifetime_s":600}')
    secrets["SessionToken"] = once = answer.json["token"]
    assert await attempt(hay, port, token=once)
    await attempt(hay, port, token=once)
    hay.add("http", request(port, "GET", f"/v1/sessions?token={once}").body)
    hay.add("http", request(port, "GET", f"/v1/nowhere?token={once}", good).body)
    hay.add("http", request(port, "POST", "/v1/tokens", good, body=f'{{"{once[:5]}": 1}}').body)
    resumable = await Call.open(port, key=good, profile="mock", resumable="true")
    secrets["ResumeToken"] = resumable.events[0]["resume"]["token"]
    resumable.drop()


def look(hay, server, secrets):
    """Everything an operator and a tenant can read."""
    operator, good = secrets["OperatorKey"], secrets["ApiKey"]
    for path in ["/metrics", "/status", "/healthz", "/tenants", "/config", "/sessions", "/records", "/plugins",
                 "/webhooks", "/drain"]:
        hay.add("admin " + path, server.ask_admin(path, key=operator).body)
        hay.add("admin " + path, server.ask_admin(path, key=secrets["WrongKey"]).body)
    for path in ["/healthz", "/v1/profiles", "/v1/sessions", "/v1/records", "/v1/usage", "/v1/export"]:
        hay.add(path, server.get(path, good).body)
    for command in [["status"], ["status", "--json"], ["sessions"], ["reload", "--dry-run"], ["reload", "--json"]]:
        hay.add("syrinx " + " ".join(command), server.cli(*command, code=None))


def tool(server, *arguments):
    done = subprocess.run([SYRINX, *arguments], capture_output=True, timeout=60, env=server.env)
    return done.stdout + done.stderr


def config_commands(hay, server):
    with open(os.path.join(server.folder, "empty.yaml"), "w") as file:
        file.write("{}\n")
    for arguments in [["check", server.config], ["check", server.config, "--json"], ["effective", server.config],
                      ["effective", server.config, "--json"], ["explain", "tenants.loud.jwt.env.key"], ["explain"],
                      ["diff", server.folder + "/empty.yaml", server.config],
                      ["diff", server.config, server.folder + "/empty.yaml"], ["schema"]]:
        hay.add("config " + arguments[0], tool(server, "config", *arguments))
    hay.add("check", tool(server, "check", "--config", server.config))


def faults(hay, server, secrets):
    """By the tool, and by a reload of the running server."""
    with open(server.config) as file:
        before = file.read()
    refused = 0
    with open(os.path.join(server.folder, "fault.secret"), "w") as file:
        file.write(secrets["Fault"])
    for text in FAULTS:
        server.write(text.format(c=secrets["Fault"]) + "\n")
        found = tool(server, "config", "check", server.config)
        found += tool(server, "config", "check", server.config, "--json")
        found += tool(server, "config", "effective", server.config)
        hay.add("faults: " + text, found)
        answer = server.ask_admin("/reload", "POST", secrets["OperatorKey"])
        refused += answer.status == 422
        hay.add("reload of a fault", answer.body)
    server.write(before)
    return refused


def crash(server):
    """What it prints when it dies. Swift's own report lets go of a signal from outside: the second one ends it."""
    server.signal(signal.SIGILL)
    end = time.monotonic() + 60
    while server.process.poll() is None and "Backtrace took" not in server.log_text() and time.monotonic() < end:
        time.sleep(0.1)
    if server.process.poll() is None:
        server.signal(signal.SIGILL)
    server.wait(30)


async def one(folder, checks, form, hay, secrets):
    collector, hook = Collector(), Hook(secrets["HookEnv"])
    names = {"JWT_ENV": "JwtEnv", "HOOK_ENV": "HookEnv", "TRACE_ENV": "TraceEnv", "TENANT_ENV": "TenantEnv",
             "FAULT": "Fault"}
    os.makedirs(folder)
    with open(os.path.join(folder, "jwt.secret"), "w") as file:
        file.write(secrets["JwtFile"] + "\n")
    config = CONFIG.format(
        calm=CALM, format=form, hook=hook.url, traces=collector.url, operator=key("operator")[1], key=key("good")[1],
        broken=key("broken")[1], **{slot: secrets[slot] for slot in SLOTS})
    os.makedirs(os.path.join(folder, "events"))
    server = Server(folder, config, env={name: secrets[slot] for name, slot in names.items()}).start()
    try:
        await calls(hay, server, secrets)
        look(hay, server, secrets)
        config_commands(hay, server)
        refused = faults(hay, server, secrets)
        within(60, lambda: collector.spans and hook.tries, "spans and webhooks")
        with checks.check(f"log format {form}: secrets reach where they belong") as notes:
            headers, _ = collector.raw[0]
            same((headers["x-env"], headers["x-literal"]), (secrets["TraceEnv"], secrets["TraceLiteral"]))
            same(refused, len(FAULTS), "faulty configurations refused")
            notes.append(f"{len(FAULTS)} faults beside secrets, all refused")
        if form == "text":
            crash(server)
        for _, body in collector.raw:
            hay.add("spans", body)
        for headers, body in hook.raw:
            hay.add("webhooks", repr(headers).encode() + body)
        hay.add(f"log {form}", server.log_text())
        hay.add_files("stored", folder, (".db", ".db-wal", ".db-shm", ".jsonl"))
    finally:
        server.kill()
        collector.stop()
        hook.stop()


async def run(folder, checks):
    for form in ["text", "json"]:
        secrets = {slot: canary(slot) for slot in SLOTS + ["Fault"]}
        secrets.update(ApiKey=key("good")[0], OperatorKey=key("operator")[0], BrokenKey=key("broken")[0],
                       WrongKey=key("wrong")[0], WrongToken="syt_" + os.urandom(22).hex()[:43])
        hay = Haystack()
        await one(os.path.join(folder, form), checks, form, hay, secrets)
        with checks.check(f"log format {form}: no secret anywhere else") as notes:
            notes.append(f"{len(secrets)} secrets, {len(hay.places)} places, {hay.size >> 10} KiB")
            hits = hay.hits(secrets)
            assert not hits, "\n".join(hits)
