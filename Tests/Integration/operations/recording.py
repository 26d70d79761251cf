# SPDX-License-Identifier: Apache-2.0
"""What stands in a recording: the caller left, the agent right, as long as the call, as late as the record says."""

import array
import asyncio
import io
import math
import time
import wave

from checks import same, within
from product import CALM, Server
from websocket import Call

RATE = 16_000
SECONDS = 4
CALLER, AGENT = 1000, 440

CONFIG = f"""listen: 127.0.0.1:PORT
listeners: {{ admin_http: 127.0.0.1:ADMIN }}
limits: {{ max_sessions: 100, {CALM} }}
tenants:
  t: {{ records: {{ recordings: true }} }}
profiles:
  tone:
    extends: mock
    greeting: "Hello."
    vad: none
    turn_taking: {{ mode: manual }}
    tts: {{ provider: mock, config: {{ frequency: {AGENT}, reply_ms: 1500 }} }}
  answers:
    extends: mock
    tts: {{ provider: mock, config: {{ frequency: {AGENT}, reply_ms: 400 }} }}
storage: {{ database: FOLDER/records.db, recordings: FOLDER/recordings }}
"""


def power(samples, frequency):
    """The share of a frequency in all there is (Goertzel): 1 = nothing else."""
    energy = sum(s * s for s in samples)
    if not energy:
        return 0.0
    turn = 2 * math.pi * frequency / RATE
    real = sum(s * math.cos(turn * n) for n, s in enumerate(samples))
    imaginary = sum(s * math.sin(turn * n) for n, s in enumerate(samples))
    return 2 * (real * real + imaginary * imaginary) / len(samples) / energy


def tones(samples, frequency):
    """The share of a frequency in each 20 ms that are not silent: sound that was sent late has silence before it, and
    goes on in another phase."""
    windows = (samples[at:at + RATE // 50] for at in range(0, len(samples), RATE // 50))
    return [power(window, frequency) for window in windows if any(abs(s) > 1000 for s in window)]


def mean(values):
    return sum(values) / max(1, len(values))


async def talk(call):
    """A tone for the call's whole length, 20 ms a message, in real time."""
    begun = time.monotonic()
    for frame in range(SECONDS * 50):
        samples = array.array("h", (int(9000 * math.sin(2 * math.pi * CALLER * (frame * 320 + n) / RATE))
                                    for n in range(320)))
        await call.send_audio(samples.tobytes())
        await asyncio.sleep(max(0, begun + (frame + 1) * 0.02 - time.monotonic()))


def loud(samples, level=1000):
    """First and last sample above a level."""
    places = [n for n, s in enumerate(samples) if abs(s) > level]
    return (places[0], places[-1]) if places else (0, 0)


QUESTIONS = 3
# Of the sum of the steps, and of the sound itself, which goes and comes in frames of 20 ms: usually, and at the most,
# when one of the two processes stood still.
SUM, SOUND, LATE = 5, 40, 2000


async def ask(call):
    """A second of tone, then silence until the answer has been heard."""
    begun = time.monotonic()
    frame = 0
    turns = len(call.of("turn.ended"))
    while len(call.of("turn.ended")) == turns and frame < 1000:
        samples = array.array("h", (int(9000 * math.sin(2 * math.pi * CALLER * n / RATE)) if frame < 50 else 0
                                    for n in range(320)))
        await call.send_audio(samples.tobytes())
        frame += 1
        await asyncio.sleep(max(0, begun + frame * 0.02 - time.monotonic()))


def gaps(left, right):
    """Milliseconds from the end of each of the caller's tones to the agent's next sound."""
    ends = [n for n in range(len(left)) if abs(left[n]) > 1000
            and not any(abs(s) > 1000 for s in left[n + 1:n + RATE // 5])]
    # A tone that was held up on its way has a hole: what counts is its last end before the answer.
    answers = {}
    for end in ends:
        start = next((n for n in range(end, len(right)) if abs(right[n]) > 100), None)
        if start is not None:
            answers[start] = end
    return [(start - end) * 1000 / RATE for start, end in answers.items()]


async def latencies(server, checks):
    call = await Call.open(server.port, profile="answers")
    for _ in range(QUESTIONS):
        await ask(call)
    await call.close()
    record = within(60, lambda: (lambda r: r if r.get("recording") else None)(
        server.get(f"/v1/records/{call.session}").json), "the recording")
    turns = [turn["latency_ms"] for turn in record["turns"]]
    with checks.check(f"the steps of a turn are its whole latency within {SUM} ms") as notes:
        same(len(turns), QUESTIONS, "turns")
        sums = [sum(ms for step, ms in turn.items() if step != "total") for turn in turns]
        notes.append("; ".join(f"{found:.1f} of {turn['total']:.1f} ms" for found, turn in zip(sums, turns)))
        assert all(abs(found - turn["total"]) <= SUM for found, turn in zip(sums, turns))
    with checks.check(f"the recording has that pause between question and answer, usually within {SOUND} ms") as notes:
        sound = wave.open(io.BytesIO(server.get(f"/v1/records/{call.session}/recording").body))
        samples = array.array("h", sound.readframes(sound.getnframes()))
        heard = gaps(samples[0::2], samples[1::2])
        notes.append("; ".join(f"{gap:.1f} and {turn['total']:.1f} ms" for gap, turn in zip(heard, turns)))
        same(len(heard), QUESTIONS, "answers")
        off = sorted(abs(gap - turn["total"]) for gap, turn in zip(heard, turns))
        assert off[QUESTIONS // 2] <= SOUND and off[-1] <= LATE


async def run(folder, checks):
    server = Server(folder, CONFIG).start()
    try:
        call = await Call.open(server.port, profile="tone")
        begun = time.monotonic()
        await talk(call)
        await call.close()
        lasted = (time.monotonic() - begun) * 1000
        record = within(60, lambda: (lambda r: r if r.get("recording") else None)(
            server.get(f"/v1/records/{call.session}").json), "the recording")
        sound = wave.open(io.BytesIO(server.get(f"/v1/records/{call.session}/recording").body))
        samples = array.array("h", sound.readframes(sound.getnframes()))
        left, right = samples[0::2], samples[1::2]
        with checks.check("it is stereo at the call's rate, and as long as the call within 100 ms") as notes:
            same((sound.getnchannels(), sound.getframerate()), (2, RATE))
            length = len(left) * 1000 / RATE
            notes.append(f"{length:.0f} ms; the call {record['duration_ms']} ms, {lasted:.0f} ms by the caller's clock")
            assert abs(length - record["duration_ms"]) <= 100 and abs(length - lasted) <= 2000
            same(record["recording"]["reason"], "finished")
        with checks.check("the caller's tone is on the left, and nothing else") as notes:
            first, last = loud(left)
            share = mean(tones(left, CALLER))
            notes.append(f"{share * 100:.1f} %, from {first * 1000 // RATE} to {last * 1000 // RATE} ms")
            assert share > 0.8
            assert first < 2 * RATE and last - first > RATE * (SECONDS - 1)
        with checks.check("the agent's voice is on the right, and nothing else") as notes:
            found = tones(right, AGENT)
            share = mean(found)
            notes.append(f"{share * 100:.1f} %, {len(found) * 20} ms long")
            assert share > 0.8
            assert abs(len(found) * 20 - 1500) < 500
        await latencies(server, checks)
        same(server.stop(), 0, "exit code")
    finally:
        server.kill()
