# SPDX-License-Identifier: Apache-2.0
"""A vendor that is slow now and then: a second one is asked beside it, and the loser's request ends."""
import subprocess

import pytest
from simulator import Simulator
from test_failover import QUESTION, SYRINX, Server


@pytest.fixture(scope="module")
def question(tmp_path_factory):
    wav = tmp_path_factory.mktemp("hedging") / "question.wav"
    subprocess.run([SYRINX, "say", "--text", QUESTION, "--out", wav], check=True, capture_output=True)
    return wav


def agents(slow, quick):
    return f"""agent:
      provider: openai_chat
      config: {{ url: "{slow.http}/v1", api_key: demo, model: slow }}
      fallback:
        - provider: openai_chat
          config: {{ url: "{quick.http}/v1", api_key: demo, model: quick }}
    hedging: {{ stages: [agent], agent_after: 200ms }}"""


def voices(slow, quick):
    return f"""agent: echo
    tts:
      provider: elevenlabs
      config: {{ url: "{slow.ws}", api_key: demo, voice_id: v1 }}
      fallback:
        - provider: openai
          config: {{ url: "{quick.http}/v1", api_key: demo }}
    hedging: {{ stages: [tts], tts_after: 200ms }}"""


def test_the_quicker_of_two_models_answers_and_the_other_is_let_go(tmp_path, question):
    with Simulator("openai", "--latency-ms", 4000, "--reply", "time=I am late.") as slow, \
            Simulator("openai", "--reply", "time=It is noon.") as quick:
        with Server(tmp_path, agents(slow, quick)) as server:
            turns = server.call(question, question)
            log = server.text()
        requests = [line["end"] for line in slow.lines() if line.get("request", "").endswith("/chat/completions")]
    assert [turn["agent"] for turn in turns] == ["It is noon.", "It is noon."]
    assert log.count("was asked, too, answered first and goes on") == 1, "the quick one keeps the stage"
    # More than one where the quick one kept somebody waiting, too.
    assert set(requests) == {"the client went"}


def test_the_quicker_of_two_voices_is_heard(tmp_path, question):
    with Simulator("elevenlabs", "--latency-ms", 4000) as slow, Simulator("openai") as quick:
        with Server(tmp_path, voices(slow, quick)) as server:
            turns = server.call(question)
            log = server.text()
    assert [turn["agent"] for turn in turns] == [QUESTION]
    assert "tts: elevenlabs@" in log and "openai@" in log and "answered first and goes on" in log
