# SPDX-License-Identifier: Apache-2.0
"""Doors whose plugins run in helper processes, as all others of the server do: `plugins.isolation.of: all`."""

import asyncio
import os
import signal

import sound
import test_twilio
import test_webrtc
from test_webrtc import loopback  # noqa: F401
from twilio_peer import RATE, PhoneCall

ISOLATED = "plugins: { isolation: { of: all } }\n"


def test_a_phone_call_is_answered(server, speech):
    host = server(ISOLATED + test_twilio.config())
    question = test_twilio.samples(speech(test_twilio.QUESTION, rate=RATE))

    async def talk():
        # The handshake's signature, an HMAC-SHA-1, is checked with a token that the plugin never sees.
        async with PhoneCall(host, test_twilio.DOOR, test_twilio.TOKEN) as call:
            assert host.helpers("telephony")
            await call.say(question)
            before = len(call.heard)
            await call.until(lambda: sound.is_speech(call.sound(before), RATE))
            await call.until(lambda: call.played and not call.buffer and not call.pending)
            await call.hang_up()
            assert call.close_code == 1000

    asyncio.run(talk())


def test_a_caller_who_speaks_over_the_agent_clears_what_it_says(server, speech):
    test_twilio.test_who_speaks_over_the_agent_clears_what_it_says(
        lambda config: server(ISOLATED + config), speech)


def test_pressed_keys_are_a_turn(server):
    test_twilio.test_pressed_keys_are_a_turn(lambda config: server(ISOLATED + config))


def test_a_helper_that_dies_ends_its_calls_and_the_door_opens_again(server):
    host = server(ISOLATED + test_twilio.config())

    async def talk():
        async with PhoneCall(host, test_twilio.DOOR, test_twilio.TOKEN) as call:
            await call.until(lambda: len(call.heard) > 4 * 160)
            for helper in host.helpers("telephony"):
                os.kill(helper, signal.SIGKILL)
            await asyncio.wait_for(call.socket.wait_closed(), 10)
            assert call.socket.close_code == 1011
        async with PhoneCall(host, test_twilio.DOOR, test_twilio.TOKEN) as call:
            await call.until(lambda: len(call.heard) > 4 * 160)
            await call.hang_up()

    asyncio.run(talk())


def test_a_browser_is_answered_by_a_helper_with_a_socket_of_its_own(server, speech):
    host = server(test_webrtc.config().replace("of: none", "of: all"))

    async def talk():
        caller = test_webrtc.Caller(host, test_webrtc.spoken(speech, "what time is it"))
        answer = await caller.call()
        assert answer.status == 201, answer.text
        await asyncio.wait_for(caller.connected.wait(), 20)
        assert host.helpers("webrtc")
        await caller.hear()
        await caller.connection.close()

    asyncio.run(talk())
