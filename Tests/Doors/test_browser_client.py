# SPDX-License-Identifier: Apache-2.0
"""clients/js/syrinx.js: in node what needs no browser, in a headless Chromium the rest, with a WAV for a microphone."""

import base64
import shutil
import subprocess

import numpy
import pytest

import chromium
import relay
import sound

needs_chromium = pytest.mark.skipif(chromium.PROGRAM is None, reason="no chromium: apt-get install chromium")


@pytest.mark.skipif(shutil.which("node") is None, reason="no node")
def test_what_needs_no_browser(root):
    done = subprocess.run(
        ["node", "--test", str(root / "Tests/Doors/browser/pure.test.mjs")], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture
def browser(tmp_path, speech):
    """The microphone says a question some seconds after it was opened: after the greeting."""
    samples, rate = sound.read_wav(speech("what time is it"))
    wav = tmp_path / "microphone.wav"
    silence = numpy.zeros(rate * 9, dtype=numpy.int16)
    sound.write_wav(wav, sound.resampled(numpy.concatenate([silence, samples, silence[:rate]]), rate, 48000), 48000)
    with chromium.Chromium(tmp_path / "chromium", microphone=wav) as running:
        yield running


@pytest.fixture
def page(browser, root):
    with chromium.Files(root) as files:
        yield browser.open(f"{files.url}/Tests/Doors/browser/empty.html")


def start(host, options="{}"):
    return f"""
        const {{ Call }} = await import("/clients/js/syrinx.js");
        const {{ recordOf, event }} = await import("/Tests/Doors/browser/record.js");
        const call = globalThis.call = new Call({{ url: "{host.url}", ...{options} }});
        const seen = globalThis.seen = [];
        call.addEventListener("event", ({{ detail }}) => seen.push(detail));
    """


@needs_chromium
def test_a_spoken_turn_is_answered_and_heard(server, page):
    host = server()
    result = page.run(start(host) + """
        await call.start();
        const record = recordOf(call);
        const turn = await event(call, "turn.ended");
        const played = call.played;
        await new Promise((wake) => setTimeout(wake, 500));
        const reason = await call.close();
        return { turn, reason, played, state: call.state, record: record(), types: seen.map((e) => e.type) };
    """)
    assert "time" in result["turn"]["user"]
    assert result["turn"]["outcome"] == "answered"
    assert result["reason"] == "client_closed" and result["state"] == "closed"
    assert result["types"][0] == "session.started" and result["types"][-1] == "session.closed"
    samples = numpy.frombuffer(base64.b64decode(result["record"]), dtype="<i2")
    # The greeting, and the answer: as loud as speech is.
    assert sound.is_speech(samples, 16000, seconds=3)
    # What it tells the server of its playing is what was played: greeting and answer, all but what still waits.
    assert result["played"] > 16000 * 3
    assert not [e for e in result["types"] if e in ("error", "warning")]


@needs_chromium
def test_an_interruption_is_heard_at_once(server, page):
    host = server("profiles:\n  default:\n    greeting: ''\n")
    result = page.run(start(host, "{ microphone: false }") + """
        await call.start();
        const record = recordOf(call);
        call.sendText("count to twenty");
        await event(call, "speech.started");
        while (call.played < 16000 * 2.5) await new Promise((wake) => setTimeout(wake, 50));
        call.interrupt();
        const ended = await event(call, "turn.ended");
        const silentFrom = record().length;
        // A second and a half more of 16-bit samples, in base64.
        const enough = silentFrom + 16000 * 1.5 * 2 * 4 / 3;
        while (record().length < enough) await new Promise((wake) => setTimeout(wake, 100));
        const all = record();
        await call.close();
        return { ended, silentFrom, all, played: call.played };
    """)
    assert result["ended"]["outcome"] == "interrupted"
    assert "two" in result["ended"]["heard"] and "twenty" not in result["ended"]["heard"]
    samples = numpy.frombuffer(base64.b64decode(result["all"]), dtype="<i2")
    before = numpy.frombuffer(base64.b64decode(result["all"][: result["silentFrom"] // 8 * 8]), dtype="<i2")
    assert sound.is_speech(before, 16000)
    # A tenth of a second for what was on its way through the audio thread.
    after = samples[len(before) + 1600 :]
    assert len(after) > 16000 and numpy.abs(after).max() < 50
    assert result["played"] <= len(before) + 3200


@needs_chromium
def test_a_lost_connection_is_taken_up_again(server, page):
    host = server("profiles:\n  default:\n    greeting: ''\n")
    with relay.Relay(host.port) as network:
        session = page.run(start(network, "{ microphone: false }") + """
            globalThis.states = [];
            call.addEventListener("state", ({ detail }) => states.push(detail));
            await call.start();
            globalThis.resumed = event(call, "session.resumed");
            globalThis.ended = event(call, "turn.ended");
            call.sendText("count to three");
            await event(call, "speech.started");
            return call.session;
        """)
        network.cut()
        result = page.run("""
            await resumed;
            const turn = await ended;
            const reason = await call.close();
            return { turn, states, reason, session: call.session };
        """)
    assert result["session"] == session
    # What was being said goes on after the break.
    assert result["turn"]["outcome"] == "answered" and "three" in result["turn"]["heard"]
    assert result["states"] == ["connecting", "open", "reconnecting", "open", "closed"]
    assert result["reason"] == "client_closed"


@needs_chromium
def test_pressed_keys_are_a_turn(server, page):
    host = server("profiles:\n  default:\n    greeting: ''\n")
    result = page.run(start(host, "{ microphone: false }") + """
        await call.start();
        call.sendKeys("4");
        call.sendKeys("2#");
        const turn = await event(call, "turn.committed");
        await call.close();
        return { turn, pressed: seen.filter((e) => e.type === "keys.pressed").map((e) => e.keys) };
    """)
    assert result["turn"]["text"] == "42" and result["turn"]["source"] == "text"
    assert result["pressed"] == ["4", "2#"]


@needs_chromium
def test_a_refused_call_says_so(server, page):
    result = page.run(start(server(), '{ profile: "nobody" }') + """
        const closed = event(call, "closed");
        const failed = await call.start().then(() => false, () => true);
        return { failed, reason: (await closed).reason, state: call.state };
    """)
    assert result == {"failed": True, "reason": "refused", "state": "closed"}


@needs_chromium
def test_the_demo_page_makes_a_call(server, browser, root):
    host = server()
    with chromium.Files(root) as files:
        page = browser.open(f"{files.url}/Examples/browser/?url={host.url}")
        result = page.run("""
            const at = (id) => document.getElementById(id);
            at("start").click();
            const until = async (what) => { while (!what()) await new Promise((wake) => setTimeout(wake, 50)); };
            await until(() => at("state").textContent === "speaking");
            await until(() => document.querySelector("#talk .caller:not(.unfinished)"));
            await until(() => at("talk").lastElementChild.className === "agent");
            await until(() => at("state").textContent === "listening");
            at("text").value = "count to three";
            at("form").querySelector("button").click();
            await until(() => at("talk").innerText.includes("three"));
            at("stop").click();
            await until(() => at("state").textContent.startsWith("ended"));
            return { state: at("state").textContent, items: [...at("talk").children].map((i) => [i.className, i.textContent]) };
        """)
    assert result["state"] == "ended: client_closed"
    said = [text for who, text in result["items"] if who == "caller"]
    assert "time" in said[0] and said[1] == "count to three"
    assert result["items"][0][0] == "agent" and "Syrinx" in result["items"][0][1]
