# SPDX-License-Identifier: Apache-2.0
"""`etc/providers.yaml` as it is shipped: four tenants on one server, three of them against simulators."""
import json
import os
import pathlib
import signal
import subprocess

import pytest
from simulator import Simulator, tls

ROOT = pathlib.Path(__file__).resolve().parents[3]
SYRINX = os.environ["SYRINX"]
QUESTION = "what time is it"
KEY = "syx_demo{}_NotASecretNotASecretNotASecretNotASecret001"


class Server:
    """`syrinx serve` with the example, at ports of its own, and however busy the machine is."""

    def __init__(self, folder, environment):
        config = folder / "providers.yaml"
        config.write_text((ROOT / "etc/providers.yaml").read_text() + "\nlimits: { load: { cpu: 0, loop_lag: 0s } }\n")
        command = [SYRINX, "serve", "--config", config, "--listen", "127.0.0.1:0"]
        self.log = open(folder / "serve.log", "w+")
        self.process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=self.log, text=True, env={**os.environ, **environment})
        self.url = None
        for line in self.process.stdout:
            if "ws://" in line:
                self.url = line[line.index("ws://"):].split("/v1")[0].strip()
                break
        assert self.url, self.text()

    def text(self):
        self.log.seek(0)
        return self.log.read()

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(20)
        self.process.stdout.close()
        self.log.close()


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    folder = tmp_path_factory.mktemp("calls")
    wav = folder / "question.wav"
    subprocess.run([SYRINX, "say", "--text", QUESTION, "--out", wav], check=True, capture_output=True)
    return folder


def environment(folder, deepgram=None, openai=None, elevenlabs=None, nova=None, roots=None):
    nowhere = "127.0.0.1:9"
    return {
        "DEEPGRAM_URL": deepgram.ws if deepgram else f"ws://{nowhere}",
        "OPENAI_URL": f"{openai.http}/v1" if openai else f"http://{nowhere}/v1",
        "OPENAI_REALTIME_URL": f"{openai.ws}/v1/realtime" if openai else f"ws://{nowhere}/v1/realtime",
        "ELEVENLABS_URL": elevenlabs.ws if elevenlabs else f"ws://{nowhere}",
        "NOVA_URL": nova.http if nova else f"https://{nowhere}",
        "PROVIDER_ROOTS": roots or "/etc/ssl/certs/ca-certificates.crt",
    }


def call(server, tenant, folder):
    """One spoken question; what the client saw."""
    done = subprocess.run(
        [SYRINX, "call", "--url", server.url, "--key", KEY.format(tenant), "--json", "--in", folder / "question.wav"],
        capture_output=True, text=True, timeout=90)
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}\n{server.text()[-4000:]}"
    return json.loads(done.stdout)


def answers(report):
    return " ".join(turn.get("agent", "") for turn in report["turns"])


def test_each_tenant_has_its_own_providers(place):
    certificate, key = tls(place)
    with Simulator("deepgram", "--key", "demo", "--say", QUESTION) as deepgram, \
            Simulator("openai", "--key", "demo", "--say", QUESTION) as openai, \
            Simulator("elevenlabs", "--key", "demo") as elevenlabs, \
            Simulator("amazon_nova", "--tls", certificate, key, "--key", "AKIDEXAMPLE:demo", "--say", QUESTION) as nova:
        server = Server(place, environment(place, deepgram, openai, elevenlabs, nova, certificate))
        try:
            assert call(server, "Glob", place)["turns"]
            assert f"You said: {QUESTION}" in answers(call(server, "Acme", place))
            for tenant in ("Oper", "Caro"):
                assert QUESTION in answers(call(server, tenant, place))
        finally:
            server.stop()
        assert "demo\"" not in server_log(place)


def server_log(folder):
    return (folder / "serve.log").read_text()


def test_embedded_engines_take_over_when_every_vendor_is_gone(place):
    """Nobody listens where the vendors should be: the call is held all the same."""
    server = Server(place, environment(place))
    try:
        report = call(server, "Acme", place)
        assert report["turns"] and answers(report)
    finally:
        server.stop()
    assert "goes on" in server_log(place)


def test_a_vendor_that_dies_in_the_middle_costs_no_word(place):
    with Simulator("deepgram", "--say", QUESTION, "--fault", "after=partial:2,cut,times=1") as deepgram, \
            Simulator("openai", "--fault", "status=503,path=/v1/chat,times=1") as openai, \
            Simulator("elevenlabs", "--fault", "after=audio:1,cut,times=1") as elevenlabs:
        server = Server(place, environment(place, deepgram, openai, elevenlabs))
        try:
            assert answers(call(server, "Acme", place))
        finally:
            server.stop()
