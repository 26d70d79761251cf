# SPDX-License-Identifier: Apache-2.0
"""Turns of a cascade of three vendors: through the host, and without it."""
import asyncio
import json
import math
import struct
import time

from .wire import BINARY, TEXT, WebSocket, frame

QUESTION = "what time is it"
ANSWER = "It is four in the afternoon."
RATE, FRAME_S = 16000, 0.02
SPOKEN_FRAMES = 20
PATIENCE = 10

_TONE = [round(8000 * math.sin(2 * math.pi * 200 * at / RATE)) for at in range(RATE // 50)]
LOUD_BYTES = struct.pack(f"<{len(_TONE)}h", *_TONE)
LOUD, QUIET = frame(BINARY, LOUD_BYTES), frame(BINARY, bytes(len(LOUD_BYTES)))


def config(deepgram, openai, elevenlabs, mode="manual", fallback=None):
    """`etc/providers.yaml`'s cascade, at simulators."""
    reserve = f", fallback: [{fallback}]" if fallback else ""
    return f"""
limits: {{ max_sessions: 2000, connections_per_address: 2000, load: {{ cpu: 0, loop_lag: 0s }} }}
listeners: {{ admin_http: none }}
network: {{ allow: [loopback] }}
profiles:
  cascade:
    extends: default
    greeting: ""
    turn_taking: {{ mode: {mode} }}
    stt: {{ provider: deepgram@1, config: {{ url: "{deepgram.ws}", api_key: demo }}{reserve} }}
    agent: {{ provider: openai_chat@1, config: {{ url: "{openai.http}/v1", api_key: demo, model: gpt-4o-mini }} }}
    tts: {{ provider: elevenlabs@1, config: {{ url: "{elevenlabs.ws}", api_key: demo, voice_id: bench }} }}
"""


class Talker:
    """A caller of /v1/talk, whose microphone never stops."""

    def __init__(self):
        self.speaking = 0
        self.events = []
        self.arrived = {}
        self.changed = asyncio.Event()
        self.socket = self.microphone = None

    @classmethod
    async def start(cls, port):
        self = cls()
        self.socket = await WebSocket.connect(port, f"/v1/talk?profile=cascade&rate={RATE}", self.hear)
        await self.until("session.ready")
        self.microphone = asyncio.create_task(self.stream())
        return self

    async def stream(self):
        loop = asyncio.get_running_loop()
        due = loop.time()
        while not self.socket.closed.is_set():
            self.socket.write(LOUD if self.speaking > 0 else QUIET)
            self.speaking -= 1
            due += FRAME_S
            await asyncio.sleep(max(0, due - loop.time()))

    def hear(self, opcode, payload):
        now = time.perf_counter()
        if opcode == BINARY:
            name = "audio"
        else:
            event = json.loads(payload)
            name = event["type"]
            self.events.append(event)
        # Of each kind the first since the turn began.
        if name not in self.arrived:
            self.arrived[name] = now
            self.changed.set()

    async def until(self, name):
        async with asyncio.timeout(PATIENCE):
            while name not in self.arrived:
                self.changed.clear()
                await self.changed.wait()
        return self.arrived[name]

    def say(self, kind):
        self.socket.send(TEXT, json.dumps({"type": kind}))

    async def turn(self, listen=0.1):
        """Seconds of each step, or None when no answer came. The answer is cut off after `listen` seconds of it."""
        self.arrived.clear()
        self.speaking = SPOKEN_FRAMES
        try:
            # The VAD has to be sure that it was speech, and that it is over.
            await self.until("user.speech_stopped")
            committed = time.perf_counter()
            self.say("commit")
            transcript = await self.until("transcript.final")
            asked = await self.until("turn.committed")
            word = await self.until("agent.text")
            audio = await self.until("audio")
            await asyncio.sleep(listen)
            self.say("interrupt")
            await self.until("turn.ended")
        except TimeoutError:
            return None
        return {"stt": transcript - committed, "agent": word - asked, "tts": audio - word, "total": audio - committed}

    def last_events(self):
        return ", ".join(event["type"] for event in self.events[-6:])

    def close(self):
        self.microphone.cancel()
        self.socket.close()


class Direct:
    """The same three steps by a client of the simulators themselves."""

    def __init__(self, deepgram, openai, elevenlabs):
        self.vendors = deepgram, openai, elevenlabs
        self.waiting = None
        self.number = 0

    async def start(self):
        deepgram, openai, elevenlabs = self.vendors
        self.ear = await WebSocket.connect(
            deepgram.port, f"/v1/listen?model=nova-3&encoding=linear16&sample_rate={RATE}&channels=1"
            "&interim_results=true&endpointing=false", self.hear, {"Authorization": "Token demo"})
        self.voice = await WebSocket.connect(
            elevenlabs.port, f"/v1/text-to-speech/bench/multi-stream-input?output_format=pcm_{RATE}&auto_mode=true",
            self.hear, {"xi-api-key": "demo"})
        self.reader, self.writer = await asyncio.open_connection("127.0.0.1", openai.port)

    def hear(self, _, payload):
        if self.waiting and not self.waiting[1].done() and self.waiting[0](json.loads(payload)):
            self.waiting[1].set_result(time.perf_counter())

    async def wait(self, is_it):
        self.waiting = is_it, asyncio.get_running_loop().create_future()
        async with asyncio.timeout(PATIENCE):
            return await self.waiting[1]

    async def turn(self):
        for _ in range(SPOKEN_FRAMES):
            self.ear.write(LOUD)
            await asyncio.sleep(FRAME_S)
        began = time.perf_counter()
        self.ear.send(TEXT, '{"type":"Finalize"}')
        transcript = await self.wait(lambda event: event.get("from_finalize"))
        word = await self.ask()
        self.number += 1
        context = f"c{self.number}"
        spoken = time.perf_counter()
        for part in ({"text": " "}, {"text": ANSWER + " ", "flush": True}, {"close_context": True}):
            self.voice.send(TEXT, json.dumps({"context_id": context, **part}))
        audio = await self.wait(lambda event: event.get("audio") and event.get("contextId") == context)
        # What it still says of this context would be in the way of the next.
        await self.wait(lambda event: event.get("isFinal") and event.get("contextId") == context)
        return {"stt": transcript - began, "agent": word, "tts": audio - spoken}

    async def ask(self):
        body = json.dumps({"model": "gpt-4o-mini", "stream": True, "messages": [{"role": "user", "content": QUESTION}]})
        began = time.perf_counter()
        self.writer.write((
            "POST /v1/chat/completions HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer demo\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n{body}").encode())
        text, first = b"", None
        async with asyncio.timeout(PATIENCE):
            while not text.endswith(b"0\r\n\r\n"):
                piece = await self.reader.read(65536)
                if not piece:
                    raise ConnectionError("the simulator closed the connection")
                text += piece
                # The first piece of the answer says whose it is; words come after it.
                if first is None and text.count(b'"content":"') > 1:
                    first = time.perf_counter()
        if first is None:
            raise ConnectionError(f"no words came: {text[:200]!r}")
        return first - began

    def close(self):
        self.ear.close()
        self.voice.close()
        self.writer.close()
