# SPDX-License-Identifier: Apache-2.0
"""`POST /v1/realtime/calls`: OpenAI's Realtime protocol over WebRTC, by the openai SDK and aiortc."""

import asyncio
import json

import openai
import pytest

from channel import Channel
from test_webrtc import Caller, loopback, spoken  # noqa: F401 (a fixture)

CONFIG = """
plugins: { isolation: { of: none } }
doors:
  live: { transport: webrtc, realtime: true }
"""
SESSION = {"type": "realtime", "model": "default", "audio": {"input": {"transcription": {"model": "any"}}}}


class Client:
    """A page: media, the channel `oai-events`, and OpenAI's SDK for the offer."""

    def __init__(self, host, samples=(), key="any"):
        self.caller = Caller(host, samples)
        self.events = Channel(self.caller.connection, "oai-events")
        self.api = openai.OpenAI(base_url=f"{host.http}/v1", api_key=key, max_retries=0)
        self.id = None

    async def call(self, session=SESSION):
        connection = self.caller.connection
        await connection.setLocalDescription(await connection.createOffer())
        create = self.api.realtime.calls.create
        answer = await asyncio.to_thread(create, sdp=connection.localDescription.sdp, session=session)
        assert answer.response.status_code == 201
        self.id = answer.response.headers["location"].removeprefix("/v1/realtime/calls/")
        await connection.setRemoteDescription(Caller.answer(answer.text))
        await asyncio.wait_for(self.events.opened.wait(), 10)


def converse(host, body, samples=(), session=SESSION):
    async def run():
        client = Client(host, samples)
        try:
            await client.call(session)
            await body(client)
        except Exception as error:
            kinds = [event["type"] for event in client.events.events]
            raise AssertionError(f"{error!r}\n{kinds}\n{host.log_text()[-2000:]}") from error
        finally:
            await client.caller.connection.close()

    asyncio.run(run())


def test_a_question_is_answered_in_events_and_media(server, speech):
    host = server(CONFIG)

    async def body(client):
        created = await client.events.until("session.created")
        assert created["session"]["id"] == client.id and created["session"]["model"] == "default"
        words = await client.events.until("conversation.item.input_audio_transcription.completed")
        assert "time" in words["transcript"]
        done = (await client.events.until("response.done"))["response"]
        assert done["status"] == "completed" and done["output"][0]["content"][0]["transcript"]
        await client.events.until("output_audio_buffer.stopped")
        await client.caller.hear(seconds=0.7)
        kinds = [event["type"] for event in client.events.events]
        assert "response.output_audio.delta" not in kinds
        order = [
            "session.created", "input_audio_buffer.speech_started", "input_audio_buffer.speech_stopped",
            "input_audio_buffer.committed", "response.created", "response.output_item.added",
            "output_audio_buffer.started", "response.output_audio.done", "response.done", "output_audio_buffer.stopped"]
        assert [kind for kind in kinds if kind in order] == order
        started = client.events.of("output_audio_buffer.started")[0]
        assert started["response_id"] == done["id"]

    converse(host, body, spoken(speech, "what time is it"))


def say(client, text):
    client.events.send(
        type="conversation.item.create",
        item={"type": "message", "role": "user", "content": [{"type": "input_text", "text": text}]})
    client.events.send(type="response.create")


def test_the_client_clears_what_plays(server):
    host = server(CONFIG)

    async def body(client):
        say(client, "count to twenty")
        await client.events.until("output_audio_buffer.started")
        client.events.send(type="output_audio_buffer.clear")
        assert (await client.events.until("response.done"))["response"]["status"] == "cancelled"
        await client.events.until("output_audio_buffer.cleared")
        say(client, "what time is it")
        assert (await client.events.until("response.done", count=2))["response"]["status"] == "completed"

    converse(host, body)


def test_audio_in_events_is_refused_and_nothing_more(server):
    host = server(CONFIG)

    async def body(client):
        client.events.send(type="input_audio_buffer.append", audio="AAAA", event_id="mine")
        error = (await client.events.until("error"))["error"]
        assert error["code"] == "unsupported_value" and error["event_id"] == "mine"
        say(client, "what time is it")
        await client.events.until("response.done")

    converse(host, body)


def test_the_caller_hangs_up_by_the_api(server):
    host = server(CONFIG)

    async def body(client):
        await client.events.until("session.created")
        await asyncio.to_thread(client.api.realtime.calls.hangup, client.id)
        await asyncio.wait_for(client.caller.over.wait(), 10)
        with pytest.raises(openai.NotFoundError):
            await asyncio.to_thread(client.api.realtime.calls.hangup, client.id)

    converse(host, body)


def test_a_page_calls_with_a_secret_once(server):
    host = server(CONFIG)

    async def run():
        client = Client(host)
        secret = client.api.realtime.client_secrets.create(session={**SESSION, "instructions": "Be kind."})
        page = Caller(host, token=secret.value)
        # What is no call costs no secret: bodies that are none, an offer that the door refuses.
        sdp = {"Content-Type": "application/sdp"}
        for body, headers in [("", sdp), ("{}", {"Content-Type": "application/json"}), ("v=0", sdp)]:
            refused = await page.ask("POST", "/v1/realtime/calls", body, headers)
            assert refused.status == 400, refused
        events = Channel(page.connection, "oai-events")
        answer = await page.call(path="/v1/realtime/calls")
        assert answer.status == 201 and answer.headers["content-type"] == "application/sdp"
        assert answer.headers["access-control-allow-origin"] == "*"
        created = await events.until("session.created")
        assert created["session"]["instructions"] == "Be kind."
        again = await page.ask("POST", "/v1/realtime/calls", "v=0", sdp)
        assert again.status == 401
        await page.connection.close()
        await client.caller.connection.close()

    asyncio.run(run())


def test_what_is_no_call_is_refused_with_the_reason(server):
    host = server(CONFIG)
    sdp = {"Content-Type": "application/sdp"}

    def refusal(body, headers, path="/v1/realtime/calls"):
        answer = host.request("POST", path, body, headers)
        return answer.status, answer.json["code"]

    assert refusal("nonsense", sdp) == (400, "request.field_invalid")
    assert refusal("", sdp) == (400, "request.field_invalid")
    assert refusal("{}", {"Content-Type": "application/json"}) == (400, "request.field_invalid")
    assert refusal("--b\r\n\r\nx\r\n--b--", {"Content-Type": "multipart/form-data; boundary=b"}) == (400, "request.field_invalid")
    assert refusal("x" * 20_000, sdp) == (400, "request.field_invalid")
    assert refusal("v=0", sdp, "/v1/realtime/calls?model=profile/none") == (404, "profile.not_found")
    assert refusal("v=0", sdp, "/v1/realtime/calls?model=echo") == (400, "realtime.unsupported")
    api = openai.OpenAI(base_url=f"{host.http}/v1", api_key="any", max_retries=0)
    with pytest.raises(openai.BadRequestError):
        api.realtime.calls.create(sdp="v=0", session={"type": "realtime", "tools": 7})
    # The door's own path lets nobody past the key.
    assert refusal("v=0", sdp, "/doors/live") == (404, "door.not_found")
    options = host.request("OPTIONS", "/v1/realtime/calls")
    assert options.status == 204 and "authorization" in options.headers["access-control-allow-headers"]


def test_without_a_door_for_it_the_server_says_so(server):
    host = server()
    answer = host.request("POST", "/v1/realtime/calls", "v=0", {"Content-Type": "application/sdp"})
    assert answer.status == 404 and answer.json["code"] == "door.not_found" and "realtime" in answer.json["fix"]


def test_keys_and_tenants_are_kept_apart(server, syrinx):
    keys = {name: json.loads(syrinx("key", "new", "--json")) for name in ("one", "two")}
    tenants = "".join(
        f"  {name}: {{ profiles: [default], keys: {{ {name}: {{ hash: \"{key['hash']}\", scopes: [talk] }} }} }}\n"
        for name, key in keys.items())
    host = server(CONFIG.replace("realtime: true", "realtime: true, tenant: one") + "tenants:\n" + tenants)

    async def run():
        client = Client(host, key=keys["two"]["key"])
        await client.call()
        await client.events.until("session.created")
        stranger = openai.OpenAI(base_url=f"{host.http}/v1", api_key=keys["one"]["key"], max_retries=0)
        with pytest.raises(openai.NotFoundError):
            stranger.realtime.calls.hangup(client.id)
        with pytest.raises(openai.AuthenticationError):
            openai.OpenAI(base_url=f"{host.http}/v1", api_key="syx_wrong", max_retries=0).realtime.calls.create(sdp="v=0")
        client.api.realtime.calls.hangup(client.id)
        await client.caller.connection.close()

    asyncio.run(run())
