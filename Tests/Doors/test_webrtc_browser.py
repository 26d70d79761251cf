# SPDX-License-Identifier: Apache-2.0
"""Calls over WebRTC by a headless Chromium with a WAV for a microphone; its page records what it hears."""

import base64

import numpy
import pytest

import chromium
import sound
from test_webrtc import config, record

pytestmark = pytest.mark.skipif(chromium.PROGRAM is None, reason="no chromium: apt-get install chromium")

CALL = """
    const url = "HOST/doors/web?language=en";
    const connection = new RTCPeerConnection();
    const microphone = await navigator.mediaDevices.getUserMedia({ audio: true });
    microphone.getTracks().forEach((track) => connection.addTrack(track, microphone));
    EXTRA
    const heard = [];
    const record = (track) => {
      const stream = new MediaStream([track]);
      // Without somebody who plays it, Chromium decodes nothing.
      const player = new Audio(); player.muted = true; player.srcObject = stream; player.play();
      const context = new AudioContext({ sampleRate: 16000 });
      const processor = context.createScriptProcessor(4096, 1, 1);
      processor.onaudioprocess = ({ inputBuffer }) => heard.push(inputBuffer.getChannelData(0).slice());
      context.createMediaStreamSource(stream).connect(processor);
      processor.connect(context.destination);
    };
    connection.ontrack = ({ track }) => { if (track.kind === "audio") record(track); };
    await connection.setLocalDescription(await connection.createOffer());
    const reply = await fetch(url, {
      method: "POST", headers: { "content-type": "application/sdp" }, body: connection.localDescription.sdp });
    const answer = await reply.text();
    const began = performance.now();
    await connection.setRemoteDescription({ type: "answer", sdp: answer });
    await new Promise((done) => {
      connection.onconnectionstatechange = () => { if (connection.connectionState === "connected") done(); };
    });
    const connected = performance.now() - began;
    WAIT
    const stats = {};
    (await connection.getStats()).forEach((entry) => { stats[entry.type + (entry.kind || "")] = entry; });
    const hungUp = await fetch(new URL(reply.headers.get("location"), url), { method: "DELETE" });
    const ended = connection.connectionState;
    connection.close();
    const bytes = new Uint8Array(Int16Array.from(heard.flatMap((part) => [...part].map((x) => x * 32767))).buffer);
    let text = "";
    bytes.forEach((byte) => { text += String.fromCharCode(byte); });
    return { status: reply.status, answer, connected, stats, hungUp: hungUp.status, location: reply.headers.get("location"), record: btoa(text) };
"""


def call(host, seconds, extra="", connected=""):
    wait = f"{connected} await new Promise((wake) => setTimeout(wake, {int(seconds * 1000)}));"
    return CALL.replace("HOST", host.http).replace("EXTRA", extra).replace("WAIT", wait)


@pytest.fixture
def page(tmp_path, speech, root):
    """The microphone asks something after three seconds: it runs before there is a connection."""
    samples, rate = sound.read_wav(speech("what time is it", silence=3.0))
    wav = tmp_path / "microphone.wav"
    sound.write_wav(wav, sound.resampled(samples, rate, 48000), 48000)
    options = ["--allow-loopback-in-peer-connection"]
    with chromium.Chromium(tmp_path / "chromium", microphone=wav, options=options) as browser:
        with chromium.Files(root) as files:
            yield browser.open(f"{files.url}/Tests/Doors/browser/empty.html")


def test_a_browser_asks_and_hears_the_answer(server, page):
    host = server(
        config() + 'profiles: { default: { greeting: "" } }\nstorage: { database: FOLDER/records.sqlite }\n')
    result = page.run(call(host, 10))
    assert result["status"] == 201 and result["hungUp"] == 200
    heard = numpy.frombuffer(base64.b64decode(result["record"]), dtype="<i2")
    assert sound.is_speech(heard, 16000, seconds=0.7)
    inbound, transport = result["stats"]["inbound-rtpaudio"], result["stats"]["transport"]
    assert inbound["packetsLost"] == 0
    assert transport["dtlsState"] == "connected" and "GCM" in transport["srtpCipher"]
    turns = record(host, result["location"])["turns"]
    assert any("time" in turn["user"] for turn in turns), turns


RESTART = """
    const offer = await connection.createOffer({ iceRestart: true });
    await connection.setLocalDescription(offer);
    const credentials = (sdp) => ["ice-ufrag", "ice-pwd"].map((name) => sdp.match(new RegExp(`a=${name}:.*`))[0]);
    const patched = await fetch(new URL(reply.headers.get("location"), url), {
      method: "PATCH", headers: { "content-type": "application/trickle-ice-sdpfrag", "if-match": "*" },
      body: ["m=audio 9 UDP/TLS/RTP/SAVPF 111", "a=mid:0", ...credentials(offer.sdp), ""].join("\\r\\n") });
    const [fragment, password] = credentials(await patched.text());
    const renewed = answer.replaceAll(/a=ice-ufrag:.*/g, fragment).replaceAll(/a=ice-pwd:.*/g, password);
    await connection.setRemoteDescription({ type: "answer", sdp: renewed });
    window.restart = { status: patched.status, changed: renewed !== answer, mine: credentials(offer.sdp)[0] };
"""


def test_ice_is_restarted_and_the_call_goes_on(server, page):
    host = server(
        config() + 'profiles: { default: { greeting: "" } }\nstorage: { database: FOLDER/records.sqlite }\n')
    # The question comes later: by the new way.
    result = page.run(call(host, 10, connected=RESTART))
    restart = page.run("return window.restart;")
    assert restart["status"] == 200 and restart["changed"]
    transport = result["stats"]["transport"]
    assert f"a=ice-ufrag:{transport['iceLocalUsernameFragment']}" == restart["mine"]
    assert transport["iceState"] in ("connected", "completed") and transport["dtlsState"] == "connected"
    heard = numpy.frombuffer(base64.b64decode(result["record"]), dtype="<i2")
    assert sound.is_speech(heard, 16000, seconds=0.7)
    turns = record(host, result["location"])["turns"]
    assert any("time" in turn["user"] for turn in turns), turns


def test_keys_are_a_turn(server, page):
    host = server(
        config() + 'profiles: { default: { greeting: "" } }\nstorage: { database: FOLDER/records.sqlite }\n')
    # Its way opens a moment after the connection.
    pressed = """
        const { dtmf } = connection.getSenders()[0];
        while (!dtmf.canInsertDTMF) await new Promise((wake) => setTimeout(wake, 20));
        dtmf.insertDTMF("42#", 100, 70);
    """
    result = page.run(call(host, 6, connected=pressed))
    turns = record(host, result["location"])["turns"]
    assert any("42" in turn["user"] for turn in turns), turns


CHANNEL = """
    const channel = connection.createDataChannel("events");
    const events = [];
    channel.onopen = () => channel.send(JSON.stringify({ type: "text", text: "what time is it" }));
    channel.onmessage = ({ data }) => { events.push(JSON.parse(data).type); };
    globalThis.events = events;
"""


def test_a_page_asks_and_is_told_on_a_data_channel(server, page):
    host = server(config() + 'profiles: { default: { greeting: "" } }\n')
    ended = 'while (!events.includes("turn.ended")) await new Promise((wake) => setTimeout(wake, 50));'
    result = page.run(call(host, 0, CHANNEL, connected=ended))
    assert "m=application 0 " not in result["answer"] and "a=sctp-port:5000" in result["answer"]
    heard = numpy.frombuffer(base64.b64decode(result["record"]), dtype="<i2")
    assert sound.is_speech(heard, 16000, seconds=0.5)


def test_video_is_refused_and_the_voice_goes_on(server, page):
    host = server(config() + 'profiles: { default: { greeting: "Welcome to the house, what can I do for you?" } }\n')
    result = page.run(call(host, 5, 'connection.addTransceiver("video");'))
    assert "m=video 0 " in result["answer"]
    heard = numpy.frombuffer(base64.b64decode(result["record"]), dtype="<i2")
    assert sound.is_speech(heard, 16000, seconds=1.0)
