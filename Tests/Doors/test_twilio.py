# SPDX-License-Identifier: Apache-2.0
"""Phone calls over Twilio's media streams, by a scripted Twilio that signs with Twilio's own library."""

import asyncio
import xml.etree.ElementTree

import numpy
import pytest
from twilio.request_validator import RequestValidator
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

import sound
from product import within
from twilio_peer import RATE, PhoneCall, from_mu_law, post_webhook, stream_of, to_mu_law

TOKEN = "0123456789abcdef0123456789abcdef"
DOOR = "/doors/phone"
QUESTION = "what time is it"
STORY = "Once upon a time there was a small village by the sea, and in it lived an old man who told long stories. " * 4

CONFIG = f"""
doors:
  phone:
    transport: {{ provider: twilio, config: {{ auth_token: "{TOKEN}" }} }}
    profile: phone
profiles:
  phone:
    greeting: ""
    agent: AGENT
"""


def config(agent="echo"):
    return CONFIG.replace("AGENT", agent)


def samples(path):
    wave, rate = sound.read_wav(path)
    assert rate == RATE
    return sound.padded(wave, RATE, 0.3)


def test_the_peer_codes_as_g711():
    wave = numpy.arange(-32768, 32768, 7)
    assert numpy.abs(from_mu_law(to_mu_law(wave)).astype(int) - wave).max() <= 650
    assert to_mu_law([0]) == b"\xff" and from_mu_law(b"\xff\x00\x80").tolist() == [0, -32124, 32124]


def test_a_spoken_turn_is_answered(server, speech):
    host = server(config())
    question = samples(speech(QUESTION, rate=RATE))

    async def talk():
        async with PhoneCall(host, DOOR, TOKEN) as call:
            assert call.parameters == {"From": "+4915112345678", "To": "+4930123456", "CallSid": "CA0001"}
            await call.say(question)
            before = len(call.heard)
            await call.until(lambda: sound.is_speech(call.sound(before), RATE))
            # Its end is marked, and the mark comes back once all was played.
            await call.until(lambda: call.played and not call.buffer and not call.pending)
            assert "clear" not in call.words()
            await call.hang_up()
            assert call.close_code == 1000

    asyncio.run(talk())
    assert host.metrics()['syrinx_sessions_started_total{profile="phone"}'] == 1


def test_who_speaks_over_the_agent_clears_what_it_says(server, speech):
    host = server(config(f'{{ provider: mock, options: {{ reply: "{STORY}" }} }}'))
    question, stop = samples(speech(QUESTION, rate=RATE)), samples(speech("stop please wait a moment", rate=RATE))

    async def talk():
        async with PhoneCall(host, DOOR, TOKEN) as call:
            await call.say(question)
            before = len(call.heard)
            await call.until(lambda: sound.is_speech(call.sound(before), RATE, seconds=1.0))
            assert not call.clears
            speaking = asyncio.create_task(call.say(stop))
            await call.until(lambda: call.clears)
            silent_from = len(call.heard)
            await speaking
            # Nothing of the story comes behind the clear: at most the frame that was being played.
            assert not sound.is_speech(call.sound(silent_from)[: RATE // 2], RATE, seconds=0.1)
            await call.hang_up()

    asyncio.run(talk())


def test_pressed_keys_are_a_turn(server):
    host = server(config())

    async def talk():
        async with PhoneCall(host, DOOR, TOKEN) as call:
            await call.press("12#")
            await call.until(lambda: sound.is_speech(call.sound(), RATE, seconds=0.3))
            await call.hang_up()

    asyncio.run(talk())


def test_an_agent_that_hangs_up_ends_the_call(server):
    host = server(config("script"))

    async def talk():
        async with PhoneCall(host, DOOR, TOKEN) as call:
            # What Twilio does once the stream is closed.
            assert call.verbs == ["Connect", "Hangup"]
            await call.until(lambda: len(call.heard) > 4 * 160)
            session = host.request("GET", "/v1/sessions").json["sessions"][0]["session"]
            assert host.request("DELETE", f"/v1/sessions/{session}").status == 202
            await asyncio.wait_for(call.closed.wait(), 20)
            assert call.close_code == 1000

    asyncio.run(talk())


def test_keys_for_the_far_end_are_heard_there(server):
    host = server(config())

    async def talk():
        async with PhoneCall(host, DOOR, TOKEN) as call:
            await call.until(lambda: len(call.heard) > 4 * 160)
            session = host.request("GET", "/v1/sessions").json["sessions"][0]["session"]
            answer = host.request("POST", f"/v1/sessions/{session}/keys", {"keys": "5"})
            assert answer.status == 202 and answer.json == {"session": session, "keys": "5"}
            # 770 and 1336 Hz: both are there, and nothing else is as loud.
            await call.until(lambda: numpy.abs(call.sound().astype(int)).max() > 5000)
            await call.until(lambda: len(call.buffer) == 0)
            tone = call.sound()[numpy.abs(call.sound().astype(int)) > 0][:640].astype(float)
            power = numpy.abs(numpy.fft.rfft(tone, 8000))
            loudest = sorted(numpy.argsort(power)[::-1][:40].tolist())
            assert any(abs(f - 770) < 12 for f in loudest) and any(abs(f - 1336) < 12 for f in loudest), loudest
            await call.hang_up()

    asyncio.run(talk())


NUMBERS = f"""
doors:
  phone:
    transport: {{ provider: twilio, config: {{ auth_token: "{TOKEN}" }} }}
    numbers:
      "+4930123456": {{ tenant: acme, profile: phone }}
      "+4930123457": {{ tenant: globex, profile: desk }}
profiles:
  phone: {{ greeting: "", agent: echo }}
  desk: {{ greeting: "", agent: echo }}
tenants: {{ acme: {{}}, globex: {{}} }}
"""


@pytest.mark.parametrize("number,profile", [("+4930123456", "phone"), ("+4930123457", "desk")])
def test_the_called_number_leads_to_its_tenant(server, number, profile):
    host = server(NUMBERS)

    async def talk():
        async with PhoneCall(host, DOOR, TOKEN, called=number) as call:
            await call.press("1#")
            await call.until(lambda: sound.is_speech(call.sound(), RATE, seconds=0.2))
            await call.hang_up()

    asyncio.run(talk())
    assert host.metrics()[f'syrinx_sessions_started_total{{profile="{profile}"}}'] == 1


@pytest.mark.parametrize("config,verb", [("", "Reject"), (', unknown_number: "<Say>Sorry.</Say>"', "Say")])
def test_a_number_that_is_nobodys_is_rejected_before_the_call_is_taken(server, config, verb):
    host = server(NUMBERS.replace(f'"{TOKEN}"', f'"{TOKEN}"{config}'))
    fields = {"CallSid": "CA1", "From": "+4915112345678", "To": "+4930999999"}
    answer = post_webhook(host, DOOR, TOKEN, fields)
    assert answer.status == 200
    assert [v.tag for v in xml.etree.ElementTree.fromstring(answer.text)] == [verb]
    assert post_webhook(host, DOOR, "another token", fields).status == 403
    known = post_webhook(host, DOOR, TOKEN, fields | {"To": "+4930123456"})
    assert stream_of(known.text)[0] == host.url + DOOR


def test_a_stream_for_a_number_that_is_nobodys_is_refused(server):
    host = server(NUMBERS)

    class OwnXML(PhoneCall):
        """Its stream stands in XML of the operator's own; no webhook of ours was asked."""

        def enter(self):
            url = host.url + DOOR
            self.parameters = {"To": self.fields["To"]}
            return url, {"X-Twilio-Signature": RequestValidator(TOKEN).compute_signature(url, {})}

    async def talk():
        async with OwnXML(host, DOOR, TOKEN, called="+4930999999") as call:
            await asyncio.wait_for(call.closed.wait(), 20)
            assert call.close_code == 1000

    asyncio.run(talk())
    refused = 'syrinx_sessions_refused_total{code="door.number_unknown"}'
    within(20, lambda: host.metrics().get(refused) == 1, "the count of refused calls")
    within(20, lambda: "the called number `+4930999999` leads to no tenant" in host.log_text(), "the log line")


def test_a_lost_socket_ends_the_call(server):
    host = server(config())

    def open_calls():
        return sum(value for name, value in host.metrics().items() if name.startswith("syrinx_sessions_active"))

    async def talk():
        async with PhoneCall(host, DOOR, TOKEN) as call:
            await call.until(lambda: len(call.heard) > 4 * 160)
            await call.socket.close()

    asyncio.run(talk())
    within(20, lambda: open_calls() == 0, "the end of the call")


@pytest.mark.parametrize("signature", ["", "AAAAAAAAAAAAAAAAAAAAAAAAAAA=", "nonsense!"])
def test_a_webhook_of_somebody_else_is_refused(server, signature):
    host = server(config())
    answer = post_webhook(host, DOOR, TOKEN, {"CallSid": "CA1"}, signature)
    assert answer.status == 403, answer.text
    assert answer.text.count(".") == 1 and answer.text.endswith(".")
    assert TOKEN not in answer.text + host.log_text()


def test_a_webhook_of_another_account_is_refused(server):
    host = server(config())
    assert post_webhook(host, DOOR, "another token", {"CallSid": "CA1"}).status == 403
    assert stream_of(post_webhook(host, DOOR, TOKEN, {"CallSid": "CA1"}).text) == (host.url + DOOR, {"CallSid": "CA1"})


@pytest.mark.parametrize("token", [None, "another token"])
def test_a_stream_of_somebody_else_is_refused(server, token):
    host = server(config())
    headers = {"X-Twilio-Signature": RequestValidator(token).compute_signature(host.url + DOOR, {})} if token else {}

    async def knock():
        async with connect(host.url + DOOR, additional_headers=headers):
            pass

    with pytest.raises(InvalidStatus) as refused:
        asyncio.run(knock())
    assert refused.value.response.status_code == 403


def test_nonsense_does_not_end_a_call(server):
    host = server(config())

    async def talk():
        async with PhoneCall(host, DOOR, TOKEN) as call:
            for text in ["", "{", "null", '{"event":"media"}', '{"event":"media","media":{"payload":"%"}}', '{"event":7}',
                         '{"event":"new"}', "[" * 5000]:
                await call.socket.send(text)
            await call.socket.send(b"\x00\x01")
            await call.press("1#")
            await call.until(lambda: sound.is_speech(call.sound(), RATE, seconds=0.2))
            await call.hang_up()

    asyncio.run(talk())
