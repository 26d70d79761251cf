# SPDX-License-Identifier: Apache-2.0
"""Examples/python/talk.py, as its reader runs it."""

import json
import subprocess
import sys

import sound


def talk(root, *arguments):
    return subprocess.run(
        [sys.executable, str(root / "Examples/python/talk.py"), *map(str, arguments)],
        capture_output=True, text=True, timeout=120)


def test_it_says_files_and_keeps_the_answers(server, speech, root, tmp_path):
    host = server()
    done = talk(root, speech("what time is it"), "--text", "count to three", "--out", tmp_path / "answer.wav",
                "--url", host.url)
    assert done.returncode == 0, done.stderr
    events = [json.loads(line) for line in done.stdout.splitlines()]
    assert events[0]["type"] == "session.started"
    assert events[-1] == {**events[-1], "type": "session.closed", "reason": "client_closed"}
    spoken, typed = [event for event in events if event["type"] == "turn.ended"]
    assert spoken["outcome"] == typed["outcome"] == "answered"
    assert "time" in spoken["user"]
    assert typed["user"] == "count to three"
    samples, rate = sound.read_wav(tmp_path / "answer.wav")
    assert rate == 16000
    # The greeting and two answers.
    assert sound.is_speech(samples, rate, seconds=3)


def test_it_tells_why_a_call_was_refused(server, speech, root):
    host = server()
    done = talk(root, speech("hello"), "--url", host.url, "--profile", "nobody")
    assert done.returncode == 1
    assert "404 profile.not_found" in done.stderr


def test_it_tells_when_nobody_listens(root, speech):
    done = talk(root, speech("hello"), "--url", "ws://127.0.0.1:9")
    assert done.returncode == 1
    assert done.stderr.startswith("no call")
