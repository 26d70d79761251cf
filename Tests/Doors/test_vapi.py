# SPDX-License-Identifier: Apache-2.0
"""The provider `vapi` in calls of a running server, against `syrinx simulate vapi`."""

import json
import os
import subprocess
import urllib.request

import pytest

from caller import call
from product import within

KEY = "demo"


@pytest.fixture
def simulator():
    """Its address; ended after the test."""
    command = [os.environ["SYRINX"], "simulate", "vapi", "--json", "--key", KEY, "--say", "what time is it"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    yield json.loads(process.stdout.readline())["http"]
    process.terminate()
    process.communicate(timeout=10)
    assert process.returncode == 0


@pytest.fixture
def host(server, simulator):
    return server(
        "network: { allow: [loopback] }\n"
        "profiles:\n"
        "  bot:\n"
        "    pipeline: s2s\n"
        '    greeting: ""\n'
        "    s2s:\n"
        "      provider: vapi\n"
        f'      config: {{ base_url: "{simulator}", api_key: "{KEY}", assistant: {{ firstMessage: "Hello." }} }}\n')


def calls(simulator):
    """What the vendor knows of its calls."""
    ask = urllib.request.Request(f"{simulator}/call", headers={"Authorization": f"Bearer {KEY}"})
    with urllib.request.urlopen(ask, timeout=10) as answer:
        return json.loads(answer.read())


def test_a_call_is_one_call_at_the_vendor(host, simulator, speech):
    question = speech("what time is it", silence=0.3)

    async def conversation(caller):
        greeting = await caller.until("turn.ended")
        assert greeting["agent"] == "Hello." and greeting["outcome"] == "answered"
        caller.say(question)
        ended = await caller.until("turn.ended", 2)
        assert ended["user"] == "what time is it" and ended["agent"] == "You said: what time is it"
        assert ended["outcome"] == "answered"
        # 60 ms of sound a character.
        assert abs(len(caller.samples()) / 16000 - 0.06 * len("Hello.You said: what time is it")) < 0.5
        assert [one["status"] for one in calls(simulator)] == ["in-progress"]
        await caller.send(type="text", text="count to 3")
        assert (await caller.until("turn.ended", 3))["agent"] == "1, 2, 3."
        await caller.send(type="close")
        assert (await caller.until("session.closed"))["reason"] == "client_closed"

    call(host, conversation)
    ended = [("ended", "customer-ended-call")]
    within(20, lambda: [(one["status"], one.get("endedReason")) for one in calls(simulator)] == ended, "the call's end")


def test_a_caller_who_speaks_into_the_answer_stops_it(host, speech):
    interjection = speech("what time is it")

    async def conversation(caller):
        await caller.until("turn.ended")
        await caller.send(type="text", text="count to 200")
        await caller.until("speech.started", 2)
        await caller.until_audio(0.5)
        caller.say(interjection)
        assert (await caller.until("turn.ended", 2))["outcome"] == "interrupted"
        assert (await caller.until("turn.ended", 3))["outcome"] == "answered"

    call(host, conversation)


def test_the_assistant_hangs_up(host, simulator):
    async def conversation(caller):
        await caller.until("turn.ended")
        await caller.send(type="text", text="goodbye")
        assert (await caller.until("turn.ended", 2))["agent"] == "You said: goodbye"
        assert (await caller.until("session.closed"))["reason"] == "agent_ended"

    call(host, conversation)
    assert [one["endedReason"] for one in calls(simulator)] == ["assistant-ended-call"]
