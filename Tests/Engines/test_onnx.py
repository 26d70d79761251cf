# SPDX-License-Identifier: Apache-2.0
"""Calls with `vad: silero` and `turn: smart-turn`. Run by scripts/test-onnx, which sets the variables."""
import json
import os
import pathlib
import signal
import subprocess
import tempfile
import unittest

SYRINX, PLUGINS = os.environ["SYRINX"], os.environ["PLUGINS"]
LIBRARY = os.environ["SYRINX_ONNX_LIBRARY"]
SILERO, SMART_TURN = os.environ["SYRINX_SILERO_MODEL"], os.environ["SYRINX_SMART_TURN_MODEL"]
LINES = ["I would like to book a table", "for four people"]


def configuration(library=LIBRARY, silero=SILERO, smart_turn=SMART_TURN):
    return {
        "profiles": {"default": {
            # However late the model is, its answer is what these tests are about.
            "turn_taking": {"endpointing": {"judge_timeout": "10s"}},
            "vad": {"provider": "silero", "config": {"library": library, "model": silero}},
            "turn": {"provider": "smart-turn", "config": {"library": library, "model": smart_turn}}}},
        "storage": {"event_log": "events"},
        # The tests share their machine: how busy it is must not decide them.
        "limits": {"load": {"cpu": 0, "loop_lag": "0s"}},
    }


class Server:
    """`syrinx serve` with a configuration (JSON is YAML), at a port of its own."""

    def __init__(self, folder, config):
        (folder / "events").mkdir(exist_ok=True)
        (folder / "syrinx.yaml").write_text(json.dumps(config))
        self.log = open(folder / "serve.log", "w+")
        command = [SYRINX, "serve", "--config", folder / "syrinx.yaml", "--plugins", PLUGINS, "--listen", "127.0.0.1:0"]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=self.log, text=True)
        self.output, self.url = "", None
        for line in self.process.stdout:
            self.output += line
            if "ws://" in line:
                self.url = line[line.index("ws://"):].split("/v1")[0].strip()
                break

    def text(self):
        self.log.seek(0)
        return self.output + self.log.read()

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(20)
        self.process.stdout.close()
        self.log.close()


class Calls(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def serve(self, config):
        server = Server(self.folder, config)
        self.addCleanup(server.stop)
        return server

    def call(self, server, rate):
        """A call of two turns; what the client saw."""
        files = []
        for number, line in enumerate(LINES):
            files += ["--in", self.folder / f"{number}.wav"]
            subprocess.run([SYRINX, "say", "--plugins", PLUGINS, "--voice", "kal16", "--text", line, "--out", files[-1]],
                           check=True, capture_output=True)
        done = subprocess.run([SYRINX, "call", "--url", server.url, "--rate", str(rate), "--json", *files],
                              capture_output=True, text=True, timeout=120)
        self.assertEqual(done.returncode, 0, f"{done.stdout}\n{done.stderr}\n{server.text()[-3000:]}")
        return json.loads(done.stdout)

    def committed(self):
        """Of each turn in the event log: who ended it, and with which probability."""
        turns = []
        for log in (self.folder / "events").glob("*.jsonl"):
            for line in log.read_text().splitlines():
                for action in json.loads(line).get("actions", []):
                    event = action.get("event", {}).get("_0", {}).get("turnCommitted")
                    if event:
                        turns.append((event["source"], event.get("probability")))
        return turns

    def holds_the_demo_conversation(self, rate):
        server = self.serve(configuration())
        self.assertIsNotNone(server.url, server.text())
        report = self.call(server, rate)
        self.assertIn("people", report["turns"][0]["agent"])
        self.assertEqual(report["turns"][1]["user"], "for four people")
        turns = self.committed()
        self.assertEqual(len(turns), 2)
        for source, probability in turns:
            self.assertEqual(source, "detector")
            self.assertTrue(0.5 < probability <= 1, probability)

    def test_the_demo_conversation_at_16_khz(self):
        self.holds_the_demo_conversation(16000)

    def test_the_demo_conversation_on_a_telephone_line(self):
        self.holds_the_demo_conversation(8000)

    def test_a_model_that_is_not_there_is_told_with_what_to_do(self):
        server = self.serve(configuration(silero="/nowhere/silero_vad.onnx"))
        text = server.text() + (server.process.stdout.read() if not server.url else "")
        self.assertIn("`model`: there is no file /nowhere/silero_vad.onnx; `make onnx`", text)

    def test_another_model_is_refused(self):
        server = self.serve(configuration(smart_turn=SILERO))
        text = server.text() + (server.process.stdout.read() if not server.url else "")
        self.assertIn("smart-turn: `model` does not work", text)


if __name__ == "__main__":
    unittest.main()
