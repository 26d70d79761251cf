# SPDX-License-Identifier: Apache-2.0
"""Keys that expire, signed tokens, session tokens, rates and minutes."""

import base64
import hashlib
import hmac
import json
import time

from checks import same
from product import CALM, Server, request
from websocket import Call, Refused

SECRET = "an HS256 secret of more than thirty-two bytes"
NEVER = "2099-01-01T00:00:00Z"

CONFIG = """listen: 127.0.0.1:PORT
listeners: {{ admin_http: 127.0.0.1:ADMIN }}
limits: {{ max_sessions: 100, {calm} }}
tenants:
  keyed:
    profiles: [echo, mock]
    keys:
      good: {{ hash: "{good}", scopes: [talk, read], expires: "{never}" }}
      reader: {{ hash: "{reader}", scopes: [read] }}
      old: {{ hash: "{old}", scopes: [talk], expires: "2020-01-01T00:00:00Z" }}
      soon: {{ hash: "{soon}", scopes: [talk], expires: "{in_a_moment}" }}
    jwt:
      key-1: {{ algorithm: HS256, key: "${{env:JWT_SECRET}}", issuer: keyed.example, audience: syrinx, max_lifetime: 10m }}
  quick:
    profiles: [echo]
    keys: {{ k: {{ hash: "{quick}", scopes: [talk, read] }} }}
    limits: {{ creates_per_second: 0.2, burst: 3 }}
  short:
    profiles: [echo]
    keys: {{ k: {{ hash: "{short}", scopes: [talk, read] }} }}
    limits: {{ minutes: 1 }}
storage: {{ database: FOLDER/records.db }}
"""


def key(name):
    """A key as `syrinx key new` makes them, and its hash."""
    text = "syx_" + name.ljust(8, "0") + "_" + hashlib.sha256(name.encode()).hexdigest()[:43]
    return text, "sha256:" + hashlib.sha256(text.encode()).hexdigest()


def base64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def token(secret=SECRET, algorithm="HS256", kid="key-1", **changes):
    now = int(time.time())
    claims = {"iss": "keyed.example", "aud": "syrinx", "sub": "anna", "scope": "talk", "iat": now, "exp": now + 300}
    claims.update(changes)
    head = {"alg": algorithm, "typ": "JWT", "kid": kid}
    text = ".".join(base64url(json.dumps(part).encode()) for part in [head, claims])
    if algorithm == "none":
        return text + "."
    digest = {"HS256": hashlib.sha256, "HS512": hashlib.sha512}[algorithm]
    return text + "." + base64url(hmac.new(secret.encode(), text.encode(), digest).digest())


async def refusal(port, credential, path="/v1/talk", **query):
    try:
        call = await Call.open(port, path, credential, **query)
    except Refused as refused:
        return refused.status, refused.code
    await call.close()
    return 101, None


async def keys(checks, server, soon_until):
    port = server.port
    with checks.check("a key opens calls; none, an unknown, an expired one do not"):
        same((await refusal(port, key("good")[0], profile="echo"))[0], 101)
        same(await refusal(port, None), (401, "auth.missing"))
        same(await refusal(port, key("nobody")[0]), (401, "auth.invalid"))
        status, code = await refusal(port, key("old")[0])
        assert status == 401 and code in ("auth.expired", "auth.invalid"), (status, code)
    with checks.check("a key without `talk` opens none, one without `admin` ends none"):
        same(await refusal(port, key("reader")[0]), (403, "auth.forbidden"))
        same(request(port, "DELETE", "/v1/sessions/ses_x", key("good")[0]).status, 403)
    with checks.check("a key that ends while the server runs is no key any more"):
        same((await refusal(port, key("soon")[0], profile="echo"))[0], 101, "before")
        time.sleep(max(0, soon_until - time.time()) + 0.2)
        same((await refusal(port, key("soon")[0], profile="echo"))[0], 401, "after")
    with checks.check("a session token is good for one call alone"):
        answer = request(port, "POST", "/v1/tokens", key("good")[0], body='{"profile":"echo","user":"ben"}')
        same(answer.status, 201)
        once = answer.json["token"]
        call = await Call.open(port, token=once)
        same(server.get(f"/v1/sessions/{call.session}", key("reader")[0]).json["user"], "ben")
        await call.close()
        same(await refusal(port, None, token=once), (401, "auth.invalid"))


async def signed_tokens(checks, server):
    port = server.port
    with checks.check("a JWT of HS256 is accepted, its `sub` is the user"):
        call = await Call.open(port, key=token(), profile="echo")
        same(server.get(f"/v1/sessions/{call.session}", key("reader")[0]).json["user"], "anna")
        await call.close()
    now = int(time.time())
    wrong = {
        "alg none": token(algorithm="none"), "another secret": token(secret="x" * 40),
        "another algorithm": token(algorithm="HS512"), "another issuer": token(iss="else.example"),
        "another audience": token(aud="else"), "an unknown kid": token(kid="key-2"),
        "expired": token(iat=now - 400, exp=now - 100), "not yet": token(nbf=now + 200),
        "too long a life": token(exp=now + 7200), "no exp": token(exp=None), "cut off": token()[:-3],
        "claims changed": token().split(".")[0] + "." + token(sub="eve").split(".")[1] + "." + token().split(".")[2],
    }
    with checks.check("each wrong one is refused with 401") as notes:
        for what, text in wrong.items():
            status, code = await refusal(port, text, profile="echo")
            assert status in (401, 429), f"{what}: {status} {code}"
            if status == 429:
                notes.append(f"from `{what}` on by the limit of failures")
                break
    with checks.check("a scope that is not in the token is not there"):
        status, code = await refusal(port, token(scope="read"), profile="echo")
        assert (status, code) in [(403, "auth.forbidden"), (429, "auth.too_many_failures")], (status, code)


def wait_out_the_month(seconds):
    """A month that ends within so many seconds has ended afterwards: its minutes are not those of the next."""
    while time.gmtime().tm_mon != time.gmtime(time.time() + seconds).tm_mon:
        time.sleep(1)


async def quotas(checks, server):
    port = server.port
    with checks.check("creates_per_second: after the burst 429 request.rate_exceeded, then again") as notes:
        same([(await refusal(port, key("quick")[0]))[0] for _ in range(3)], [101] * 3, "the burst")
        try:
            await Call.open(port, key=key("quick")[0])
            raise AssertionError("the fourth got in")
        except Refused as refused:
            same((refused.status, refused.code), (429, "request.rate_exceeded"))
            wait = int(refused.headers["retry-after"])
        notes.append(f"Retry-After {wait}")
        time.sleep(wait)
        same((await refusal(port, key("quick")[0]))[0], 101, "after Retry-After")
    with checks.check("minutes: a month's worth used up is 429 tenant.quota_exceeded, also after a restart") as notes:
        wait_out_the_month(120)
        calls = [await Call.open(port, key=key("short")[0]) for _ in range(12)]
        begun = time.monotonic()
        found = 101
        while time.monotonic() - begun < 20:
            found = await refusal(port, key("short")[0])
            if found[0] != 101:
                break
            time.sleep(0.5)
        same(found, (429, "tenant.quota_exceeded"))
        notes.append(f"12 calls, after {time.monotonic() - begun:.1f} s")
        for call in calls:
            await call.close()
        usage = server.get("/v1/usage", key("short")[0]).json["usage"]
        assert usage, usage
        same(server.stop(), 0, "exit code")
        server.start()
        same(await refusal(port, key("short")[0]), (429, "tenant.quota_exceeded"))
        same((await refusal(port, key("good")[0], profile="echo"))[0], 101, "another tenant")


async def run(folder, checks):
    soon_until = int(time.time()) + 30
    server = Server(
        folder, CONFIG.format(
            calm=CALM, never=NEVER, in_a_moment=time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(soon_until)),
            **{name: key(name)[1] for name in ["good", "reader", "old", "soon", "quick", "short"]}),
        env={"JWT_SECRET": SECRET}).start()
    try:
        await keys(checks, server, soon_until)
        await signed_tokens(checks, server)
        await quotas(checks, server)
        same(server.stop(), 0, "exit code")
    finally:
        server.kill()
