#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Calls a Syrinx server from Python: says WAV files, prints what happens, and keeps the answers.

    pip install websockets
    syrinx serve &
    syrinx say --text "what time is it" --voice kal16 --rate 16000 --out question.wav
    python3 Examples/python/talk.py question.wav --out answer.wav

Each file is one turn; they are 16-bit mono PCM of one sample rate. `--text "count to three"` is a turn that is typed.
docs/PROTOCOL.md tells what goes over the wire.
"""

import argparse
import asyncio
import json
import os
import sys
import urllib.parse
import wave

import websockets

FRAME = 0.02  # seconds of audio in a message


def read_wav(path):
    with wave.open(path, "rb") as file:
        if (file.getnchannels(), file.getsampwidth()) != (1, 2):
            sys.exit(f"{path}: not mono 16-bit PCM")
        return file.readframes(file.getnframes()), file.getframerate()


class Talk:
    def __init__(self, socket, rate):
        self.socket = socket
        self.rate = rate
        self.answer = bytearray()
        self.to_say = b""
        self.turn_ended = asyncio.Event()
        self.state = None
        self.speeches = set()
        self.has_finished = asyncio.Event()

    async def microphone(self):
        """Sends a frame every 20 ms for as long as the call lasts, silence included: the server's clock is the
        audio's."""
        size = int(self.rate * FRAME) * 2
        loop = asyncio.get_running_loop()
        due = loop.time()
        while True:
            frame, self.to_say = self.to_say[:size], self.to_say[size:]
            await self.socket.send(frame.ljust(size, b"\0"))
            due += FRAME
            await asyncio.sleep(due - loop.time())

    async def ear(self):
        """Prints events, keeps audio, until the connection ends."""
        async for message in self.socket:
            if isinstance(message, bytes):
                self.answer += message
                continue
            event = json.loads(message)
            print(message, flush=True)
            if event["type"] == "turn.ended":
                self.turn_ended.set()
            self.follow(event)

    def follow(self, event):
        """The agent has finished when it listens and nothing waits to be said: before its greeting it listens, too."""
        if event["type"] == "agent.state":
            self.state = event["state"]
        elif event["type"] == "speech.queued":
            self.speeches.add(event["speech"])
        elif event["type"] == "speech.finished":
            self.speeches.discard(event["speech"])
        if self.state == "listening" and not self.speeches:
            self.has_finished.set()
        else:
            self.has_finished.clear()

    async def say(self, pcm=None, text=None):
        """One turn: waits until it is answered."""
        await asyncio.wait_for(self.has_finished.wait(), 30)
        self.turn_ended.clear()
        if text is not None:
            await self.socket.send(json.dumps({"type": "text", "text": text}))
        else:
            self.to_say = pcm
        await asyncio.wait_for(self.turn_ended.wait(), len(pcm or b"") / 2 / self.rate + 60)


async def call(options, turns, rate):
    query = urllib.parse.urlencode(
        {"rate": rate, **({"profile": options.profile} if options.profile else {})}, quote_via=urllib.parse.quote)
    headers = {"Authorization": f"Bearer {options.key}"} if options.key else {}
    url = f"{options.url.rstrip('/')}/v1/talk?{query}"
    async with websockets.connect(url, additional_headers=headers, compression=None) as socket:
        talk = Talk(socket, rate)
        ear = asyncio.create_task(talk.ear())
        microphone = asyncio.create_task(talk.microphone())
        try:
            for turn in turns:
                await talk.say(**turn)
        finally:
            microphone.cancel()
        await socket.send(json.dumps({"type": "close"}))
        await asyncio.wait_for(ear, 10)
        return bytes(talk.answer)


def main():
    parser = argparse.ArgumentParser(description="Calls a Syrinx server with WAV files.")
    parser.add_argument("wav", nargs="*", help="a turn that is spoken")
    parser.add_argument("--text", action="append", default=[], help="a turn that is typed, after the spoken ones")
    parser.add_argument("--out", help="the WAV file for what the agent says")
    parser.add_argument("--url", default="ws://127.0.0.1:8080", help="the server, with a tenant's path if it has one")
    parser.add_argument("--profile", help="the server's first without")
    parser.add_argument("--key", default=os.environ.get("SYRINX_KEY"), help="a tenant's key; $SYRINX_KEY without")
    options = parser.parse_args()

    spoken = [read_wav(path) for path in options.wav]
    rates = {rate for _, rate in spoken} or {16000}
    if len(rates) > 1:
        sys.exit("the files have different sample rates: a call has one")
    rate = rates.pop()
    turns = [{"pcm": pcm} for pcm, _ in spoken] + [{"text": text} for text in options.text]
    if not turns:
        parser.error("nothing to say")
    try:
        answer = asyncio.run(call(options, turns, rate))
    except websockets.exceptions.InvalidStatus as refusal:
        problem = json.loads(refusal.response.body or b"{}")
        sys.exit(f"refused: {refusal.response.status_code} {problem.get('code')}: {problem.get('title')}")
    except (OSError, TimeoutError) as error:
        sys.exit(f"no call: {error or 'the server does not answer'}")
    if options.out:
        with wave.open(options.out, "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(rate)
            file.writeframes(answer)


if __name__ == "__main__":
    main()
