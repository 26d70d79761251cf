# SPDX-License-Identifier: Apache-2.0
"""Every route of /openapi.json with every credential that must not open it."""
import base64
import hashlib
import hmac
import json
import time

from server import SECRET, Call, Refused, bearer

SCOPES = ["talk", "read", "admin"]


def segment(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def jwt(algorithm="HS256", secret=SECRET, **changes):
    now = int(time.time())
    claims = {"iss": "acme", "aud": "syrinx", "sub": "ada", "scope": "talk read admin", "iat": now, "exp": now + 600}
    claims.update(changes)
    text = ".".join(segment(json.dumps(part).encode())
                    for part in [{"alg": algorithm, "kid": "key-1", "typ": "JWT"}, claims])
    mac = hmac.new(secret.encode(), text.encode(), hashlib.sha256).digest()
    return text + "." + ("" if algorithm == "none" else segment(mac))


class Matrix:
    def __init__(self, server, session, record):
        self.server, self.ids = server, {"session": session, "record": record}
        self.document = server.ask("GET", "/openapi.json").json
        self.faults, self.cells = [], 0

    def run(self):
        good = self.server.ask("GET", "/v1/profiles", jwt())
        self.expect("GET /v1/profiles with a good JWT", good.status == 200, good.status)
        for path, methods in self.document["paths"].items():
            for method, operation in methods.items():
                self.operation(method.upper(), path, operation)
        return self.faults

    def operation(self, method, path, operation):
        scope = (operation.get("x-scopes") or [None])[0]
        target = self.target(path)
        if not operation["security"]:
            for name, headers, _ in self.bad():
                reply = self.server.ask(method, target, headers=headers)
                self.expect(f"{method} {path} needs no key ({name})", reply.status in (200, 204, 503), reply.status)
            return
        if path in ("/v1/talk", "/v1/realtime"):
            return self.talk(path)
        begins_call = path == "/v1/realtime/calls"
        for verb in [method, "HEAD"] if method == "GET" else [method]:
            for name, headers, query in self.bad(of_socket=begins_call):
                separator = "&" if "?" in target else "?"
                reply = self.ask(verb, target + (separator + query if query else ""), headers)
                self.refused(f"{verb} {path} with {name}", reply, 401)
            for key in [key for key in SCOPES if scope and key != scope]:
                self.refused(f"{verb} {path} with the scope {key}", self.ask(verb, target, bearer(self.server.keys[key])), 403)
                self.refused(f"{verb} {path} with a JWT of {key}", self.ask(verb, target, bearer(jwt(scope=key))), 403)
        self.foreign(method, path, target)
        fine = self.server.ask(method, target.replace(self.ids["record"], "ses_none").replace(
            self.ids["session"], "ses_none"), "all")
        self.expect(f"{method} {path} with all scopes", fine.status not in (401, 403) and fine.status < 500, fine.status)

    def foreign(self, method, path, target):
        """What is another tenant's, and what is not there, answer alike."""
        if "{id}" not in path:
            seen = self.server.ask(method, target, "foreign").body
            known = [b'"acme"', *(identity.encode() for identity in self.ids.values())]
            return self.expect(f"{method} {path} of another tenant", not any(word in seen for word in known), seen[:200])
        there = self.server.ask(method, target, "foreign")
        identity = self.ids["record" if "records" in path else "session"]
        other = identity[:-4] + "beef"
        missing = self.server.ask(method, target.replace(identity, other), "foreign")
        alike = there.body.replace(identity.encode(), b"ID") == missing.body.replace(other.encode(), b"ID")
        self.expect(f"{method} {path} of another tenant", there.status == missing.status == 404 and alike,
                    (there.status, there.body, missing.body))
        wrong = self.server.ask(method, "/globex" + target, "all")
        self.expect(f"{method} {path} under another tenant's path", wrong.status == 401, wrong.status)

    def talk(self, path):
        """The same at a socket, whose handshake must not succeed."""
        for name, headers, query in self.bad(of_socket=True):
            self.handshake(f"a call with {name}", 401, headers, query, path)
        for key in ["read", "admin"]:
            self.handshake(f"a call with the scope {key}", 403, bearer(self.server.keys[key]), path=path)
            self.handshake(f"a call with a JWT of {key}", 403, bearer(jwt(scope=key)), path=path)
        self.handshake("a call under another tenant's path", 401, bearer(self.server.keys["all"]), path="/globex" + path)
        token = self.token()
        Call(self.server, f"{path}?token={token}").close()
        self.handshake("a call with a used session token", 401, [], f"token={token}", path)
        plain = self.server.ask("GET", path)
        self.expect(f"GET {path} without an upgrade", plain.status == 426, plain.status)

    def handshake(self, what, status, headers, query="", path="/v1/talk"):
        self.cells += 1
        try:
            Call(self.server, f"{path}?{query}", headers).close()
            self.faults.append(f"{what} at {path} was let in")
        except Refused as refusal:
            if refusal.status != status:
                self.faults.append(f"{what} at {path}: {refusal.status}, not {status}")

    def bad(self, of_socket=False):
        """Name, headers, query of what is no credential here."""
        keys = self.server.keys
        yield "no key", [], ""
        yield "an unknown key", bearer(keys["unknown"]), ""
        yield "an expired key", bearer(keys["expired"]), ""
        yield "an operator's key", bearer(keys["operator"]), ""
        yield "a key cut short", bearer(keys["all"][:-1]), ""
        yield "half of a header", [("Authorization", "Bearer")], ""
        yield "another scheme", [("Authorization", "Basic " + base64.b64encode(b"acme:" + keys["all"].encode()).decode())], ""
        yield "nonsense", bearer("nonsense"), ""
        yield "a key in the query", [], "token=" + keys["all"]
        yield "a key and a token", bearer(keys["all"]), "token=syt_x"
        yield "a JWT of alg none", bearer(jwt("none")), ""
        yield "a JWT of another secret", bearer(jwt(secret="another secret of thirty-two bytes")), ""
        yield "a JWT of an unknown algorithm", bearer(jwt("HS512")), ""
        yield "an expired JWT", bearer(jwt(iat=1_600_000_000, exp=1_600_000_600)), ""
        yield "a JWT for another audience", bearer(jwt(aud="elsewhere")), ""
        yield "a JWT for ever", bearer(jwt(exp=int(time.time()) + 10**8)), ""
        if not of_socket:
            yield "a session token", bearer(self.token()), ""
            yield "a session token in the query", [], "token=" + self.token()

    def token(self):
        return self.server.ask("POST", "/v1/tokens", "talk").json["token"]

    def target(self, path):
        identity = self.ids["record" if "records" in path else "session"]
        return path.replace("{id}", identity).replace("{user}", "mallory")

    def ask(self, method, path, headers):
        return self.server.ask(method, path, headers=headers)

    def refused(self, what, reply, status):
        fine = reply.status == status and reply.headers.get("x-request-id") and reply.headers.get("www-authenticate")
        if reply.body:
            fine = fine and reply.headers.get("content-type") == "application/problem+json" \
                and reply.json["status"] == status
        self.expect(what, fine, (reply.status, reply.body[:200]))

    def expect(self, what, holds, found):
        self.cells += 1
        if not holds:
            self.faults.append(f"{what}: {found}")


def idempotency(server):
    """Keys of requests; what does not hold."""
    def ask(key, body, who="talk"):
        return server.ask("POST", "/v1/tokens", who, [("Idempotency-Key", key), ("Content-Type", "application/json")],
                          json.dumps(body).encode())
    faults = []
    first, again = ask("k-1", {"user": "ada"}), ask("k-1", {"user": "ada"})
    if first.status != 201 or first.body != again.body:
        faults.append(f"a repeated request got another answer: {first.body} {again.body}")
    other = ask("k-1", {"user": "grace"})
    if (other.status, other.code) != (409, "request.idempotency_conflict"):
        faults.append(f"another body with the same key: {other.status} {other.body}")
    if ask("k-1", {"user": "ada"}, "foreign").body == first.body:
        faults.append("another tenant's key gave this tenant's token")
    Call(server, f"/v1/talk?token={first.json['token']}").close()
    if ask("k-1", {"user": "ada"}).json["token"] == first.json["token"]:
        faults.append("a used token was given again")
    for key in ["x" * 129, "a b", "\u00e9"]:
        if ask(key, {}).code != "request.idempotency_key_invalid":
            faults.append(f"the key {key!r} was taken")
    return faults
