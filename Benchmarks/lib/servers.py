# SPDX-License-Identifier: Apache-2.0
"""Starts a server on a core of its own and ends it again."""
import os
import pathlib
import signal
import socket
import subprocess
import sys
import time
import urllib.request

sys.path.append(str(pathlib.Path(__file__).resolve().parents[2] / "scripts"))
from ports import free_port  # noqa: E402


class ServerError(Exception):
    pass


class Server:
    """`with Server(...) as server:` is ready to serve inside the block."""

    def __init__(self, name, command, core, log_dir, ready_path=None):
        self.name = name
        self.port = free_port()
        self.command = pinned(core) + [*command, "--listen", f"127.0.0.1:{self.port}"]
        self.log = log_dir / f"{name}.log"
        self.ready_path = ready_path

    def __enter__(self):
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(self.command, stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        try:
            self.wait_until_ready(time.monotonic() + 60)
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_):
        self.stop()

    @property
    def pid(self):
        # taskset replaces itself by the server, so the process is the server's.
        return self.process.pid

    def url(self, path):
        return f"ws://127.0.0.1:{self.port}{path}"

    def wait_until_ready(self, deadline):
        while not self.is_ready():
            if self.process.poll() is not None:
                raise ServerError(f"{self.name} ended with {self.process.returncode}, see {self.log}")
            if time.monotonic() > deadline:
                raise ServerError(f"{self.name} is not ready after 60 s, see {self.log}")
            time.sleep(0.05)

    def is_ready(self):
        try:
            if self.ready_path is None:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return True
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{self.ready_path}", timeout=1) as answer:
                return answer.status == 200
        except OSError:
            return False

    def stop(self):
        # The second request ends a drain, the third does not ask.
        for request in (signal.SIGTERM, signal.SIGTERM, signal.SIGKILL):
            self.process.send_signal(request)
            try:
                self.process.wait(3)
                return
            except subprocess.TimeoutExpired:
                continue


def pinned(core):
    """The command's prefix; nothing on a machine with a single core."""
    return [] if core is None else ["taskset", "-c", str(core)]


def cores():
    """One core for the server, another for the load; (None, None) where there is only one."""
    allowed = sorted(os.sched_getaffinity(0))
    return (allowed[0], allowed[1]) if len(allowed) > 1 else (None, None)
