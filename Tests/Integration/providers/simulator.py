# SPDX-License-Identifier: Apache-2.0
"""A simulator in a process of its own: `with Simulator("openai", "--key", "k") as sim: ... sim.http ...`"""
import json
import os
import pathlib
import subprocess
import threading


class Simulator:
    """`arguments` are those of `syrinx simulate`; --json is added."""

    def __init__(self, vendor, *arguments):
        command = [os.environ["SYRINX"], "simulate", vendor, "--json", *map(str, arguments)]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        first = self.process.stdout.readline()
        if not first:
            raise RuntimeError(f"{command} did not start: {self.process.stderr.read()}")
        self.start = json.loads(first)
        self.http, self.ws, self.port = self.start["http"], self.start["ws"], self.start["port"]
        self.entries = []
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self):
        for line in self.process.stdout:
            self.entries.append(json.loads(line))

    def lines(self):
        """What it printed of its connections; complete once the block is left."""
        return list(self.entries)

    def received(self):
        """With --messages: what clients sent, of each message that is JSON."""
        texts = [entry["text"] for entry in self.lines() if entry["event"] == "message"]
        return [json.loads(text) for text in texts if text.startswith("{")]

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise
        self.reader.join(10)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()
        # A trap of the simulator fails the test that provoked it.
        assert self.process.returncode == 0, self.process.stderr.read()


def tls(folder):
    """A certificate of 127.0.0.1 that nobody trusts unless told: paths of certificate and key."""
    folder = pathlib.Path(folder)
    certificate, key = folder / "certificate.pem", folder / "key.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30", "-subj", "/CN=127.0.0.1",
         "-addext", "subjectAltName=IP:127.0.0.1,DNS:localhost", "-out", certificate, "-keyout", key],
        check=True, capture_output=True)
    return str(certificate), str(key)


def tone(milliseconds, rate=16000, level=8000):
    """S16 samples that a simulated recogniser takes for speech."""
    count = rate * milliseconds // 1000
    return b"".join((level if index // 20 % 2 else -level).to_bytes(2, "little", signed=True) for index in range(count))


def silence(milliseconds, rate=16000):
    return bytes(rate * milliseconds // 1000 * 2)
