# SPDX-License-Identifier: Apache-2.0
"""`syrinx serve` in a process of its own, on free ports of 127.0.0.1."""

import contextlib
import json
import os
import pathlib
import subprocess
import sys
import time
import urllib.error
import urllib.request

sys.path.append(str(pathlib.Path(__file__).resolve().parents[2] / "scripts"))
from ports import free_port  # noqa: E402

# The tests share their machine: how busy it is must not decide them. A configuration with `limits` of its own says so
# itself: `load: { cpu: 0, loop_lag: 0s }`.
CALM = "limits: { load: { cpu: 0, loop_lag: 0s } }\n"


def within(seconds, condition, what):
    """Waits until it holds: counts and log lines are written a moment after what they tell of."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"{what} did not come within {seconds} s"
        time.sleep(0.05)


class Server:
    """`config` is a configuration; `PORT`, `ADMIN` (ports) and `FOLDER` (its own) in it are replaced."""

    def __init__(self, folder, config="", env=None, plugins=()):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.log = self.folder / "server.log"
        self.env = {**os.environ, **(env or {})}
        self.plugins = [os.environ["SYRINX_PLUGINS"], *map(str, plugins)]
        self.process = None
        keys = {line.split(":")[0] for line in config.splitlines()}
        if "limits" not in keys:
            config = CALM + config
        if "listeners" not in keys:
            config = 'listeners: { admin_http: "127.0.0.1:ADMIN" }\n' + config
        self.template = config
        self.config = self.folder / "syrinx.yaml"
        self.choose_ports()

    def choose_ports(self):
        self.port, self.admin = free_port(), free_port()
        self.http = f"http://127.0.0.1:{self.port}"
        self.url = f"ws://127.0.0.1:{self.port}"
        config = self.template
        for name, value in (("PORT", self.port), ("ADMIN", self.admin), ("FOLDER", self.folder)):
            config = config.replace(name, str(value))
        self.config.write_text(config)

    def start(self):
        """Another program may have taken a port before the server did: it is tried again on others then."""
        for _ in range(3):
            if self.launch():
                return self
            if "Address already in use" not in self.log_text():
                break
            self.choose_ports()
        raise AssertionError("the server did not start:\n" + self.log_text()[-4000:])

    def launch(self):
        command = [os.environ["SYRINX"], "serve", "--config", str(self.config), "--listen", f"127.0.0.1:{self.port}",
                   "--admin-socket", str(self.folder / "admin.sock")]
        for folder in self.plugins:
            command += ["--plugins", folder]
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log, env=self.env)
        end = time.monotonic() + 60
        while time.monotonic() < end and self.process.poll() is None:
            try:
                if self.request("GET", "/readyz").status == 200:
                    return True
            except OSError:
                pass
            time.sleep(0.05)
        self.process.kill()
        return False

    def stop(self):
        """Ends it as an operator does, without waiting for its calls."""
        if self.process is None or self.process.poll() is not None:
            return
        self.process.terminate()
        try:
            self.process.wait(2)
        except subprocess.TimeoutExpired:
            self.process.terminate()
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait(10)

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.stop()

    def log_text(self):
        return self.log.read_text(errors="replace")

    def helpers(self, plugin):
        """Ids of its helper processes that hold this plugin."""
        found = []
        for children in pathlib.Path(f"/proc/{self.process.pid}/task").glob("*/children"):
            for child in children.read_text().split():
                with contextlib.suppress(OSError):
                    words = pathlib.Path(f"/proc/{child}/cmdline").read_bytes().split(b"\0")
                    found += [int(child)] if words[1:2] == [plugin.encode()] else []
        return found

    # MARK: HTTP

    def request(self, method, path, body=None, headers=None, port=None, timeout=30):
        """The answer, whatever its status. `body`: bytes, a text, or what is sent as JSON."""
        headers = dict(headers or {})
        if body is not None and not isinstance(body, (bytes, str)):
            body = json.dumps(body)
            headers.setdefault("Content-Type", "application/json")
        data = body.encode() if isinstance(body, str) else body
        url = f"http://127.0.0.1:{port or self.port}{path}"
        ask = urllib.request.Request(url, data=data, headers=headers, method=method)
        try:
            with urllib.request.urlopen(ask, timeout=timeout) as answer:
                return Answer(answer.status, answer.headers, answer.read())
        except urllib.error.HTTPError as answer:
            return Answer(answer.code, answer.headers, answer.read())

    def metrics(self):
        """Samples by name and labels as they stand: `name{a="b"}`."""
        answer = self.request("GET", "/metrics", port=self.admin)
        assert answer.status == 200, answer.text
        lines = [line for line in answer.text.splitlines() if line and not line.startswith("#")]
        return {name: float(value) for name, value in (line.rsplit(" ", 1) for line in lines)}


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.body = status, body
        self.headers = {name.lower(): value for name, value in headers.items()}

    @property
    def text(self):
        return self.body.decode(errors="replace")

    @property
    def json(self):
        return json.loads(self.body)
