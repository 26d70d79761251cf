# SPDX-License-Identifier: Apache-2.0
"""The data channel of a call over WebRTC, by aiortc: what a client of the native protocol says and hears as JSON."""

import asyncio

from channel import Channel
from test_webrtc import Caller, config, loopback, spoken  # noqa: F401 (a fixture)

TALK = 'profiles: { default: { greeting: "" } }\n'


def converse(host, body, samples=()):
    """Runs `body(caller, channel)` in a call with a data channel that is open."""

    async def run():
        caller = Caller(host, samples)
        channel = Channel(caller.connection, "events")
        try:
            assert (await caller.call()).status == 201
            await asyncio.wait_for(channel.opened.wait(), 30)
            await body(caller, channel)
        except Exception as error:
            raise AssertionError(f"{error!r}\n{channel.events}\n{host.log_text()[-2000:]}") from error
        finally:
            await caller.connection.close()

    asyncio.run(run())


def test_the_session_is_told_on_the_channel(server, speech):
    host = server(config() + TALK)

    async def body(caller, channel):
        # What was told before the channel was there is not lost.
        await channel.until("session.ready")
        assert "time" in (await channel.until("transcript.final"))["text"]
        ended = await channel.until("turn.ended")
        assert ended["outcome"] == "answered" and ended["heard"]

    converse(host, body, spoken(speech, "what time is it"))


def test_a_message_on_the_channel_is_one_of_the_clients(server):
    host = server(config() + TALK)

    async def body(caller, channel):
        channel.send(type="text", text="what time is it")
        committed = await channel.until("turn.committed")
        assert committed["source"] == "text" and committed["text"] == "what time is it"
        await caller.hear(seconds=0.7)
        channel.send(type="text", text="count to twenty")
        await channel.until("speech.started", count=2)
        channel.send(type="interrupt")
        assert (await channel.until("turn.ended", count=2))["interrupted"]
        channel.send(type="close")
        await asyncio.wait_for(channel.closed.wait(), 30)

    converse(host, body)


def test_what_is_no_message_changes_nothing(server):
    host = server(config() + TALK)

    async def body(caller, channel):
        channel.channel.send(b"\x00\x01")
        channel.channel.send("no json")
        channel.channel.send("x" * 60_000)
        channel.send(type="text", text="what time is it")
        await channel.until("turn.ended")

    converse(host, body)


def test_a_long_text_is_heard_whole(server):
    host = server(config() + TALK)
    text = "tell me about the harbour and the sea " * 400

    async def body(caller, channel):
        channel.send(type="text", text=text.strip())
        assert (await channel.until("turn.committed"))["text"] == text.strip()

    converse(host, body)
