# SPDX-License-Identifier: Apache-2.0
"""A call goes from a speech-to-speech model to a cascade of three vendors and back: each is told what was said."""
import json

from simulator import Simulator, silence, tone
from test_failover import Server
from websockets.sync.client import connect

STAGES = """pipeline: s2s
    s2s:
      provider: openai_realtime
      config: {{ url: "{openai.ws}", api_key: demo }}
    vad: energy
    stt: {{ provider: deepgram, config: {{ url: "{deepgram.ws}", api_key: demo }} }}
    agent: {{ provider: openai_chat, config: {{ url: "{openai.http}/v1", api_key: demo }} }}
    tts: {{ provider: elevenlabs, config: {{ url: "{elevenlabs.ws}", api_key: demo, voice_id: anyone }} }}"""


class Caller:
    """One call, at 16 kHz."""

    def __init__(self, server):
        self.socket = connect(f"{server.url}/v1/talk?profile=call&rate=16000", max_size=None, proxy=None)
        self.until("session.ready")

    def until(self, kind):
        while True:
            message = self.socket.recv(timeout=30)
            if isinstance(message, str) and (event := json.loads(message))["type"] == kind:
                return event

    def speak(self):
        """A moment of speech and silence; the turn that it makes."""
        audio = tone(600) + silence(2000)
        for start in range(0, len(audio), 640):
            self.socket.send(audio[start:start + 640])
        turn = self.until("turn.ended")
        assert turn["outcome"] == "answered", turn
        return turn["user"], turn["agent"]

    def go_on_in(self, pipeline):
        self.socket.send(json.dumps({"type": "pipeline", "pipeline": pipeline}))
        assert self.until("pipeline.switched")["pipeline"] == pipeline

    def hang_up(self):
        self.socket.send(json.dumps({"type": "close"}))
        self.until("session.closed")
        self.socket.close()


def told(connection):
    """Role and text of the items that a Realtime client put into the conversation."""
    items = [event["item"] for event in connection if event.get("type") == "conversation.item.create"]
    return [(item["role"], item["content"][0]["text"]) for item in items if item.get("type") == "message"]


def test_each_vendor_is_told_what_the_others_heard_and_said(tmp_path):
    with Simulator("deepgram", "--key", "demo", "--say", "and the second") as deepgram, \
            Simulator("elevenlabs", "--key", "demo") as elevenlabs, \
            Simulator("openai", "--key", "demo", "--messages", "--say", "the first", "the third") as openai:
        stages = STAGES.format(openai=openai, deepgram=deepgram, elevenlabs=elevenlabs)
        with Server(tmp_path, stages) as server:
            caller = Caller(server)
            first = caller.speak()
            caller.go_on_in("cascade")
            second = caller.speak()
            caller.go_on_in("s2s")
            third = caller.speak()
            caller.hang_up()
    assert first == ("the first", "You said: the first")
    assert second == ("and the second", "You said: and the second")
    assert third == ("the third", "You said: the third")
    past = [("user", first[0]), ("assistant", first[1])]
    # The agent was asked once, and knew what the model had heard and said.
    question, = [message for message in openai.received() if "messages" in message]
    said = [(line["role"], line["content"]) for line in question["messages"] if line["role"] != "system"]
    assert said == past + [("user", second[0])]
    # The first session of the model was told nothing, the last one all of it.
    connections = {}
    for entry in openai.lines():
        if entry["event"] == "message" and entry["text"].startswith('{'):
            connections.setdefault(entry["number"], []).append(json.loads(entry["text"]))
    models = [messages for messages in connections.values() if "messages" not in messages[0]]
    assert told(models[0]) == []
    assert told(models[-1]) == past + [("user", second[0]), ("assistant", second[1])]
    assert deepgram.lines() and elevenlabs.lines()
