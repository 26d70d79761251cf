# SPDX-License-Identifier: Apache-2.0
"""What all tests of doors share. `scripts/test-doors` runs them.

    def test_a_call(server, speech):
        host = server("doors: { phone: { provider: twilio } }")   # or server(), with no configuration
        wav = speech("what time is it", rate=8000)
        ... host.url, host.http, host.port ...
        assert sound.is_speech(answer, 8000)
"""

import os
import pathlib
import subprocess
import sys

import pytest

import sound
from product import Server

ROOT = pathlib.Path(__file__).resolve().parents[2]
# The simulated providers.
sys.path.insert(0, str(ROOT / "Tests/Integration/providers"))


def pytest_configure(config):
    for name in ("SYRINX", "SYRINX_PLUGINS"):
        if not os.environ.get(name):
            raise pytest.UsageError(f"{name} is not set: run scripts/test-doors")


@pytest.fixture(scope="session")
def root():
    """The checkout."""
    return ROOT


@pytest.fixture(scope="session")
def syrinx():
    """`syrinx("say", "--text", …)` runs the program: what it printed; it must end well."""

    def run(*arguments, **options):
        command = [os.environ["SYRINX"], *map(str, arguments)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120, **options)
        assert done.returncode == 0, f"{command}: exit code {done.returncode}: {done.stdout}{done.stderr}"
        return done.stdout

    return run


@pytest.fixture(scope="session")
def speech(syrinx, tmp_path_factory):
    """`speech(text, rate=16000, silence=0.0)`: path of a WAV (mono, 16 bit) of somebody who says this; `silence` in
    seconds before and after it. The same words are made once."""
    folder = tmp_path_factory.mktemp("speech")
    made = {}

    def say(text, rate=16000, silence=0.0, voice="kal16"):
        key = (text, rate, silence, voice)
        if key not in made:
            path = folder / f"{len(made)}.wav"
            syrinx("say", "--text", text, "--voice", voice, "--rate", rate, "--out", path,
                   "--plugins", os.environ["SYRINX_PLUGINS"])
            if silence:
                samples, _ = sound.read_wav(path)
                sound.write_wav(path, sound.padded(samples, rate, silence), rate)
            made[key] = path
        return made[key]

    return say


@pytest.fixture
def server(tmp_path):
    """`server(config="", env={}, plugins=[])`: a running `syrinx serve` (product.Server), ended after the test."""
    running = []

    def start(config="", env=None, plugins=()):
        host = Server(tmp_path / f"server{len(running)}", config, env, plugins)
        running.append(host)
        return host.start()

    yield start
    for host in running:
        host.stop()
