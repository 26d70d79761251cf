# SPDX-License-Identifier: Apache-2.0
"""Whole calls of /v1/talk, as golden/*.jsonl have them: `<` is from the server, `>` from the client. Ids, times and
measured numbers are replaced by a word, runs of audio and of partial transcripts by one line.

    GOLDEN_UPDATE=1 scripts/test-doors test_golden.py      writes the files anew: look at the difference

docs/PROTOCOL.md is held to them: its events have the fields that the server's have."""

import json
import os
import re
import time

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

import sound

MEASURED = {"at_ms", "confidence", "probability", "end_of_turn_delay_ms", "latency_ms", "retry_after"}


class Transcript:
    def __init__(self, host, query):
        self.host = host
        self.lines = []
        self.socket = None
        self.token = None
        self.open(query)

    def open(self, query):
        self.lines.append({">": f"GET /v1/talk?{re.sub('syr_[^&]*', 'syr_…', query)}"})
        self.socket = connect(f"{self.host.url}/v1/talk?{query}", compression=None)

    def resume(self):
        self.open(f"resume={self.token}")

    # ---- from the client

    def send(self, **message):
        self.lines.append({">": message})
        self.socket.send(json.dumps(message))

    def send_raw(self, text):
        self.lines.append({">": text})
        self.socket.send(text)

    def send_audio(self, data, what):
        """In real time: what the recogniser says meanwhile has its place between what the VAD says."""
        self.lines.append({">": f"audio: {what}"})
        due = time.monotonic()
        for at in range(0, len(data), 640):
            self.socket.send(data[at : at + 640])
            due += 0.02
            time.sleep(max(0, due - time.monotonic()))

    def cut(self):
        """Breaks the connection, without a close frame."""
        self.lines.append({">": "the connection breaks"})
        self.socket.socket.shutdown(2)
        with pytest.raises(ConnectionClosed):
            while True:
                self.socket.recv(timeout=30)

    # ---- from the server

    def until(self, type_, **fields):
        """Reads up to an event."""
        while True:
            event = self.next()
            if event and event["type"] == type_ and all(event.get(name) == value for name, value in fields.items()):
                return event

    def audio(self, milliseconds):
        """Reads so much audio."""
        left = milliseconds
        while left > 0:
            message = self.socket.recv(timeout=30)
            if isinstance(message, bytes):
                self.heard_audio()
                left -= len(message) / 32
            else:
                self.heard(json.loads(message))

    def next(self):
        message = self.socket.recv(timeout=30)
        if isinstance(message, bytes):
            return self.heard_audio()
        event = json.loads(message)
        self.heard(event)
        return event

    def hang_up(self):
        self.send(type="close")
        self.end()
        return self

    def end(self):
        with pytest.raises(ConnectionClosed):
            while True:
                self.next()
        self.lines.append({"<": f"close {self.socket.close_code}"})

    def heard_audio(self):
        """One line for each speech."""
        for line in reversed(self.lines):
            if line == {"<": "audio"}:
                return
            if isinstance(line.get("<"), dict) and line["<"]["type"] == "speech.started":
                break
        self.lines.append({"<": "audio"})

    def heard(self, event):
        if event.get("resume"):
            self.token = event["resume"]["token"]
        event = normal(event)
        if event["type"] == "transcript.partial":
            self.heard_partial(event)
            return
        for line in reversed(self.lines):
            earlier = line.get("<")
            if not isinstance(earlier, dict):
                break
            if earlier["type"] == event["type"] == "agent.text" and earlier["generation"] == event["generation"]:
                earlier["text"] += event["text"]
                return
        self.lines.append({"<": event})

    def heard_partial(self, event):
        """One line for each speech, right after its start: what the recogniser says has a thread of its own, and may
        come before or after what the VAD says."""
        starts = [at for at, line in enumerate(self.lines)
                  if isinstance(line.get("<"), dict) and line["<"]["type"] == "user.speech_started"]
        assert starts, "a partial transcript before any speech"
        place = starts[-1] + 1
        if self.lines[place:place + 1] != [{"<": event}]:
            self.lines.insert(place, {"<": event})

    @property
    def text(self):
        return "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in self.lines)


def normal(event):
    """Without what no two calls have in common."""
    event = dict(event)
    for name in event.keys() & MEASURED:
        value = event[name]
        event[name] = {step: "ms" for step in value} if isinstance(value, dict) else value and "number"
    if "at_ms" in event:
        event["at_ms"] = "ms"
    if "session" in event:
        event["session"] = re.sub("[0-9a-f]{32}", "…", event["session"])
    if event.get("resume"):
        event["resume"] = {**event["resume"], "token": "syr_…"}
    if event["type"] == "transcript.partial":
        event["text"] = "…"
    if event.get("interrupted") and event.get("heard"):
        event["heard"] = "…"
    return event


# ---- the calls

QUIET = "profiles:\n  default:\n    greeting: ''\n"


def listening(host, more=""):
    """A call in which it is the caller's turn."""
    call = Transcript(host, f"profile=default&rate=16000{more}")
    call.until("agent.state", state="listening")
    return call


def typed(host, speech):
    """The greeting, a typed turn, the end."""
    call = Transcript(host, "profile=default&rate=16000")
    call.until("agent.state", state="speaking")
    call.until("agent.state", state="listening")
    call.send(type="text", text="count to three")
    call.until("turn.ended")
    call.until("agent.state", state="listening")
    return call.hang_up()


def spoken(host, speech):
    """A spoken turn."""
    samples, rate = sound.read_wav(speech("I would like to book a table"))
    call = listening(host)
    call.send_audio(sound.padded(samples, rate, 1.0).tobytes(), "I would like to book a table")
    call.until("turn.ended")
    call.until("agent.state", state="listening")
    return call.hang_up()


def interrupted(host, speech):
    """The agent is interrupted by a message."""
    call = listening(host)
    call.send(type="text", text="count to twenty")
    call.audio(1500)
    call.send(type="interrupt")
    call.until("agent.state", state="listening")
    return call.hang_up()


def said(host, speech):
    """Two speeches of the client's wish, the urgent one first; what was played is reported."""
    call = listening(host)
    call.send(type="say", text="This is the first of all.", interruptible=False, add_to_history=False)
    call.until("agent.state", state="speaking")
    call.audio(200)
    call.send(type="played", ms=100)
    call.until("agent.state", state="listening")
    return call.hang_up()


def errors(host, speech):
    """What cannot be understood, and a call that goes on."""
    call = listening(host)
    for message in ("words", '{"type":"dance"}', '{"text":"a message without a type"}', '{"type":"text","text":""}',
                    '{"type":"played","ms":-1}', '{"type":"say","text":"now","priority":"now"}'):
        call.send_raw(message)
        call.until("error")
    call.send_audio(b"\0\0\0", "three bytes")
    call.until("error", code="audio.odd_length")
    return call.hang_up()


def resumed(host, speech):
    """A connection breaks, and the next one takes the session up."""
    call = listening(host, "&resumable=true")
    call.cut()
    call.resume()
    call.until("session.resumed")
    call.send(type="text", text="count to three")
    call.until("turn.ended")
    call.until("agent.state", state="listening")
    return call.hang_up()


CALLS = {"typed": ("", typed), "spoken": (QUIET, spoken), "interrupted": (QUIET, interrupted), "said": (QUIET, said),
         "errors": (QUIET, errors), "resumed": (QUIET, resumed)}


@pytest.mark.parametrize("name", CALLS)
def test_a_call_goes_as_it_went(server, speech, root, name):
    config, call = CALLS[name]
    got = call(server(config), speech).text
    file = root / "Tests/Doors/golden" / f"{name}.jsonl"
    if os.environ.get("GOLDEN_UPDATE"):
        file.write_text(got)
    assert got.splitlines() == file.read_text().splitlines()


# ---- the documentation

def events_of(text):
    """The JSON objects in a text that begin with a type, each with whether something of it is left out."""
    decoder = json.JSONDecoder()
    for match in re.finditer(r'\{"type":', text):
        example = re.sub(r"\n[ ←→]*", " ", text[match.start() : match.start() + 2000])
        # Where something is left out, its place is filled: the keys are what counts.
        filled = example.replace(",…,", ",").replace(":…", ":null")
        try:
            event, end = decoder.raw_decode(filled)
            yield event, "…," in example[: end + 1]
        except ValueError:
            yield {"type": "unreadable", "example": example[:100]}, False


def test_the_events_of_the_documentation_are_those_of_the_server(root):
    sent = {}
    for file in (root / "Tests/Doors/golden").glob("*.jsonl"):
        for line in file.read_text().splitlines():
            event = json.loads(line).get("<")
            if isinstance(event, dict):
                sent.setdefault(event["type"], set()).add(frozenset(event))
    documented = list(events_of((root / "docs/PROTOCOL.md").read_text()))
    assert not [example for example, _ in documented if example["type"] == "unreadable"]
    compared = [(example, is_part) for example, is_part in documented if example["type"] in sent]
    assert len(compared) > 30
    for example, is_part in compared:
        fields = set(example)
        good = any(fields <= known if is_part else fields == known for known in sent[example["type"]])
        assert good, f"{example}: the server sends {sent[example['type']]}"
