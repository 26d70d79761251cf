# SPDX-License-Identifier: Apache-2.0
"""WAV files, and what is in them. Samples are numpy arrays of int16, mono."""

import os
import subprocess
import wave

import numpy


def read_wav(path):
    """Samples and Hz."""
    with wave.open(str(path), "rb") as file:
        assert file.getsampwidth() == 2, "16-bit PCM alone"
        samples = numpy.frombuffer(file.readframes(file.getnframes()), dtype="<i2")
        return samples[:: file.getnchannels()], file.getframerate()


def write_wav(path, samples, rate):
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(numpy.asarray(samples, dtype="<i2").tobytes())


def padded(samples, rate, seconds):
    """With silence before and after."""
    silence = numpy.zeros(int(rate * seconds), dtype=numpy.int16)
    return numpy.concatenate([silence, samples, silence])


def resampled(samples, rate, to):
    """Good enough for tests: straight lines between samples."""
    count = int(len(samples) * to / rate)
    at = numpy.arange(count) * rate / to
    return numpy.interp(at, numpy.arange(len(samples)), samples).astype(numpy.int16)


def frames(samples, rate, milliseconds=20):
    """Whole frames, as a caller sends them."""
    size = rate * milliseconds // 1000
    return [samples[at : at + size] for at in range(0, len(samples) - size + 1, size)]


def loudness(samples, rate):
    """Root mean square of each 20 ms."""
    return numpy.array([numpy.sqrt(numpy.mean(f.astype(float) ** 2)) for f in frames(samples, rate)])


def is_speech(samples, rate, seconds=0.5):
    """Whether somebody speaks for at least `seconds`: loud enough, and neither the steady loudness nor the steady pitch
    of a tone, of noise, or of one frame again and again."""
    samples = numpy.asarray(samples, dtype=numpy.int16)
    loud = loudness(samples, rate)
    active = loud > max(150.0, 0.1 * loud.max(initial=0))
    if active.sum() * 0.02 < seconds:
        return False
    crossings = numpy.array([numpy.mean(numpy.diff(numpy.signbit(f)) != 0) for f in frames(samples, rate)])
    of_loudness = loud[active].std() / loud[active].mean()
    of_crossings = crossings[active].std() / max(crossings[active].mean(), 1e-6)
    return bool(of_loudness > 0.2 and of_crossings > 0.2)


def spoken(folder, text, rate=24000, voice="rms"):
    """What `text` sounds like: s16le mono at `rate`."""
    path = folder / f"{abs(hash((text, rate)))}.wav"
    subprocess.run(
        [os.environ["SYRINX"], "say", "--text", text, "--out", path, "--voice", voice,
         "--plugins", os.environ["SYRINX_PLUGINS"]], check=True, capture_output=True)
    samples, had = read_wav(path)
    return resampled(samples, had, rate).astype("<i2").tobytes()
