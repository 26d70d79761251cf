# SPDX-License-Identifier: Apache-2.0
"""The official `deepgram-sdk` package against `syrinx simulate deepgram`."""
import io
import threading
import wave

import pytest
import websockets
from deepgram import DeepgramClient
from deepgram.core.api_error import ApiError
from deepgram.environment import DeepgramClientEnvironment
from deepgram.speak.v1.types import SpeakV1Text
from simulator import Simulator, silence, tone

RATE = 16000


@pytest.fixture(scope="module")
def simulator():
    with Simulator("deepgram", "--key", "secret", "--say", "book a table for two people please", "thank you") as it:
        yield it


def client(simulator, key="secret"):
    environment = DeepgramClientEnvironment(
        base=simulator.http, production=simulator.ws, agent=simulator.ws, agent_rest=simulator.http)
    return DeepgramClient(api_key=key, environment=environment)


def listen(simulator, key="secret", **options):
    options = {"model": "nova-3", "encoding": "linear16", "sample_rate": RATE, "interim_results": "true",
               "smart_format": "true", "endpointing": 300, **options}
    return client(simulator, key).listen.v1.connect(**options)


def feed(socket, audio, milliseconds=40):
    size = RATE * milliseconds // 1000 * 2
    for start in range(0, len(audio), size):
        socket.send_media(audio[start:start + size])


def until(socket, wanted):
    """Reads up to the message that is wanted; all of them."""
    messages = []
    while not messages or not wanted(messages[-1]):
        messages.append(socket.recv())
    return messages


def text(results):
    return results.channel.alternatives[0].transcript


def finals(messages):
    return " ".join(text(message) for message in messages if message.type == "Results" and message.is_final
                    and text(message))


def refusal(connect):
    """The HTTP status that an upgrade is refused with."""
    with pytest.raises((ApiError, websockets.exceptions.InvalidStatus)) as refused:
        with connect():
            pass
    error = refused.value
    return error.status_code if isinstance(error, ApiError) else error.response.status_code


# Live transcription


def test_hears_an_utterance(simulator):
    with listen(simulator, vad_events="true") as socket:
        feed(socket, tone(2500) + silence(800))
        messages = until(socket, lambda message: getattr(message, "speech_final", False))
    assert messages[0].type == "SpeechStarted" and messages[0].timestamp == 0
    results = [message for message in messages if message.type == "Results"]
    assert any(not message.is_final for message in results)
    assert finals(messages) in ("book a table for two people please", "thank you")
    words = [word for message in results if message.is_final for word in message.channel.alternatives[0].words]
    assert [word.start for word in words] == sorted(word.start for word in words)
    assert all(word.punctuated_word and word.confidence > 0.9 for word in words)
    stretches = [message for message in results if message.is_final]
    for before, after in zip(stretches, stretches[1:]):
        assert abs(before.start + before.duration - after.start) < 0.001
    assert results[0].metadata.request_id and results[0].metadata.model_info.name == "nova-3"


def test_finds_the_language_out_where_it_is_left_open():
    with Simulator("deepgram", "--say", "[de] guten tag zusammen") as simulator:
        for language, told in [("multi", "de"), ("en", None)]:
            with listen(simulator, language=language) as socket:
                feed(socket, tone(1200) + silence(800))
                final = until(socket, lambda message: getattr(message, "speech_final", False))[-1]
            best = final.channel.alternatives[0]
            assert best.languages == (told and [told]) and {word.language for word in best.words} == {told}


def test_finalize_and_close_stream(simulator):
    with listen(simulator, endpointing="false") as socket:
        feed(socket, tone(600))
        socket.send_finalize()
        messages = until(socket, lambda message: getattr(message, "from_finalize", False))
        assert messages[-1].is_final and text(messages[-1])
        socket.send_keep_alive()
        socket.send_finalize()
        assert text(until(socket, lambda message: message.from_finalize)[-1]) == ""
        feed(socket, tone(600))
        socket.send_close_stream()
        rest = until(socket, lambda message: message.type == "Metadata")
        assert finals(rest) and abs(rest[-1].duration - 1.2) < 0.05 and rest[-1].channels == 1
        with pytest.raises(websockets.exceptions.ConnectionClosedOK):
            socket.recv()


def test_utterance_end(simulator):
    with listen(simulator, utterance_end_ms=1000) as socket:
        feed(socket, tone(600) + silence(1600))
        ended = until(socket, lambda message: message.type == "UtteranceEnd")[-1]
        assert abs(ended.last_word_end - 0.6) < 0.05


@pytest.mark.parametrize("options", [
    {"model": "unknown-1"}, {"encoding": None}, {"utterance_end_ms": 500},
    {"utterance_end_ms": 1000, "interim_results": "false"}])
def test_refuses_wrong_parameters(simulator, options):
    assert refusal(lambda: listen(simulator, **options)) == 400


def test_refuses_a_wrong_key(simulator):
    assert refusal(lambda: listen(simulator, key="wrong")) == 401
    with pytest.raises(ApiError):
        client(simulator, "wrong").auth.v1.tokens.grant()
    assert client(simulator).auth.v1.tokens.grant().expires_in == 30


# Flux


def test_flux_turns(simulator):
    with client(simulator).listen.v2.connect(
            model="flux-general-en", encoding="linear16", sample_rate=RATE, eager_eot_threshold="0.5") as socket:
        assert socket.recv().type == "Connected"
        feed(socket, tone(1500) + silence(800), 80)
        infos = until(socket, lambda message: message.event == "EndOfTurn")
        events = [info.event for info in infos]
        assert events[0] == "StartOfTurn" and events[-2:] == ["EagerEndOfTurn", "EndOfTurn"]
        assert infos[-1].transcript == infos[-2].transcript and infos[-1].turn_index == 0
        assert [info.sequence_id for info in infos] == list(range(1, len(infos) + 1))
        socket.send_configure({"type": "Configure", "thresholds": {"eot_threshold": 0.8}})
        assert until(socket, lambda message: message.type == "ConfigureSuccess")[-1].thresholds.eot_threshold == 0.8
        feed(socket, tone(600) + silence(800), 80)
        assert until(socket, lambda message: message.event == "EndOfTurn")[-1].turn_index == 1
        socket.send_close_stream()


def test_flux_wants_a_flux_model(simulator):
    connect = client(simulator).listen.v2.connect
    assert refusal(lambda: connect(model="nova-3", encoding="linear16", sample_rate=RATE)) == 400


# Files


def test_transcribes_a_file(simulator):
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(RATE)
        out.writeframes(tone(900) + silence(700))
    response = client(simulator).listen.v1.media.transcribe_file(request=file.getvalue(), model="nova-3")
    assert response.results.channels[0].alternatives[0].transcript
    assert abs(response.metadata.duration - 1.6) < 0.01


# Speech


def test_speaks_over_a_socket(simulator):
    with client(simulator).speak.v1.connect(model="aura-2-thalia-en", encoding="linear16", sample_rate=RATE) as socket:
        assert socket.recv().model_name == "aura-2-thalia-en"
        socket.send_text(SpeakV1Text(type="Speak", text="hello "))
        socket.send_text(SpeakV1Text(type="Speak", text="you"))
        socket.send_flush()
        audio = b""
        while isinstance(message := socket.recv(), bytes):
            audio += message
        assert message.type == "Flushed" and len(audio) == len("hello you") * 60 * 16 * 2
        socket.send_text(SpeakV1Text(type="Speak", text="a much longer text that is not heard to its end " * 20))
        socket.send_flush()
        assert isinstance(socket.recv(), bytes)
        socket.send_clear()
        while isinstance(message := socket.recv(), bytes):
            pass
        assert message.type == "Cleared"
        socket.send_close()
        with pytest.raises(websockets.exceptions.ConnectionClosedOK):
            socket.recv()


def test_speaks_over_http(simulator):
    speech = client(simulator).speak.v1.audio.generate
    raw = b"".join(speech(text="hello", encoding="linear16", container="none", sample_rate=RATE))
    assert len(raw) == 5 * 60 * 16 * 2 and any(raw)
    assert b"".join(speech(text="hello", encoding="linear16", sample_rate=RATE))[:4] == b"RIFF"
    with pytest.raises(ApiError) as long:
        list(speech(text="x" * 2001, encoding="linear16"))
    assert long.value.status_code == 413


# Bad days


@pytest.mark.parametrize("fault, code", [
    ("after=partial:1,close=1011:NET-0000", 1011), ("after=partial:1,cut", None), ("at=final:1,cut", None)])
def test_a_lost_connection_reaches_the_sdk(fault, code):
    with Simulator("deepgram", "--fault", fault) as simulator:
        with listen(simulator) as socket:
            with pytest.raises(websockets.exceptions.ConnectionClosedError) as closed:
                feed(socket, tone(2000) + silence(800))
                until(socket, lambda message: message.type == "Metadata")
            assert (closed.value.rcvd.code if closed.value.rcvd else None) == code


@pytest.mark.parametrize("place", ["after=final:1", "at=final:1", "after=partial:2", "at=partial:1"])
def test_whoever_was_cut_off_is_heard_on_the_next_connection(place):
    with Simulator("deepgram", "--say", "one two three four five six seven", "next", "--fault",
                   f"{place},cut,times=1") as simulator:
        with listen(simulator) as socket:
            first = []
            with pytest.raises(websockets.exceptions.ConnectionClosedError):
                # To the fifth word, which is cut at the latest: whoever still sends then reads nothing any more.
                feed(socket, tone(1520))
                while True:
                    first.append(socket.recv())
        with listen(simulator) as socket:
            feed(socket, tone(1000) + silence(800))
            second = until(socket, lambda message: getattr(message, "speech_final", False))
        assert f"{finals(first)} {finals(second)}".strip() == "one two three four five six seven"


@pytest.mark.parametrize("status", [402, 429, 503])
def test_refusals_reach_the_sdk(status):
    with Simulator("deepgram", "--fault", f"status={status}") as simulator:
        assert refusal(lambda: listen(simulator)) == status


def test_many_at_once():
    with Simulator("deepgram", "--say", "hello there") as simulator:
        heard = []

        def talk():
            with listen(simulator) as socket:
                feed(socket, tone(700) + silence(700))
                heard.append(finals(until(socket, lambda message: getattr(message, "speech_final", False))))

        threads = [threading.Thread(target=talk) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
        assert heard == ["hello there"] * 8
