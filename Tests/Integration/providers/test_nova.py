# SPDX-License-Identifier: Apache-2.0
"""Amazon's own SDK (aws_sdk_bedrock_runtime) against `syrinx simulate amazon_nova`, over HTTP/2 and TLS.

The simulator has the key: it refuses a request or an event whose signature is not what the SDK's should be.
"""
import asyncio
import base64
import json
import sys

import pytest
from simulator import Simulator, silence, tls, tone

if sys.version_info < (3, 12):
    pytest.skip("aws_sdk_bedrock_runtime needs Python 3.12 or later", allow_module_level=True)
pytest.importorskip("aws_sdk_bedrock_runtime", reason="aws_sdk_bedrock_runtime is not installed")
pytest.importorskip("awscrt", reason="the SDK's HTTP/2 transport, awscrt, is not installed")

from aws_sdk_bedrock_runtime import models  # noqa: E402
from aws_sdk_bedrock_runtime.client import AsyncBedrockRuntimeClient  # noqa: E402
from aws_sdk_bedrock_runtime.config import AsyncBedrockRuntimeConfig  # noqa: E402
from awscrt import io as crt  # noqa: E402
from smithy_http.aio.crt import AWSCRTHTTPClient  # noqa: E402

KEY, SECRET = "AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
MODEL = "amazon.nova-2-sonic-v1:0"
AUDIO = {"mediaType": "audio/lpcm", "sampleSizeBits": 16, "channelCount": 1, "encoding": "base64",
         "audioType": "SPEECH"}
WEATHER = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    return tls(tmp_path_factory.mktemp("tls"))


@pytest.fixture
def start(certificate):
    def run(*arguments):
        return Simulator("amazon_nova", "--key", f"{KEY}:{SECRET}", "--tls", *certificate, "--say", "good morning",
                         *arguments)
    return run


async def client(simulator, secret=SECRET, token=None):
    transport = AWSCRTHTTPClient()
    options = crt.TlsContextOptions()
    options.verify_peer = False
    transport._tls_ctx = crt.ClientTlsContext(options)
    config = await AsyncBedrockRuntimeConfig.resolve(
        endpoint_uri=simulator.http, transport=transport, region="us-east-1", aws_access_key_id=KEY,
        aws_secret_access_key=secret, **({"aws_session_token": token} if token else {}))
    return AsyncBedrockRuntimeClient(config)


class Talk:
    """A session of the SDK that keeps the model's events."""

    def __init__(self, stream):
        self.stream, self.output, self.events = stream, None, []

    async def send(self, name, **body):
        value = models.BidirectionalInputPayloadPart(bytes_=json.dumps({"event": {name: body}}).encode())
        await self.stream.input_stream.send(models.InvokeModelWithBidirectionalStreamInputChunk(value=value))

    async def text(self, name, role, content, interactive=False):
        names = {"promptName": "p", "contentName": name}
        await self.send("contentStart", **names, type="TEXT", interactive=interactive, role=role,
                        textInputConfiguration={"mediaType": "text/plain"})
        await self.send("textInput", **names, content=content)
        await self.send("contentEnd", **names)

    async def open(self, tools=(), history=()):
        await self.send("sessionStart", inferenceConfiguration={"maxTokens": 1024, "topP": 0.9, "temperature": 0.7})
        extras = {"toolConfiguration": {"tools": list(tools)}} if tools else {}
        await self.send("promptStart", promptName="p", textOutputConfiguration={"mediaType": "text/plain"},
                        audioOutputConfiguration={**AUDIO, "sampleRateHertz": 24000, "voiceId": "matthew"}, **extras)
        await self.text("system", "SYSTEM", "Be brief.")
        for index, (role, content) in enumerate(history):
            await self.text(f"history-{index}", role, content)
        await self.send("contentStart", promptName="p", contentName="audio", type="AUDIO", interactive=True,
                        role="USER", audioInputConfiguration={**AUDIO, "sampleRateHertz": 16000})

    async def speak(self, milliseconds=600, quiet=800):
        data = tone(milliseconds) + silence(quiet)
        for start in range(0, len(data), 1024):
            await self.send("audioInput", promptName="p", contentName="audio",
                            content=base64.b64encode(data[start:start + 1024]).decode())

    async def until(self, wanted):
        """Reads until an event of this name, or one that `wanted` takes."""
        async def read():
            if self.output is None:
                self.output = (await self.stream.await_output())[1]
            while True:
                result = await self.output.receive()
                assert result is not None, f"the stream ended after {self.names()}"
                (name, body), = json.loads(result.value.bytes_)["event"].items()
                self.events.append((name, body))
                if wanted(name, body) if callable(wanted) else wanted == name:
                    return body
        return await asyncio.wait_for(read(), 15)

    async def finish(self):
        for name, body in [("contentEnd", {"promptName": "p", "contentName": "audio"}),
                           ("promptEnd", {"promptName": "p"}), ("sessionEnd", {})]:
            await self.send(name, **body)
        await self.stream.input_stream.close()

    def names(self):
        return [name for name, _ in self.events]

    def texts(self, role, stage):
        wanted = {body["contentId"] for name, body in self.events if name == "contentStart" and body["role"] == role
                  and json.loads(body.get("additionalModelFields", "{}")).get("generationStage") == stage}
        return [body["content"] for name, body in self.events if name == "textOutput" and body["contentId"] in wanted]

    def audio(self):
        return b"".join(base64.b64decode(body["content"]) for name, body in self.events if name == "audioOutput")


def talk(simulator, body, **options):
    async def run():
        sdk = await client(simulator, **options)
        request = models.InvokeModelWithBidirectionalStreamOperationInput(model_id=MODEL)
        stream = await sdk.invoke_model_with_bidirectional_stream(request)
        await body(Talk(stream))
    asyncio.run(asyncio.wait_for(run(), 40))


def test_spoken_turn_in_order(start):
    async def body(talk):
        await talk.open(history=[("USER", "Hello."), ("ASSISTANT", "Hi.")])
        await talk.speak()
        await talk.until("completionEnd")
        assert talk.texts("USER", "FINAL") == ["good morning"]
        assert talk.texts("ASSISTANT", "SPECULATIVE") == talk.texts("ASSISTANT", "FINAL") == ["You said: good morning"]
        assert len(talk.audio()) == len("You said: good morning") * 60 * 24 * 2
        reasons = [body["stopReason"] for name, body in talk.events if name == "contentEnd" and body["type"] == "AUDIO"]
        assert reasons == ["END_TURN"] and "usageEvent" in talk.names()
        await talk.finish()
    with start() as simulator:
        talk(simulator, body)
    assert [line["status"] for line in simulator.lines()] == ["200"]
    assert simulator.lines()[0]["end"] == "complete"


def test_typed_turn_and_tools(start):
    async def body(talk):
        spec = {"name": "get_weather", "description": "tells the weather", "inputSchema": {"json": json.dumps(WEATHER)}}
        await talk.open(tools=[{"toolSpec": spec}])
        await talk.text("typed", "USER", "get weather in Berlin", interactive=True)
        use = await talk.until("toolUse")
        assert use["toolName"] == "get_weather" and json.loads(use["content"]) == {"city": "Berlin"}
        names = {"promptName": "p", "contentName": "result"}
        await talk.send("contentStart", **names, type="TOOL", interactive=False, role="TOOL",
                        toolResultInputConfiguration={"toolUseId": use["toolUseId"], "type": "TEXT",
                                                      "textInputConfiguration": {"mediaType": "text/plain"}})
        await talk.send("toolResult", **names, content=json.dumps({"result": "sunny"}))
        await talk.send("contentEnd", **names)
        await talk.until("completionEnd")
        assert talk.texts("ASSISTANT", "FINAL") == ["The tool says sunny."]
    with start() as simulator:
        talk(simulator, body)


def test_barge_in(start):
    async def body(talk):
        await talk.open()
        await talk.text("typed", "USER", "count to 100", interactive=True)
        await talk.until("audioOutput")
        await talk.speak()
        await talk.until(lambda name, body: name == "textOutput" and "interrupted" in body["content"])
        assert json.loads(talk.events[-1][1]["content"]) == {"interrupted": True}
        ended = await talk.until(lambda name, body: name == "contentEnd")
        assert ended["stopReason"] == "INTERRUPTED"
        await talk.until(lambda name, body: name == "completionEnd" and body["stopReason"] == "END_TURN")
        assert talk.texts("USER", "FINAL") == ["good morning"]
    with start() as simulator:
        talk(simulator, body)


@pytest.mark.parametrize("order", ["history", "names", "prompt", "unknown"])
def test_what_the_page_forbids_is_refused(start, order):
    async def body(talk):
        await talk.open()
        if order == "history":
            await talk.text("late", "USER", "too late")
        elif order == "names":
            await talk.text("system", "USER", "twice", interactive=True)
        elif order == "prompt":
            await talk.send("audioInput", promptName="q", contentName="audio", content="AAAA")
        else:
            await talk.send("noSuchEvent")
        with pytest.raises(models.ValidationException):
            await talk.until("never")
    with start() as simulator:
        talk(simulator, body)


@pytest.mark.parametrize("fault, error", [
    ("status=403", models.AccessDeniedException), ("status=429", models.ThrottlingException),
    ("status=408", models.ModelTimeoutException), ("status=424", models.ModelErrorException),
    ("status=500", models.InternalServerException), ("status=503", models.ServiceUnavailableException),
    ("at=delta:1,error=throttlingException", models.ThrottlingException),
    ("at=audio:2,error=modelStreamErrorException", models.ModelStreamErrorException),
    ("at=audio:2,error=internalServerException", models.InternalServerException),
])
def test_faults_reach_the_sdk(start, fault, error):
    async def body(talk):
        await talk.open()
        await talk.text("typed", "USER", "count to 9", interactive=True)
        await talk.until("completionEnd")
    with start("--fault", fault) as simulator:
        with pytest.raises(error):
            talk(simulator, body)


def test_a_wrong_secret_is_refused(start):
    async def body(talk):
        await talk.open()
        await talk.until("never")
    with start() as simulator:
        with pytest.raises(Exception) as refused:
            talk(simulator, body, secret="another")
    assert "UnrecognizedClient" in f"{refused.type.__name__} {refused.value}" or "403" in str(refused.value)
    assert [line["status"] for line in simulator.lines()] == ["403"]


def test_temporary_credentials_sign_their_token(certificate):
    """What the SDK does with a session token is what the simulator asks of Syrinx."""
    async def body(talk):
        await talk.open()
        await talk.text("typed", "USER", "say hi", interactive=True)
        await talk.until("completionEnd")
        assert talk.texts("ASSISTANT", "FINAL") == ["hi"]
    token = "IQoJb3JpZ2luX2VjEXAMPLE//token+=="
    with Simulator("amazon_nova", "--key", f"{KEY}:{SECRET}:{token}", "--tls", *certificate) as simulator:
        talk(simulator, body, token=token)
        for wrong in (None, "another"):
            with pytest.raises(Exception):
                talk(simulator, body, token=wrong)
