# SPDX-License-Identifier: Apache-2.0
"""`syrinx console` with text and audio from a pipe."""

import array
import math
import os
import subprocess
import wave

from checks import same
from product import CALM, SYRINX, Server

RATE = 16_000

CONFIG = f"""listen: 127.0.0.1:PORT
listeners: {{ admin_http: 127.0.0.1:ADMIN }}
limits: {{ max_sessions: 10, {CALM} }}
profiles:
  greeting: {{ extends: mock, greeting: "Good morning." }}
"""


def console(server, given, *arguments):
    done = subprocess.run(
        [SYRINX, "console", "--url", f"ws://127.0.0.1:{server.port}", "--profile", "greeting", *arguments],
        input=given, capture_output=True, timeout=60, env=server.env)
    return done.returncode, done.stdout, done.stderr.decode()


def lines(text, who):
    return [line.split(":", 1)[1].strip() for line in text.splitlines() if line.strip().startswith(who)]


async def run(folder, checks):
    server = Server(folder, CONFIG).start()
    tone = array.array("h", (int(9000 * math.sin(2 * math.pi * 440 * n / RATE)) for n in range(RATE))).tobytes()
    try:
        with checks.check("console: each line of a pipe is a turn, after the answer to the one before"):
            path = os.path.join(folder, "heard.wav")
            code, out, errors = console(server, b"one\n\ntwo\n", "--out", path)
            same((code, errors), (0, ""))
            same(lines(out.decode(), "you"), ["one", "two"])
            same(len(lines(out.decode(), "agent")), 3, "answers, with the greeting")
            with wave.open(path) as sound:
                samples = array.array("h", sound.readframes(sound.getnframes()))
                assert max(samples) > 1000
        with checks.check("console: raw audio in, raw audio out, and the words beside it"):
            code, out, errors = console(server, tone, "--audio", "--out", "-")
            # A pipe may be a microphone: it is not kept waiting for the greeting.
            same(code, 0, errors)
            assert max(array.array("h", out[:len(out) // 2 * 2])) > 1000 and lines(errors, "agent")
        with checks.check("console: a WAV file is said when the greeting is over"):
            path = os.path.join(folder, "said.wav")
            with wave.open(path, "wb") as sound:
                sound.setparams((1, 2, RATE, 0, "NONE", ""))
                sound.writeframes(tone)
            with open(path, "rb") as file:
                code, out, errors = console(server, file.read(), "--audio")
            same((code, len(lines(out.decode(), "you"))), (0, 1), errors)
        with checks.check("console: what is no audio, or no server, is told with exit code 1"):
            code, _, errors = console(server, b"RIFFnonsense", "--audio")
            assert code == 1 and "wav." in errors, errors
            same(server.stop(), 0, "exit code")
            code, _, errors = console(server, b"one\n")
            assert code == 1 and "client.connection_failed" in errors, errors
    finally:
        server.kill()
