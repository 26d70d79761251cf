# SPDX-License-Identifier: Apache-2.0
"""A third public client, unchanged: the Realtime model of livekit-plugins-openai."""
import asyncio

import pytest
from product import Server
from sound import spoken

pytest.importorskip("livekit.plugins.openai", reason="livekit-plugins-openai is large: pip install livekit-plugins-openai==1.8.9")
from livekit import rtc  # noqa: E402
from livekit.agents import llm  # noqa: E402
from livekit.plugins.openai import realtime  # noqa: E402


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with Server(tmp_path_factory.mktemp("livekit")) as server:
        yield server


async def words_and_audio(generation):
    words, audio = "", 0
    async for message in generation.message_stream:
        async for piece in message.text_stream:
            words += piece
        async for frame in message.audio_stream:
            audio += len(frame.data)
    return words, audio


def test_a_typed_and_a_spoken_turn(server, tmp_path):
    question = spoken(tmp_path, "what time is it")

    async def test():
        session = realtime.RealtimeModel(base_url=f"{server.http}/v1", api_key="any", model="default").session()
        happened = asyncio.Queue()
        for name in ["generation_created", "input_speech_started", "input_speech_stopped", "error"]:
            session.on(name, lambda event, name=name: happened.put_nowait((name, event)))
        try:
            await session.update_instructions("Be brief.")
            context = llm.ChatContext()
            context.add_message(role="user", content="what time is it")
            await session.update_chat_ctx(context)
            words, audio = await words_and_audio(await session.generate_reply())
            assert words and audio > 12000
            assert (await happened.get())[0] == "generation_created"
            pcm = bytes(24000) + question + bytes(48000 * 3)
            for offset in range(0, len(pcm) - 959, 960):
                session.push_audio(rtc.AudioFrame(pcm[offset:offset + 960], 24000, 1, 480))
                await asyncio.sleep(0.02)
            names = [await happened.get() for _ in range(3)]
            assert [name for name, _ in names] == ["input_speech_started", "input_speech_stopped", "generation_created"]
            words, audio = await words_and_audio(names[2][1])
            assert words and audio > 12000
        finally:
            await session.aclose()

    asyncio.run(asyncio.wait_for(test(), 60))
