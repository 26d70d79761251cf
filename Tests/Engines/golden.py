# SPDX-License-Identifier: Apache-2.0
"""Writes Tests/CPlugins/golden/onnx.txt: what the models' own Python code makes of a test signal.

   usage: golden.py SITE_PACKAGES     where `scripts/setup-onnx` has installed the packages; Python needs onnxruntime 1.28, too

The signal is made by the same formula in Tests/CPlugins/test_onnx.c.
"""
import importlib.util
import math
import pathlib
import sys

import numpy
import onnxruntime

PACKAGES = pathlib.Path(sys.argv[1])
SMART_TURN = PACKAGES / "pipecat/audio/turn/smart_turn"
SILERO = PACKAGES / "silero_vad/data/silero_vad.onnx"


def voice(samples, rate):
    """A voice of sorts, taken for speech by the detector: a gliding pitch, two moving formants, pauses."""
    time = numpy.arange(samples) / rate
    phase = 2 * math.pi * 130 * time - 25 / 1.3 * numpy.cos(2 * math.pi * 1.3 * time)
    first, second = 550 + 200 * numpy.sin(2 * math.pi * 2.1 * time), 1500 + 500 * numpy.sin(2 * math.pi * 1.7 * time)
    signal = numpy.zeros(samples)
    for harmonic in range(1, 25):
        hz = 130.0 * harmonic
        near = numpy.exp(-((hz - first) / 150) ** 2) + 0.5 * numpy.exp(-((hz - second) / 250) ** 2)
        signal += (near + 0.02) * numpy.sin(harmonic * phase)
    loudness = 0.4 + 0.6 * numpy.sin(2 * math.pi * 2 * time) ** 2
    pause = numpy.where(time % 1.5 < 1.0, 1.0, 0.0)
    return numpy.floor(4000 * signal * loudness * pause + 0.5).astype(numpy.int16)


def whisper():
    spec = importlib.util.spec_from_file_location("features", SMART_TURN / "_whisper_features.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.compute_whisper_log_mel_features


def session(path):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(str(path), options)


def turns(out):
    features = whisper()
    model = session(SMART_TURN / "data/smart-turn-v3.2-cpu.onnx")
    for samples in (128000, 20800, 60001):
        audio = voice(samples, 16000).astype(numpy.float32) / 32768
        padded = numpy.pad(audio, (128000 - samples, 0))
        mel = features(padded, do_normalize=True)
        for band in range(0, 80, 13):
            for frame in (0, 1, 150, 399, 671, 798, 799):
                print("mel", samples, band, frame, f"{mel[band, frame]:.6f}", file=out)
        probability = model.run(None, {"input_features": mel[None]})[0][0].item()
        print("turn", samples, f"{probability:.6f}", file=out)


def voices(out):
    model = session(SILERO)
    for rate, window, context in ((16000, 512, 64), (8000, 256, 32)):
        audio = voice(rate * 3, rate).astype(numpy.float32) / 32768
        state, before = numpy.zeros((2, 1, 128), numpy.float32), numpy.zeros(context, numpy.float32)
        for number in range(len(audio) // window):
            block = audio[number * window:(number + 1) * window]
            feed = {"input": numpy.concatenate([before, block])[None], "state": state, "sr": numpy.array(rate, numpy.int64)}
            output, state = model.run(None, feed)
            before = block[-context:]
            if number % 3 == 0:
                print("vad", rate, number, f"{output.item():.6f}", file=out)


if __name__ == "__main__":
    target = pathlib.Path(__file__).resolve().parents[1] / "CPlugins/golden/onnx.txt"
    with open(target, "w") as file:
        voices(file)
        turns(file)
