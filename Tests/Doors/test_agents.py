# SPDX-License-Identifier: Apache-2.0
"""A second public client, unchanged: the Realtime sessions of openai-agents."""
import asyncio

import pytest
from agents import function_tool
from agents.realtime import RealtimeAgent, RealtimeRunner
from product import Server
from simulator import Simulator
from sound import spoken
from test_tools import PROFILES

called = []


@function_tool
def weather(city: str) -> str:
    """The weather in a city."""
    called.append(city)
    return "it rains cats"


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with Simulator("openai") as simulator:
        folder = tmp_path_factory.mktemp("agents")
        with Server(folder, PROFILES.format(http=simulator.http, ws=simulator.ws)) as server:
            yield server


async def said(session, place=0, seconds=30):
    """Reads until the agent has said something after `place` items, and it is complete."""
    audio = 0
    async with asyncio.timeout(seconds):
        async for event in session:
            assert event.type != "error", event
            if event.type == "audio":
                audio += len(event.audio.data)
            raw = getattr(event, "data", None)
            if event.type == "raw_model_event" and raw.type == "raw_server_event":
                if raw.data["type"] == "response.done" and audio:
                    items = raw.data["response"]["output"]
                    return " ".join(
                        part["transcript"] for item in items if item["type"] == "message" for part in item["content"]), audio


def test_a_typed_turn_with_a_tool(server):
    async def test():
        agent = RealtimeAgent(name="Weather", instructions="Tell the weather.", tools=[weather])
        runner = RealtimeRunner(agent)
        url = f"{server.url}/v1/realtime?model=model"
        async with await runner.run(model_config={"url": url, "api_key": "any"}) as session:
            await session.send_message("use weather for Oslo")
            words, audio = await said(session)
            assert called
            assert "it rains cats" in words
            assert audio > 24000

    asyncio.run(asyncio.wait_for(test(), 60))


def test_a_spoken_turn(server, tmp_path):
    question = spoken(tmp_path, "what time is it")

    async def test():
        runner = RealtimeRunner(RealtimeAgent(name="Clock", instructions="Tell the time."))
        url = f"{server.url}/v1/realtime?model=default"
        async with await runner.run(model_config={"url": url, "api_key": "any"}) as session:
            async def speak():
                audio = bytes(24000) + question + bytes(48000 * 20)
                for offset in range(0, len(audio), 960):
                    await session.send_audio(audio[offset:offset + 960])
                    await asyncio.sleep(0.02)

            speaking = asyncio.create_task(speak())
            words, audio = await said(session)
            speaking.cancel()
            assert words and audio > 24000

    asyncio.run(asyncio.wait_for(test(), 60))
