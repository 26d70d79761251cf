# SPDX-License-Identifier: Apache-2.0
"""A caller who changes the language in a call: the recogniser tells it, and the voice is another from there on."""
import subprocess

import pytest
from simulator import Simulator
from test_failover import SYRINX, Server

SAID = ["hello there my friend", "[de] ich möchte einen tisch für zwei personen", "[de] vielen dank"]
WORDS = [line.removeprefix("[de] ") for line in SAID]


@pytest.fixture(scope="module")
def question(tmp_path_factory):
    wav = tmp_path_factory.mktemp("language") / "question.wav"
    subprocess.run([SYRINX, "say", "--text", "what time is it", "--out", wav], check=True, capture_output=True)
    return wav


RECOGNISERS = {
    "deepgram": 'provider: deepgram, config: {{ url: "{ws}" }}, options: {{ language: multi }}',
    "openai": 'provider: openai, config: {{ url: "{http}/v1", model: whisper-1, detect_language: true }}',
    "told": 'provider: deepgram, config: {{ url: "{ws}" }}, options: {{ language: en }}',
}


def call(folder, question, recogniser):
    """Three questions: what was heard, and with which voices it was answered, in order."""
    vendor = "deepgram" if recogniser == "told" else recogniser
    with Simulator(vendor, "--say", *SAID) as ears, Simulator("deepgram") as voice:
        stages = f"""language: en
    languages: [en, de]
    stt: {{ {RECOGNISERS[recogniser].format(ws=ears.ws, http=ears.http)} }}
    tts: {{ provider: deepgram, config: {{ url: "{voice.ws}" }} }}
    voices: {{ en: {{ model: voice-en }}, de: {{ model: voice-de }} }}
    agent: echo"""
        with Server(folder, stages) as server:
            turns = server.call(question, question, question)
    requests = [line["request"] for line in voice.lines() if "/v1/speak" in line.get("request", "")]
    return [turn["user"] for turn in turns], [request.split("model=")[1].split("&")[0] for request in requests]


@pytest.mark.parametrize("recogniser", ["deepgram", "openai"])
def test_the_voice_follows_a_caller_into_another_language(tmp_path, question, recogniser):
    assert call(tmp_path, question, recogniser) == (WORDS, ["voice-en", "voice-de"])


def test_a_recogniser_that_was_told_the_language_changes_nothing(tmp_path, question):
    assert call(tmp_path, question, "told") == (WORDS, ["voice-en"])
