# SPDX-License-Identifier: Apache-2.0
"""What stands at the other end: a collector of OTLP/HTTP in JSON, and a receiver of webhooks."""

import base64
import hashlib
import hmac
import http.server
import json
import threading
import time


class Sink:
    """An HTTP server on a free port of loopback; `answer` says what becomes of a POST."""

    def __init__(self):
        sink = self
        self.lock = threading.Lock()
        self.raw = []

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("content-length", 0)))
                headers = {k.lower(): v for k, v in self.headers.items()}
                with sink.lock:
                    sink.raw.append((headers, body))
                    status, more = sink.answer(headers, body)
                self.send_response(status)
                for name, value in more.items():
                    self.send_header(name, value)
                self.send_header("content-length", "2")
                self.end_headers()
                self.wfile.write(b"{}")

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def answer(self, headers, body):
        return 200, {}

    def stop(self):
        self.server.shutdown()
        self.server.server_close()


class Collector(Sink):
    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}/v1/traces"

    @property
    def spans(self):
        with self.lock:
            bodies = [json.loads(body) for _, body in self.raw]
        return [span for body in bodies for resource in body["resourceSpans"]
                for scope in resource["scopeSpans"] for span in scope["spans"]]


def attributes(span):
    return {a["key"]: next(iter(a["value"].values())) for a in span["attributes"]}


class Hook(Sink):
    """A receiver that checks each signature, fails `failures` times for each event, and then takes it.

    The signature is that of Standard Webhooks: HMAC-SHA256 over `id.timestamp.body` in base64, after `v1,`.
    """

    def __init__(self, secret, failures=0):
        self.secret = base64.b64decode(secret[6:]) if secret.startswith("whsec_") else secret.encode()
        self.failures = failures
        self.tries = {}
        self.taken = []
        self.faults = []
        super().__init__()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}/hook"

    def answer(self, headers, body):
        event_id, stamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "0")
        signed = f"{event_id}.{stamp}.".encode() + body
        wanted = "v1," + base64.b64encode(hmac.new(self.secret, signed, hashlib.sha256).digest()).decode()
        if wanted not in headers.get("webhook-signature", "").split(" "):
            self.faults.append(f"signature {headers.get('webhook-signature')} of {event_id}")
        if abs(time.time() - int(stamp)) > 60:
            self.faults.append(f"timestamp {stamp}")
        event = json.loads(body)
        self.tries.setdefault(event_id, []).append(body)
        if len(self.tries[event_id]) <= self.failures:
            return 503, {"Retry-After": "1"}
        self.taken.append((event_id, event))
        return 200, {}
