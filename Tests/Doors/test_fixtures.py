# SPDX-License-Identifier: Apache-2.0
"""The tools of these tests are what the rest of them rests on."""

import numpy

import sound


def test_speech_is_told_from_what_is_none(speech):
    samples, rate = sound.read_wav(speech("what time is it"))
    assert rate == 16000
    assert sound.is_speech(samples, rate)
    assert sound.is_speech(sound.padded(samples, rate, 2.0), rate)
    narrow, rate = sound.read_wav(speech("what time is it", rate=8000))
    assert rate == 8000
    assert sound.is_speech(narrow, rate)
    assert sound.is_speech(sound.resampled(narrow, 8000, 48000), 48000)

    at = numpy.arange(32000) / 16000
    tone = (8000 * numpy.sin(2 * numpy.pi * 440 * at)).astype(numpy.int16)
    noise = numpy.random.default_rng(1).normal(0, 3000, 32000).astype(numpy.int16)
    assert not sound.is_speech(numpy.zeros(32000), 16000)
    assert not sound.is_speech(tone, 16000)
    assert not sound.is_speech(noise, 16000)
    assert not sound.is_speech(numpy.tile(samples[8000:8320], 100), 16000)
    assert not sound.is_speech(samples[:0], 16000)


def test_a_server_serves_as_configured(server):
    host = server("limits: { max_sessions: 3, load: { cpu: 0, loop_lag: 0s } }\n")
    assert host.request("GET", "/healthz").status == 200
    assert any(name.startswith("syrinx_") for name in host.metrics())
    second = server()
    assert second.port != host.port
