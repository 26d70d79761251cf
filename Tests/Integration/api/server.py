# SPDX-License-Identifier: Apache-2.0
"""A server of two tenants in a temporary folder, with sessions that live and records of some that have ended."""
import base64
import json
import os
import pathlib
import socket
import struct
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request

sys.path.append(str(pathlib.Path(__file__).resolve().parents[3] / "scripts"))
from ports import free_port  # noqa: E402

CONFIG = """
listen: 127.0.0.1:{port}
listeners: {{ admin: none, admin_http: "127.0.0.1:{admin_port}" }}
access:
  operators:
    ops: {{ hash: "{operator}" }}
tenants:
  acme:
    profiles: [mock, echo]
    keys:
      all: {{ hash: "{all}", scopes: [talk, read, admin] }}
      talk: {{ hash: "{talk}", scopes: [talk] }}
      read: {{ hash: "{read}", scopes: [read] }}
      admin: {{ hash: "{admin}", scopes: [admin] }}
      old: {{ hash: "{expired}", scopes: [talk, read, admin], expires: "2020-01-01T00:00:00Z" }}
    jwt:
      key-1: {{ algorithm: HS256, key: "{secret}", issuer: acme, audience: syrinx, max_lifetime: 1h }}
    route: {{ paths: [acme] }}
    records: {{ transcripts: true, recordings: true, keep: 1d, keep_transcripts: 1d, keep_recordings: 1d }}
  globex:
    profiles: [mock]
    keys:
      all: {{ hash: "{foreign}", scopes: [talk, read, admin] }}
    route: {{ paths: [globex] }}
limits: {{ load: {{ cpu: 0, loop_lag: 0s }} }}
storage: {{ database: records/syrinx.db, recordings: records/audio }}
"""
SECRET = "a secret of thirty-two bytes or more"


class Server:
    def __init__(self, dist, folder):
        self.dist, self.folder = pathlib.Path(dist), pathlib.Path(folder)
        self.keys, hashes = {}, {}
        for name in ["all", "talk", "read", "admin", "expired", "foreign", "operator", "unknown"]:
            made = json.loads(subprocess.check_output([self.dist / "bin/syrinx", "key", "new", "--json"]))
            self.keys[name], hashes[name] = made["key"], made["hash"]
        self.port, self.admin = free_port(), free_port()
        self.url, self.admin_url = (f"http://127.0.0.1:{port}" for port in (self.port, self.admin))
        config = self.folder / "syrinx.yaml"
        config.write_text(CONFIG.format(port=self.port, admin_port=self.admin, secret=SECRET, **hashes))
        (self.folder / "records").mkdir()
        self.log = self.folder / "serve.log"
        command = [self.dist / "bin/syrinx", "serve", "--config", config, "--plugins", self.dist / "plugins"]
        with open(self.log, "w") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log)
        self.wait()

    def wait(self):
        for _ in range(600):
            try:
                if self.ask("GET", "/readyz").status == 200:
                    return
            except OSError:
                pass
            if self.process.poll() is not None:
                break
            time.sleep(0.1)
        raise SystemExit("the server does not start:\n" + self.log.read_text())

    def stop(self):
        self.process.terminate()
        try:
            return self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return None

    def ask(self, method, path, key=None, headers=(), body=None, url=None):
        """An answer; errors are answers, too."""
        request = urllib.request.Request((url or self.url) + path, method=method, data=body)
        if key:
            request.add_header("Authorization", f"Bearer {self.keys.get(key, key)}")
        for name, value in headers:
            request.add_header(name, value)
        try:
            with urllib.request.urlopen(request, timeout=20) as reply:
                return Reply(reply.status, reply.headers, reply.read())
        except urllib.error.HTTPError as error:
            with error:
                return Reply(error.code, error.headers, error.read())


class Reply:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    @property
    def json(self):
        return json.loads(self.body or b"null")

    @property
    def code(self):
        try:
            return self.json.get("code")
        except (ValueError, AttributeError):
            return None


class Refused(Exception):
    def __init__(self, status, body):
        super().__init__(f"{status} {body[:200]!r}")
        self.status, self.body = status, body


class Call:
    """One conversation over a WebSocket (RFC 6455), as much of it as is needed here."""

    def __init__(self, server, path="/v1/talk", headers=()):
        self.socket = socket.create_connection(("127.0.0.1", server.port), timeout=20)
        self.input = self.socket.makefile("rb")
        lines = [f"GET {path} HTTP/1.1", f"Host: 127.0.0.1:{server.port}", "Connection: Upgrade",
                 "Upgrade: websocket", "Sec-WebSocket-Version: 13",
                 "Sec-WebSocket-Key: " + base64.b64encode(os.urandom(16)).decode()]
        lines += [f"{name}: {value}" for name, value in headers]
        self.socket.sendall("\r\n".join(lines + ["", ""]).encode())
        status, length = int(self.input.readline().split()[1]), 0
        while (line := self.input.readline().strip()):
            name, value = line.decode().split(":", 1)
            length = int(value) if name.lower() == "content-length" else length
        if status != 101:
            body = self.input.read(length)
            self.close()
            raise Refused(status, body)
        self.events = []
        self.session = self.until("session.created" if "/v1/realtime" in path else "session.started")["session"]

    def say(self, message):
        data, mask = json.dumps(message).encode(), os.urandom(4)
        masked = bytes(byte ^ mask[index % 4] for index, byte in enumerate(data))
        head = bytes([0x81, 0x80 | len(data)]) if len(data) < 126 else b"\x81\xfe" + struct.pack(">H", len(data))
        self.socket.sendall(head + mask + masked)

    def until(self, kind):
        """The next event of this type; audio and all else is passed over."""
        while True:
            head = self.input.read(2)
            if len(head) < 2 or head[0] & 15 == 8:
                raise EOFError
            length = head[1] & 127
            if length == 126:
                length = struct.unpack(">H", self.input.read(2))[0]
            elif length == 127:
                length = struct.unpack(">Q", self.input.read(8))[0]
            data = self.input.read(length)
            if head[0] & 15 == 1:
                self.events.append(json.loads(data))
                if self.events[-1]["type"] == kind:
                    return self.events[-1]

    def close(self):
        self.input.close()
        self.socket.close()


def bearer(key):
    return [("Authorization", f"Bearer {key}")]


def talk_once(server, key, user):
    """A session with one turn, to its end; its id."""
    call = Call(server, f"/v1/talk?profile=mock&reply_ms=100&user={user}", bearer(server.keys[key]))
    call.say({"type": "text", "text": "the canary sings"})
    call.until("turn.ended")
    call.say({"type": "close"})
    try:
        call.until("session.closed")
    finally:
        call.close()
    return call.session


class Company(threading.Thread):
    """Keeps some sessions alive, whoever closes them."""

    def __init__(self, server, key, count):
        super().__init__(daemon=True)
        self.server, self.key, self.count, self.calls, self.ended = server, key, count, [], threading.Event()
        self.fill()

    def fill(self):
        while len(self.calls) < self.count:
            self.calls.append(Call(self.server, "/v1/talk?profile=mock&user=grace", bearer(self.server.keys[self.key])))

    def run(self):
        while not self.ended.wait(0.2):
            try:
                reply = self.server.ask("GET", "/v1/sessions?limit=1000", self.key)
                live = {session["session"] for session in reply.json["sessions"]}
                for call in [call for call in self.calls if call.session not in live]:
                    self.calls.remove(call)
                    call.close()
                self.fill()
            except (OSError, Refused, EOFError, KeyError):
                continue

    def leave(self):
        self.ended.set()
        self.join()
        for call in self.calls:
            call.close()
