# SPDX-License-Identifier: Apache-2.0
"""Phone calls of Plivo and Telnyx: the same machine as Twilio's with other words."""

import asyncio

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

import sound
from phone_dialects import PlivoCall, TelnyxCall
from test_twilio import DOOR, QUESTION, STORY, TOKEN, config, samples
from twilio_peer import RATE

VENDORS = pytest.mark.parametrize("vendor,call,secret", [("plivo", PlivoCall, "auth_token"), ("telnyx", TelnyxCall, "token")])


def door(vendor, secret, agent="echo"):
    return config(agent).replace("provider: twilio", f"provider: {vendor}").replace("auth_token", secret)


@VENDORS
def test_a_call_is_answered_and_interrupted(server, speech, vendor, call, secret):
    host = server(door(vendor, secret, f'{{ provider: mock, options: {{ reply: "{STORY}" }} }}'))
    question, stop = samples(speech(QUESTION, rate=RATE)), samples(speech("stop please wait a moment", rate=RATE))

    async def talk():
        async with call(host, DOOR, TOKEN) as phone:
            await phone.say(question)
            before = len(phone.heard)
            await phone.until(lambda: sound.is_speech(phone.sound(before), RATE, seconds=1.0))
            assert phone.played and not phone.clears
            await phone.say(stop)
            await phone.until(lambda: phone.clears)
            await phone.hang_up()

    asyncio.run(talk())
    assert host.metrics()['syrinx_sessions_started_total{profile="phone"}'] == 1


@VENDORS
def test_strangers_are_refused(server, vendor, call, secret):
    host = server(door(vendor, secret))
    for path in (DOOR, DOOR + "?token=wrong", DOOR + "?token=${secret:token}", DOOR + "?expires=99999999999&ticket=00"):
        answer = host.request("POST", path, body="CallSid=1", headers={"Content-Type": "application/x-www-form-urlencoded"})
        assert answer.status == 403 and TOKEN not in answer.text, answer.text

        async def knock(url):
            async with connect(url):
                pass

        with pytest.raises(InvalidStatus) as refused:
            asyncio.run(knock(host.url + path))
        assert refused.value.response.status_code == 403
    assert TOKEN not in host.log_text()
