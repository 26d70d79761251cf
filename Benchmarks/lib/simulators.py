# SPDX-License-Identifier: Apache-2.0
"""`syrinx simulate` in a process of its own."""
import json
import subprocess

from .servers import ServerError


class Simulator:
    """`with Simulator(syrinx, "openai", "--key", "k") as vendor: ... vendor.http ...`"""

    def __init__(self, syrinx, vendor, *arguments):
        self.command = [str(syrinx), "simulate", vendor, "--json", *arguments]
        self.process = None

    def __enter__(self):
        self.process = subprocess.Popen(self.command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        first = self.process.stdout.readline()
        if not first:
            raise ServerError(f"{' '.join(self.command)} did not start")
        start = json.loads(first)
        self.http, self.ws, self.port = start["http"], start["ws"], start["port"]
        # What it tells of each connection is not wanted, but somebody has to read it.
        self.reader = subprocess.Popen(["cat"], stdin=self.process.stdout, stdout=subprocess.DEVNULL)
        return self

    def __exit__(self, *_):
        self.kill()
        self.reader.wait()
        self.process.stdout.close()

    @property
    def pid(self):
        return self.process.pid

    def kill(self):
        """As a crash is: whoever is connected learns it from the socket alone."""
        self.process.kill()
        self.process.wait()
