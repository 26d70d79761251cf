# SPDX-License-Identifier: Apache-2.0
"""Tools of the client, and its instructions: a model behind OpenAI's chat completions, simulated."""
import asyncio
import http.server
import threading
import json

import pytest
from product import Server
from realtime import say, talk
from simulator import Simulator
from sound import spoken

WEATHER = {
    "type": "function", "name": "weather", "description": "The weather in a city",
    "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
}
PROFILES = """
profiles:
  model:
    extends: default
    agent: {{ provider: openai_chat@1, config: {{ url: "{http}/v1", instructions: "Say that you are Syrinx." }} }}
  speech:
    pipeline: s2s
    s2s: {{ provider: openai_realtime@1, config: {{ url: "{ws}/v1/realtime", api_key: k }} }}
network: {{ allow: [loopback] }}
"""


@pytest.fixture(scope="module")
def simulator():
    with Simulator("openai", "--say", "what time is it") as simulator:
        yield simulator


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("tools")


@pytest.fixture(scope="module")
def server(folder, simulator):
    with Server(folder, PROFILES.format(http=simulator.http, ws=simulator.ws)) as server:
        yield server


def run(test):
    return asyncio.run(asyncio.wait_for(test, 90))


@pytest.mark.parametrize("profile", ["model", "speech"])
def test_a_tool_of_the_client(server, profile):
    async def test():
        async with talk(server, model=profile, tools=[WEATHER]) as call:
            since = await say(call, "use weather for Oslo")
            called = await call.expect("response.function_call_arguments.done", since)
            assert called.name == "weather"
            json.loads(called.arguments)
            done = await call.expect("response.done", since)
            assert done.response.status == "completed"
            assert done.response.output[-1].type == "function_call"
            since = len(call.events)
            await call.connection.conversation.item.create(
                item={"type": "function_call_output", "call_id": called.call_id, "output": "it rains cats"})
            await call.connection.response.create()
            done = await call.expect("response.done", since)
            assert done.response.status == "completed"
            assert "it rains cats" in call.transcript(since)
            assert call.audio(done.response.output[0].id)

    run(test())


def test_a_spoken_turn_with_a_model_that_hears(server, folder):
    question = spoken(folder, "what time is it")

    async def test():
        async with talk(server, model="speech", audio={"input": {"transcription": {"model": "any"}}}) as call:
            await call.speak(bytes(24000))
            await call.speak(question)
            async with call.silence():
                done = await call.expect("response.done")
                heard = await call.expect("conversation.item.input_audio_transcription.completed")
            assert done.response.status == "completed"
            assert heard.transcript == "what time is it"
            assert call.audio()

    run(test())


class Model(http.server.BaseHTTPRequestHandler):
    """A model that remembers what it was asked, and is of few words."""

    asked = []

    def do_POST(self):
        self.asked.append(json.loads(self.rfile.read(int(self.headers["content-length"]))))
        answer = {"choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": "Yes."}}]}
        body = json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def test_the_model_is_told_what_the_client_says(tmp_path):
    model = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Model)
    threading.Thread(target=model.serve_forever, daemon=True).start()
    address = f"127.0.0.1:{model.server_port}"

    async def test(server):
        async with talk(server, model="profile/model") as call:
            async def ask(text, **response):
                since = len(call.events)
                await call.connection.conversation.item.create(
                    item={"type": "message", "role": "user", "content": [{"type": "input_text", "text": text}]})
                await call.connection.response.create(response=response)
                assert (await call.expect("response.done", since)).response.status == "completed"
                return [(message["role"], message["content"]) for message in Model.asked[-1]["messages"]]

            assert await ask("one") == [("system", "Say that you are Syrinx."), ("user", "one")]
            await call.connection.session.update(session={"type": "realtime", "instructions": "Be kind."})
            await call.connection.conversation.item.create(
                item={"type": "message", "role": "system", "content": [{"type": "input_text", "text": "It is late."}]})
            told = [("system", "Be kind."), ("user", "one"), ("assistant", "Yes."), ("system", "It is late.")]
            assert await ask("two") == [*told, ("user", "two")]
            apart = [{"type": "message", "role": "user", "content": [{"type": "input_text", "text": "alone"}]}]
            assert await ask("three", instructions="Once.", input=apart, conversation="none") == [
                ("system", "Once."), ("user", "alone")]
            assert await ask("four") == [*told, ("user", "two"), ("assistant", "Yes."), ("user", "three\nfour")]

    with Server(tmp_path, PROFILES.format(http=f"http://{address}", ws=f"ws://{address}")) as server:
        run(test(server))
    model.shutdown()
