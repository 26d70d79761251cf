# SPDX-License-Identifier: Apache-2.0
"""The provider `pipecat` against a bot of Pipecat itself (pipecat_bot.py): its transport, protobuf frames and RTVI."""

import http.server
import json
import pathlib
import socket
import subprocess
import sys
import threading
import time

import pytest

import sound
from caller import RATE as CALL, call
from ports import free_port

pytest.importorskip("pipecat")
from pipecat_bot import HEARD, RATE, SAID  # noqa: E402


# Long enough to be spoken into, also when one of the programs stands still for a moment.
ANSWER = "it is noon in the old town, and the bells of all the churches are ringing over the roofs of the houses by the river"


class Bot:
    """A bot in a process of its own."""

    def __init__(self, folder, wav):
        self.port = free_port()
        self.log = folder / "bot.log"
        with open(self.log, "w") as log:
            self.process = subprocess.Popen(
                [sys.executable, pathlib.Path(__file__).with_name("pipecat_bot.py"), str(self.port), str(wav)],
                stdout=log, stderr=log)
        end = time.monotonic() + 60
        while time.monotonic() < end and self.process.poll() is None:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.1)
        raise AssertionError("the bot did not start:\n" + self.text()[-4000:])

    def text(self):
        return self.log.read_text(errors="replace")

    def kill(self):
        self.process.kill()
        self.process.wait(10)


@pytest.fixture
def bot(tmp_path, speech):
    running = Bot(tmp_path, speech(ANSWER, rate=RATE))
    yield running
    running.kill()


@pytest.fixture
def host(server, bot):
    return server(
        "network: { allow: [loopback] }\n"
        "profiles:\n"
        "  bot:\n"
        "    pipeline: s2s\n"
        '    greeting: ""\n'
        f'    s2s: {{ provider: pipecat, config: {{ url: "ws://127.0.0.1:{bot.port}" }} }}\n')


def test_a_spoken_turn_is_answered_by_the_bot(host, bot, speech):
    question = speech("what time is it", silence=0.3)

    async def conversation(caller):
        caller.say(question)
        ended = await caller.until("turn.ended")
        assert (await caller.until("transcript.final"))["text"] == HEARD
        assert ended["user"] == HEARD and ended["agent"] == SAID and ended["outcome"] == "answered"
        names = [event["type"] for event in caller.events]
        order = ["user.speech_started", "user.speech_stopped", "turn.committed", "speech.started", "turn.ended"]
        assert sorted(order, key=names.index) == order
        # All of the WAV, at the call's rate.
        samples, _ = sound.read_wav(speech(ANSWER, rate=RATE))
        assert sound.is_speech(caller.samples(), CALL)
        assert abs(len(caller.samples()) / CALL - len(samples) / RATE) < 0.5
        await caller.send(type="close")
        assert (await caller.until("session.closed"))["reason"] == "client_closed"

    call(host, conversation)
    assert "Client" in bot.text()


def test_a_caller_who_speaks_into_the_answer_stops_it(host, speech):
    question = speech("what time is it", silence=0.3)
    interjection = speech("what time is it")

    async def conversation(caller):
        caller.say(question)
        await caller.until("speech.started")
        await caller.until_audio(0.3)
        caller.say(interjection)
        ended = await caller.until("turn.ended")
        assert ended["outcome"] == "interrupted"
        assert (await caller.until("turn.ended", 2))["outcome"] == "answered"

    call(host, conversation)


def test_the_client_stops_the_bot_and_types_and_presses_keys(host, bot, speech):
    async def conversation(caller):
        await caller.send(type="text", text="hello")
        await caller.until("speech.started")
        await caller.until_audio(0.3)
        before = bot.text().count("interrupted")
        await caller.send(type="interrupt")
        assert (await caller.until("turn.ended"))["outcome"] == "interrupted"
        # The bot was told, so it can be asked again at once.
        await caller.send(type="text", text="good morning")
        ended = await caller.until("turn.ended", 2)
        assert ended["agent"] == "You wrote good morning." and ended["outcome"] == "answered"
        assert bot.text().count("interrupted") >= before + 2
        assert not caller.of("user.speech_started")

    call(host, conversation)


def test_the_bot_hangs_up(host):
    async def conversation(caller):
        await caller.send(type="text", text="goodbye")
        ended = await caller.until("turn.ended")
        assert ended["agent"] == "You wrote goodbye."
        closed = await caller.until("session.closed")
        assert closed["reason"] == "agent_ended"

    call(host, conversation)


def test_a_bot_that_dies_in_the_middle_of_a_call_is_told(host, bot, speech):
    question = speech("what time is it", silence=0.3)

    async def conversation(caller):
        caller.say(question)
        await caller.until("speech.started")
        await caller.until_audio(0.3)
        bot.kill()
        closed = await caller.until("session.closed")
        assert closed["reason"] == "provider_failed"

    call(host, conversation)
    assert "Pipecat" in host.log_text()


@pytest.fixture
def starter(bot):
    """An endpoint that starts bots, as `POST /connect` of Pipecat's examples: what it was asked, and its URL."""
    asked = []

    class Desk(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            asked.append((self.path, self.headers["Authorization"], body))
            answer = json.dumps({"ws_url": f"ws://127.0.0.1:{bot.port}", "token": "t"}).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_):
            pass

    desk = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Desk)
    threading.Thread(target=desk.serve_forever, daemon=True).start()
    yield asked, f"http://127.0.0.1:{desk.server_port}/connect"
    desk.shutdown()


def test_a_bot_that_has_to_be_started_is(server, bot, starter):
    asked, url = starter
    host = server(
        "network: { allow: [loopback] }\n"
        "profiles:\n"
        "  bot:\n"
        "    pipeline: s2s\n"
        '    greeting: ""\n'
        "    s2s:\n"
        "      provider: pipecat\n"
        "      config:\n"
        f'        url: "{url}"\n'
        "        api_key: secret\n"
        "        token_in: query\n"
        "        body: { room: 7 }\n"
        f'        hosts: ["ws://127.0.0.1:{bot.port}"]\n')

    async def conversation(caller):
        await caller.send(type="text", text="hello")
        assert (await caller.until("turn.ended"))["agent"] == "You wrote hello."

    call(host, conversation)
    assert asked == [("/connect", "Bearer secret", {"room": 7})]
