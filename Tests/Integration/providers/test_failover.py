# SPDX-License-Identifier: Apache-2.0
"""Vendors that break off and do not come back: the next provider goes on, and no word is lost or said twice."""
import concurrent.futures
import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import urllib.request

import pytest
from simulator import Simulator

sys.path.append(str(pathlib.Path(__file__).resolve().parents[3] / "scripts"))
from ports import free_port  # noqa: E402

SYRINX = os.environ["SYRINX"]
QUESTION = "what time is it"
CASCADE = """
listeners: {{ admin_http: 127.0.0.1:{admin} }}
limits: {{ load: {{ cpu: 0, loop_lag: 0s }} }}
network: {{ allow: [loopback] }}
profiles:
  call:
    extends: default
    greeting: ""
    {stages}
"""
# Where the connection ends in two utterances of two partials each; every later one is refused.
CUTS = ["at=connect", "after=ready", "at=partial:1", "after=partial:1", "at=partial:2", "after=partial:2",
        "at=finalized:1", "after=finalized:1", "at=partial:3", "after=partial:4", "at=finalized:2", "after=finalized:2"]
# At these nothing is owed; the loss is noticed with the next utterance, if there is one.
QUIET = ["at=connect", "after=ready", "after=finalized:1", "after=finalized:2"]


class Server:
    """`syrinx serve` with these stages, at ports of its own; whoever listens nowhere is called at port 9."""

    def __init__(self, folder, stages, name="serve"):
        self.admin = free_port()
        config = folder / f"{name}.yaml"
        config.write_text(CASCADE.format(admin=self.admin, stages=stages))
        self.log = open(folder / f"{name}.log", "w+")
        self.process = subprocess.Popen(
            [SYRINX, "serve", "--config", config, "--listen", "127.0.0.1:0"], stdout=subprocess.PIPE, stderr=self.log,
            text=True)
        self.url = next(
            (line[line.index("ws://"):].split("/v1")[0].strip() for line in self.process.stdout if "ws://" in line), None)
        assert self.url, self.text()

    def text(self):
        self.log.seek(0)
        return self.log.read()

    def call(self, *files, patience=90):
        """The questions, one turn each; the turns as the client saw them."""
        questions = [part for file in files for part in ("--in", file)]
        done = subprocess.run(
            [SYRINX, "call", "--url", self.url, "--profile", "call", "--json", *questions],
            capture_output=True, text=True, timeout=patience)
        assert done.returncode == 0, f"{done.stdout}\n{done.stderr}\n{self.text()[-4000:]}"
        return json.loads(done.stdout)["turns"]

    def breakers(self):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.admin}/healthz", timeout=10) as answer:
            return json.load(answer)["breakers"]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(20)
        finally:
            self.process.kill()
            self.process.stdout.close()
            self.log.close()


@pytest.fixture(scope="module")
def question(tmp_path_factory):
    wav = tmp_path_factory.mktemp("failover") / "question.wav"
    subprocess.run([SYRINX, "say", "--text", QUESTION, "--out", wav], check=True, capture_output=True)
    return wav


def call_cut_off(folder, question, cut):
    """Two questions, the first or the second of them cut off: what was heard, and the server's log."""
    refusal = "at=connect,status=503" + ("" if cut == "at=connect" else ",skip=1")
    with Simulator("deepgram", "--say", QUESTION, "--fault", f"{cut},cut,times=1;{refusal}") as deepgram:
        stages = f"""stt:
      provider: deepgram
      config: {{ url: "{deepgram.ws}", api_key: demo }}
      fallback: [pocketsphinx]
    agent: echo"""
        with Server(folder, stages, name=re.sub("[^a-z0-9]", "-", cut)) as server:
            return [turn["user"] for turn in server.call(question, question)], server.text()


def test_a_recogniser_that_does_not_come_back_costs_no_word_at_twelve_points(tmp_path, question):
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        results = dict(zip(CUTS, pool.map(lambda cut: call_cut_off(tmp_path, question, cut), CUTS)))
    assert {cut: heard for cut, (heard, _) in results.items()} == {cut: [QUESTION, QUESTION] for cut in CUTS}
    for cut in CUTS[:-1]:
        assert "goes on" in results[cut][1], cut
    # Long before the plugin itself gives up, about 2.7 s after the loss.
    for cut in set(CUTS) - set(QUIET):
        assert "deepgram@1.0.0 was not back after 800 ms, pocketsphinx@1.0.0 goes on" in results[cut][1], cut


def models(openai, gemini, key="demo"):
    return f"""pipeline: s2s
    s2s:
      provider: openai_realtime
      config: {{ url: "{openai}", api_key: {key} }}
      fallback:
        - provider: gemini_live
          config: {{ url: "{gemini}", api_key: demo }}"""


def test_a_model_that_breaks_off_in_a_turn_gives_it_to_the_next(tmp_path, question):
    faults = "at=turn_end:2,cut,times=1;path=/v1/realtime,at=connect,status=503,skip=1"
    with Simulator("openai", "--say", QUESTION, "--fault", faults) as openai, \
            Simulator("gemini", "--say", "and again") as gemini:
        with Server(tmp_path, models(openai.ws, gemini.ws)) as server:
            turns = server.call(question, question)
            log = server.text()
    assert [turn["user"] for turn in turns] == [QUESTION, "and again"]
    assert [turn["agent"] for turn in turns] == [f"You said: {QUESTION}", "You said: and again"]
    assert "s2s: openai_realtime@" in log and "gemini_live@" in log and "goes on" in log


def test_a_model_that_refuses_the_key_gives_way_and_opens_no_breaker(tmp_path, question):
    with Simulator("openai", "--key", "another") as openai, Simulator("gemini", "--say", QUESTION) as gemini:
        with Server(tmp_path, models(openai.ws, gemini.ws)) as server:
            assert [turn["user"] for turn in server.call(question)] == [QUESTION]
            assert "(provider.authentication)" in server.text()
            assert server.breakers() == []


def test_a_model_that_nobody_can_reach_is_left_alone(tmp_path, question):
    with Simulator("gemini", "--say", QUESTION) as gemini:
        with Server(tmp_path, models("ws://127.0.0.1:9", gemini.ws)) as server:
            # At once: it is five failures within 30 s that open the breaker.
            with concurrent.futures.ThreadPoolExecutor(5) as pool:
                calls = list(pool.map(lambda _: server.call(question), range(5)))
            assert [[turn["user"] for turn in turns] for turns in calls] == [[QUESTION]] * 5
            breaker, = server.breakers()
            assert breaker["kind"] == "s2s" and breaker["provider"].startswith("openai_realtime@")
            assert breaker["state"] == "open"
