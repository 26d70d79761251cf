# SPDX-License-Identifier: Apache-2.0
"""A newcomer's tour with etc/two-tenants.yaml: two tenants, a full one, reloads, drains, and every call found again."""

import asyncio
import json
import os
import signal

from checks import same, within
from product import Server
from sinks import Collector, attributes
from websocket import Call, Refused

ACME = "syx_demoAcme_NotASecretNotASecretNotASecretNotASecret001"
GLOBEX = "syx_demoGlob_NotASecretNotASecretNotASecretNotASecret001"
OPERATOR = "syx_demoOper_NotASecretNotASecretNotASecretNotASecret001"
SAMPLE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../../etc/two-tenants.yaml")
TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
CALLER_SPAN = "00f067aa0ba902b7"

BAD = """listen: 127.0.0.1:PORT
tenants:
  acme:
    limits: { sesions: 3 }
limits:
  max_sessions: many
  idle_timeout: 300
"""


def sample(collector):
    """The file as it is delivered, but for addresses, places and what a busy machine would decide."""
    with open(SAMPLE) as file:
        text = file.read()
    changes = [("127.0.0.1:8080", "127.0.0.1:PORT"), ("127.0.0.1:9464", "127.0.0.1:ADMIN"),
               ("../var/", "FOLDER/"), ("load: { cpu: 0.9, loop_lag: 100ms }", "load: { cpu: 0, loop_lag: 0s }"),
               ('#traces: { endpoint: "http://127.0.0.1:4318/v1/traces" }', f'traces: {{ endpoint: "{collector.url}" }}')]
    for old, new in changes:
        assert old in text, f"the sample has no `{old}` any more"
        text = text.replace(old, new)
    return text


async def patient(port, key, **query):
    """A call, or its refusal; acme may begin one a second, refused ones included, and waits as long as it is told."""
    while True:
        try:
            return await Call.open(port, key=key, **query)
        except Refused as refusal:
            if refusal.code != "request.rate_exceeded":
                return refusal
            await asyncio.sleep(int(refusal.headers["retry-after"]))


async def accepted(port, key, **query):
    call = await patient(port, key, **query)
    if isinstance(call, Refused):
        raise call
    return call


async def refused(port, key, **query):
    refusal = await patient(port, key, **query)
    if isinstance(refusal, Refused):
        return refusal
    await refusal.close()
    raise AssertionError("a call was let in that should not be")


async def tenants(checks, server, calls):
    port = server.port
    with checks.check("two tenants call with their keys, each gets its own profile"):
        for number in range(2):
            calls.append(await Call.open(port, key=ACME, user=f"a{number}"))
        calls.append(await Call.open(port, "/globex/v1/talk", GLOBEX, user="g0",
                                     headers={"traceparent": f"00-{TRACE}-{CALLER_SPAN}-01"}))
        same([c.of("session.started")[0]["profile"] for c in calls], ["reception", "reception", "desk"], "profile")
    with checks.check("the third call of acme: 429 tenant.limit_exceeded with Retry-After") as notes:
        refusal = await refused(port, ACME)
        same((refusal.status, refusal.code), (429, "tenant.limit_exceeded"))
        assert int(refusal.headers["retry-after"]) >= 1
        notes.append(f"Retry-After {refusal.headers['retry-after']}")
    with checks.check("meanwhile globex gets in, and its turn is answered"):
        calls.append(await Call.open(port, key=GLOBEX, user="g1"))
        await calls[-1].send(type="text", text="please write this down")
        await calls[2].send(type="text", text="and this")
        for call in calls[2:4]:
            same((await call.event("turn.ended"))["outcome"], "answered")
    with checks.check("a key opens no door of another tenant"):
        refusal = await refused(port, GLOBEX, path="/acme/v1/talk")
        same((refusal.status, refusal.code), (401, "auth.invalid"))
    with checks.check("what is not yours and what is not there answer alike"):
        foreign = server.get(f"/v1/sessions/{calls[2].session}", ACME)
        absent = server.get("/v1/sessions/ses_" + "0" * 32, ACME)
        same((foreign.status, foreign.json["code"]), (404, "session.not_found"))
        same((absent.status, absent.json["code"]), (404, "session.not_found"))


async def reloads(checks, server, calls, config):
    port = server.port
    before = list(calls)
    with checks.check("a bad file changes nothing, and each fault has file:line:column"):
        server.write(BAD)
        text = server.cli("reload", code=1)
        for place in ["syrinx.yaml:4:", "syrinx.yaml:6:", "syrinx.yaml:7:"]:
            assert place in text, f"no {place} in:\n{text}"
        server.signal(signal.SIGHUP)
        within(60, lambda: server.total("syrinx_config_reloads_total", OPERATOR, result="refused") == 2, "the refusal")
        same(json.loads(server.cli("status", "--json"))["generation"], 1, "generation")
        same((await refused(port, ACME)).code, "tenant.limit_exceeded")
    with checks.check("`syrinx reload` raises acme's limit, and the third call gets in"):
        server.write(config.replace("sessions: 2,", "sessions: 3,"))
        text = server.cli("reload", "--dry-run")
        assert "tenants.acme.limits.sessions" in text, text
        same((await refused(port, ACME)).code, "tenant.limit_exceeded")
        text = server.cli("reload")
        assert "tenants.acme.limits.sessions" in text, text
        calls.append(await accepted(port, ACME, user="a2"))
    with checks.check("SIGHUP raises it again, and the fourth gets in"):
        same((await refused(port, ACME)).code, "tenant.limit_exceeded")
        server.write(config.replace("sessions: 2,", "sessions: 4,"))
        server.signal(signal.SIGHUP)
        within(60, lambda: json.loads(server.cli("status", "--json"))["generation"] == 3, "the third generation")
        calls.append(await accepted(port, ACME, user="a3"))
    with checks.check("live calls went on through all reloads"):
        same([c.reason for c in before], [None] * len(before), "reasons")
        await before[3].send(type="text", text="still there")
        same((await before[3].event("turn.ended", 2))["outcome"], "answered")


async def operating(checks, server, calls):
    port = server.port
    with checks.check("`syrinx status` shows tenants and places"):
        text = server.cli("status")
        assert "tenant acme" in text and "tenant globex" in text and "ready" in text, text
        status = json.loads(server.cli("status", "--json"))
        same(status["tenants"]["acme"], {"active": 4, "limit": 4}, "acme")
        same(status["tenants"]["globex"]["active"], 2, "globex")
    with checks.check("`syrinx sessions` lists the live ones, `--close` ends one as admin"):
        text = server.cli("sessions")
        assert all(call.session in text for call in calls), text
        server.cli("sessions", "--close", calls[0].session)
        await calls[0].gone()
        same(calls[0].reason, "admin", "reason")
    with checks.check("a typed turn of acme is answered aloud"):
        await calls[1].send(type="text", text="what time is it")
        ended = await calls[1].event("turn.ended")
        same(ended["outcome"], "answered")
        assert calls[1].audio_messages > 10, calls[1].audio_messages
    with checks.check("`syrinx drain` refuses new calls, `--cancel` takes them again"):
        server.cli("drain")
        same(server.get("/readyz").json["status"], "draining")
        refusal = await refused(port, GLOBEX)
        same((refusal.status, refusal.code), (503, "session.draining"))
        server.cli("status", code=1)
        server.cli("drain", "--cancel")
        same(server.get("/readyz").status, 200)
        calls.append(await Call.open(port, key=GLOBEX, user="g2", profile="echo"))
    with checks.check("`syrinx drain --wait` returns when the last call has ended by itself"):
        waiting = asyncio.create_task(asyncio.to_thread(server.cli, "drain", "--wait"))
        await asyncio.sleep(1.2)
        assert not waiting.done(), "it did not wait"
        await asyncio.gather(*(call.close() for call in calls[1:]))
        text = await asyncio.wait_for(waiting, 60)
        assert "no session is left" in text, text
        same([c.reason for c in calls[1:]], ["client_closed"] * (len(calls) - 1), "reasons")
        server.cli("drain", "--cancel")


async def findings(checks, server, calls, collector):
    ids = {call.session for call in calls}
    mine = {ACME: {c.session for c in calls if c.of("session.started")[0]["profile"] == "reception"}}
    mine[GLOBEX] = ids - mine[ACME]
    with checks.check("each call is in the records of its tenant, once, and in no other's"):
        for key, wanted in mine.items():
            def closed():
                records = server.get("/v1/records?limit=100", key).json["records"]
                return records if all(r["state"] == "closed" for r in records) else None
            found = [r["id"] for r in within(60, closed, "the records")]
            same(sorted(found), sorted(wanted), "records")
        foreign = server.get(f"/v1/records/{next(iter(mine[GLOBEX]))}", ACME)
        absent = server.get("/v1/records/ses_" + "0" * 32, ACME)
        same((foreign.status, absent.status), (404, 404))
    with checks.check("acme's record has the turn's words, globex's has none; the reasons are right"):
        record = server.get(f"/v1/records/{calls[1].session}", ACME).json
        same(record["turns"][0]["user"], "what time is it")
        assert record["turns"][0]["heard"] and record["reason"] == "client_closed", record
        same(server.get(f"/v1/records/{calls[0].session}", ACME).json["reason"], "admin")
        record = server.get(f"/v1/records/{calls[2].session}", GLOBEX).json
        same((len(record["turns"]), record["turns"][0].get("user")), (1, None))
    with checks.check("/metrics: started = ended + active, by tenant, and equal to the records") as notes:
        started = server.total("syrinx_sessions_started_total", OPERATOR)
        ended = server.total("syrinx_sessions_ended_total", OPERATOR)
        active = server.total("syrinx_sessions_active", OPERATOR)
        same(started, ended + active, "started")
        same(started, len(ids), "started")
        for tenant, key in [("acme", ACME), ("globex", GLOBEX)]:
            same(server.total("syrinx_sessions_started_total", OPERATOR, tenant=tenant), len(mine[key]), tenant)
        same(len(server.ask_admin("/records?limit=100", key=OPERATOR).json["records"]), len(ids), "all records")
        notes.append(f"{started:.0f} = {ended:.0f} + {active:.0f}")
    with checks.check("/metrics and the admin API are the operator's alone"):
        for key in [None, ACME, GLOBEX]:
            same(server.ask_admin("/metrics", key=key).status, 401)
            same(server.ask_admin("/status", key=key).status, 401)
    with checks.check("the trace has session, turn and stages below one another, one session a call") as notes:
        within(60, lambda: {attributes(s)["syrinx.session"] for s in collector.spans if s["name"] == "session"} >= ids,
               "the spans of all sessions")
        spans = {s["spanId"]: s for s in collector.spans}
        sessions = [s for s in spans.values() if s["name"] == "session"]
        same(sorted(attributes(s)["syrinx.session"] for s in sessions), sorted(ids), "sessions")
        turns = [s for s in spans.values() if s["name"] == "turn"]
        same(len(turns), 4, "turns")
        assert all(spans[t["parentSpanId"]]["name"] == "session" for t in turns)
        stages = [s for s in spans.values() if s["name"] in ("endpointing", "stt", "agent", "tts")]
        assert stages and all(spans[s["parentSpanId"]]["name"] == "turn" for s in stages), stages
        assert {"agent", "tts"} <= {s["name"] for s in stages}, {s["name"] for s in stages}
        for span in turns + stages:
            parent = spans[span["parentSpanId"]]
            same(span["traceId"], parent["traceId"], "trace")
            assert int(parent["startTimeUnixNano"]) <= int(span["startTimeUnixNano"]), (parent, span)
            assert int(span["endTimeUnixNano"]) <= int(parent["endTimeUnixNano"]), (parent, span)
        notes.append(f"{len(sessions)} sessions, {len(turns)} turns, {len(stages)} stages")
    with checks.check("an incoming traceparent is continued, and stands in the record"):
        span = next(s for s in collector.spans if s["name"] == "session"
                    and attributes(s)["syrinx.session"] == calls[2].session)
        same((span["traceId"], span["parentSpanId"]), (TRACE, CALLER_SPAN))
        assert TRACE in server.get(f"/v1/records/{calls[2].session}", GLOBEX).json["traceparent"]
    with checks.check("acme's calls are recorded, globex's are not"):
        answer = server.get(f"/v1/records/{calls[1].session}/recording", ACME)
        same((answer.status, answer.headers["content-type"], answer.body[:4]), (200, "audio/wav", b"RIFF"))
        same(server.get(f"/v1/records/{calls[2].session}/recording", GLOBEX).status, 404)


async def run(folder, checks):
    collector = Collector()
    config = sample(collector)
    server = Server(folder, config)
    calls = []
    try:
        with checks.check("a server starts with the sample of two tenants"):
            server.start()
        await tenants(checks, server, calls)
        await reloads(checks, server, calls, config)
        await operating(checks, server, calls)
        await findings(checks, server, calls, collector)
        with checks.check("SIGTERM ends it with exit code 0"):
            same(server.stop(), 0, "exit code")
    finally:
        server.kill()
        collector.stop()
