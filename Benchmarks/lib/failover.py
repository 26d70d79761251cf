# SPDX-License-Identifier: Apache-2.0
"""A recogniser that is killed in the middle of an utterance: when does the host turn to the next, and what is lost?"""
import asyncio
import json
import time
import wave

from .cascade import FRAME_S, PATIENCE, QUIET, RATE, frame
from .wire import BINARY, WebSocket


def cut_points(count):
    """Fractions of the utterance, from its beginning to its end."""
    return [(number + 0.5) / count for number in range(count)]


def frames_of(path):
    with wave.open(str(path), "rb") as file:
        if file.getframerate() != RATE or file.getnchannels() != 1:
            raise ValueError(f"{path} is not {RATE} Hz mono")
        sound = file.readframes(file.getnframes())
    size = RATE // 50 * 2
    return [frame(BINARY, sound[at:at + size].ljust(size, b"\0")) for at in range(0, len(sound), size)]


async def cut_once(port, wav, fraction, primary, question):
    """Speaks the question once; kills `primary` at that fraction of it."""
    events, changed = [], asyncio.Event()

    def hear(opcode, payload):
        if opcode != BINARY:
            events.append((time.perf_counter(), json.loads(payload)))
            changed.set()

    def of(kind):
        return [(at, event) for at, event in events if event["type"] == kind]

    socket = await WebSocket.connect(port, f"/v1/talk?profile=cascade&rate={RATE}", hear)
    spoken = [QUIET] * 50 + frames_of(wav)
    killed_at = 50 + round(fraction * (len(spoken) - 50))
    due, killed = time.perf_counter(), None
    for number in range(len(spoken) + round(PATIENCE / FRAME_S)):
        if number == killed_at:
            primary.kill()
            killed = time.perf_counter()
        socket.write(spoken[number] if number < len(spoken) else QUIET)
        due += FRAME_S
        await asyncio.sleep(max(0, due - time.perf_counter()))
        if of("turn.committed") and of("agent.text"):
            break
    socket.close()
    decided = [at - killed for at, event in of("warning") if event["code"] == "provider.failover" and killed]
    heard = " ".join(event["text"] for _, event in of("turn.committed"))
    return {"at": fraction, "decision_ms": decided[0] * 1e3 if decided else None, "heard": heard,
            "lost": not set(question.split()) <= set(heard.split())}
