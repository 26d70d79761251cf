# SPDX-License-Identifier: Apache-2.0
"""The product in a process of its own, as an operator starts it, asks it and ends it."""

import http.client
import json
import os
import re
import signal
import subprocess
import sys
import time

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../../scripts"))
from ports import free_port  # noqa: E402

DIST = os.path.abspath(os.environ.get("DIST", "dist"))
SYRINX = os.path.join(DIST, "bin", "syrinx")

# The tests share their machine: how busy it is must not decide them.
CALM = "load: { cpu: 0, loop_lag: 0s }"


class Answer:
    def __init__(self, status, headers, body):
        self.status = status
        self.headers = headers
        self.body = body

    @property
    def json(self):
        return json.loads(self.body)


def request(port, method, path, key=None, body=None, headers=None, timeout=60):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)
    try:
        all_headers = dict(headers or {})
        if key:
            all_headers["Authorization"] = f"Bearer {key}"
        connection.request(method, path, body=body, headers=all_headers)
        answer = connection.getresponse()
        return Answer(answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read())
    finally:
        connection.close()


class Server:
    """`PORT`, `ADMIN` and `FOLDER` in the configuration are replaced by this server's own."""

    def __init__(self, folder, config, env=None, name="syrinx"):
        os.makedirs(folder, exist_ok=True)
        self.folder = folder
        self.port, self.admin = free_port(), free_port()
        self.socket = os.path.join(folder, "admin.sock")
        self.config = os.path.join(folder, f"{name}.yaml")
        self.log = os.path.join(folder, f"{name}.log")
        self.env = dict(os.environ, **(env or {}))
        self.process = None
        self.write(config)

    def write(self, config):
        text = config.replace("PORT", str(self.port)).replace("ADMIN", str(self.admin)).replace("FOLDER", self.folder)
        with open(self.config, "w") as file:
            file.write(text)

    def start(self):
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                [SYRINX, "serve", "--config", self.config, "--admin-socket", self.socket],
                stdout=log, stderr=log, env=self.env)
        end = time.monotonic() + 60
        while time.monotonic() < end:
            if self.process.poll() is not None:
                break
            try:
                if request(self.port, "GET", "/readyz", timeout=2).status == 200:
                    return self
            except OSError:
                pass
            time.sleep(0.05)
        self.kill()
        raise AssertionError("the server did not start:\n" + self.log_text()[-2000:])

    # MARK: as an operator

    def cli(self, *arguments, code=0):
        """`syrinx ARGUMENTS --server SOCKET`: what it printed, when its exit code is as expected; None = any."""
        done = subprocess.run(
            [SYRINX, *arguments, "--server", self.socket], capture_output=True, text=True, timeout=60, env=self.env)
        text = done.stdout + done.stderr
        if code is not None and done.returncode != code:
            raise AssertionError(f"`syrinx {' '.join(arguments)}`: exit code {done.returncode}, not {code}: {text}")
        return text

    def get(self, path, key=None, **options):
        return request(self.port, "GET", path, key, **options)

    def ask_admin(self, path, method="GET", key=None, body=None):
        return request(self.admin, method, path, key, body)

    def metrics(self, key=None):
        """Samples by name and labels as they stand: `name{a="b"}`."""
        answer = self.ask_admin("/metrics", key=key)
        assert answer.status == 200, answer.body
        samples = {}
        for line in answer.body.decode().splitlines():
            if line and not line.startswith("#"):
                name, value = line.rsplit(" ", 1)
                samples[name] = float(value)
        return samples

    def total(self, name, key=None, **labels):
        """The sum over all series of a name with these labels."""
        sum_ = 0.0
        for sample, value in self.metrics(key).items():
            if sample.split("{")[0] != name:
                continue
            found = dict(re.findall(r'(\w+)="([^"]*)"', sample))
            if all(found.get(label) == wanted for label, wanted in labels.items()):
                sum_ += value
        return sum_

    def log_text(self):
        with open(self.log, errors="replace") as file:
            return file.read()

    # MARK: its process

    def signal(self, which=signal.SIGTERM):
        os.kill(self.process.pid, which)

    def wait(self, timeout=60):
        return self.process.wait(timeout)

    def stop(self, timeout=60):
        """The exit code."""
        if self.process is None or self.process.poll() is not None:
            return self.process.returncode if self.process else None
        self.signal()
        return self.wait(timeout)

    def kill(self):
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    def _entries(self, what):
        return len(os.listdir(f"/proc/{self.process.pid}/{what}"))

    def usage(self):
        """Descriptors, threads, children, resident bytes."""
        pid = self.process.pid
        children = 0
        for task in os.listdir(f"/proc/{pid}/task"):
            try:
                with open(f"/proc/{pid}/task/{task}/children") as file:
                    children += len(file.read().split())
            except OSError:
                pass
        with open(f"/proc/{pid}/statm") as file:
            resident = int(file.read().split()[1]) * os.sysconf("SC_PAGESIZE")
        return {"fds": self._entries("fd"), "threads": self._entries("task"), "children": children,
                "resident": resident}
