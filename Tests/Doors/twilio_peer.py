# SPDX-License-Identifier: Apache-2.0
"""Twilio, as far as a telephone call goes: it asks the voice webhook, opens the stream that the answer names, sends the
caller's audio in real time, buffers and plays what comes back, and tells which marks were played.

    async with PhoneCall(host, "/doors/phone", TOKEN) as call:
        await call.say(samples)
        ... call.heard, call.clears, call.messages ...

Signatures are those of Twilio's own library.
"""

import asyncio
import base64
import json
import time
import urllib.parse
import xml.etree.ElementTree

import numpy
from twilio.request_validator import RequestValidator
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

RATE, FRAME = 8000, 160
SILENCE = 0xFF


def _steps():
    """The linear value of each byte of G.711's mu-law."""
    code = ~numpy.arange(256) & 0xFF
    magnitude = ((((code & 15) << 1) + 33) << (code >> 4 & 7)) - 33
    return (numpy.where(code & 0x80, -magnitude, magnitude) * 4).astype(numpy.int16)


MU_LAW = _steps()
# From above, so that zero is 0xFF and not its twin.
_ORDER = 255 - numpy.argsort(MU_LAW[::-1], kind="stable")
_SORTED = MU_LAW[_ORDER].astype(int)


def to_mu_law(samples):
    """The byte whose value is nearest."""
    wanted = numpy.asarray(samples, dtype=int)
    above = numpy.clip(numpy.searchsorted(_SORTED, wanted), 1, 255)
    nearer = wanted - _SORTED[above - 1] <= _SORTED[above] - wanted
    return _ORDER[numpy.where(nearer, above - 1, above)].astype(numpy.uint8).tobytes()


def from_mu_law(data):
    return MU_LAW[numpy.frombuffer(bytes(data), dtype=numpy.uint8)]


def post_webhook(host, path, token, fields, signature=None):
    """What the door answers to the voice webhook. `signature`: another than the right one; "" = none."""
    url = host.http + path
    if signature is None:
        signature = RequestValidator(token).compute_signature(url, fields)
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    if signature:
        headers["X-Twilio-Signature"] = signature
    return host.request("POST", path, body=urllib.parse.urlencode(fields), headers=headers)


def stream_of(twiml):
    """URL and parameters of the stream that the TwiML connects the call to."""
    root = xml.etree.ElementTree.fromstring(twiml)
    assert root.tag == "Response", twiml
    stream = root.find("./Connect/Stream")
    assert stream is not None, twiml
    return stream.get("url"), {p.get("name"): p.get("value") for p in stream.findall("Parameter")}


class PhoneCall:
    """A call from `caller`; what it lives through stands in its lists. Other vendors' calls are sub-classes."""

    MEDIA, MARK, CLEAR = "media", "mark", "clear"

    def __init__(self, host, path, token, caller="+4915112345678", called="+4930123456", sid="CA0001"):
        self.host, self.path, self.token = host, path, token
        self.fields = {"CallSid": sid, "AccountSid": "AC0001", "From": caller, "To": called, "CallStatus": "ringing",
                       "Direction": "inbound"}
        self.sid, self.stream = sid, "MZ0001"
        self.socket = None
        self.parameters = {}
        self.verbs = []              # of the webhook's answer
        self.outgoing = bytearray()  # of the caller
        self.buffer = bytearray()    # of the agent, not played yet
        self.pending = []            # (bytes of the buffer before it, name)
        self.heard = bytearray()     # what the caller heard, silence included
        self.messages = []           # (time, event) of the server
        self.played = []             # names of marks that were played
        self.clears = []             # (time, bytes that were dropped, marks that were)
        self.closed = asyncio.Event()
        self.close_code = None
        self.chunk = self.sequence = 0
        self.tasks = []

    # MARK: beginning and end

    async def __aenter__(self):
        url, headers = await asyncio.to_thread(self.enter)
        self.socket = await connect(url, additional_headers=headers, compression=None)
        await self.begin()
        self.tasks = [asyncio.create_task(self._play()), asyncio.create_task(self._receive())]
        return self

    def enter(self):
        """Asks the webhook: where the stream is, and with what headers it is opened."""
        answer = post_webhook(self.host, self.path, self.token, self.fields)
        assert answer.status == 200 and answer.headers["content-type"].startswith("text/xml"), answer.text
        url, self.parameters = stream_of(answer.text)
        self.verbs = [verb.tag for verb in xml.etree.ElementTree.fromstring(answer.text)]
        return url, {"X-Twilio-Signature": RequestValidator(self.token).compute_signature(url, {})}

    async def begin(self):
        await self._send({"event": "connected", "protocol": "Call", "version": "1.0.0"})
        await self._send({"event": "start", "start": {
            "accountSid": "AC0001", "streamSid": self.stream, "callSid": self.sid, "tracks": ["inbound"],
            "mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": RATE, "channels": 1},
            "customParameters": self.parameters}})

    async def __aexit__(self, *_):
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)
        await self.socket.close()

    async def hang_up(self):
        await self._send({"event": "stop", "stop": {"accountSid": "AC0001", "callSid": self.sid}})
        await asyncio.wait_for(self.closed.wait(), 20)

    async def press(self, digits):
        for digit in digits:
            await self._send({"event": "dtmf", "dtmf": {"track": "inbound_track", "digit": digit}})

    # MARK: sound

    async def say(self, samples):
        """Until all of it was sent."""
        self.outgoing += to_mu_law(samples)
        while self.outgoing and not self.closed.is_set():
            await asyncio.sleep(0.02)

    async def until(self, wanted, seconds=40):
        """Waits until `wanted()` is true."""
        end = time.monotonic() + seconds
        while not wanted():
            assert time.monotonic() < end, f"it did not come in {seconds} s; events: {self.words()}"
            assert not self.closed.is_set() or wanted(), f"the server closed with {self.close_code}"
            await asyncio.sleep(0.02)

    def words(self):
        return [event.get("event") for _, event in self.messages if event.get("event") != "media"]

    def sound(self, since=0):
        """What the caller has heard from this byte on."""
        return from_mu_law(self.heard[since:])

    # MARK: the vendor

    async def _send(self, message):
        self.sequence += 1
        if message["event"] != "connected":
            message = self.numbered(message)
        try:
            await self.socket.send(json.dumps(message))
        except ConnectionClosed:
            self.closed.set()

    def numbered(self, message):
        return {**message, "sequenceNumber": str(self.sequence), "streamSid": self.stream}

    def is_ours(self, event):
        return event.get("streamSid") == self.stream

    def code(self, samples):
        return to_mu_law(samples)

    def mark_of(self, event):
        return event["mark"]["name"]

    async def tell_played(self, name):
        await self._send({"event": "mark", "mark": {"name": name}})

    async def tell_cleared(self, names):
        """All marks that waited come back at once."""
        for name in names:
            await self.tell_played(name)

    async def _play(self):
        """Every 20 ms a frame of the caller's, and one of the agent's."""
        began = time.monotonic()
        for tick in range(10**9):
            await asyncio.sleep(max(0, began + tick * 0.02 - time.monotonic()))
            frame = bytes(self.outgoing[:FRAME]).ljust(FRAME, bytes([SILENCE]))
            del self.outgoing[:FRAME]
            self.chunk += 1
            await self._send({"event": "media", "media": {
                "track": "inbound", "chunk": str(self.chunk), "timestamp": str(self.chunk * 20),
                "payload": base64.b64encode(frame).decode()}})
            agent = bytes(self.buffer[:FRAME])
            del self.buffer[:FRAME]
            self.heard += agent.ljust(FRAME, bytes([SILENCE]))
            self.pending = [(max(0, left - len(agent)), name) for left, name in self.pending]
            while self.pending and self.pending[0][0] == 0:
                _, name = self.pending.pop(0)
                self.played.append(name)
                await self.tell_played(name)

    async def _receive(self):
        try:
            async for text in self.socket:
                event = json.loads(text)
                self.messages.append((time.monotonic(), event))
                assert self.is_ours(event), event
                match event["event"]:
                    case self.MEDIA:
                        self.buffer += base64.b64decode(event["media"]["payload"], validate=True)
                    case self.MARK:
                        self.pending.append((len(self.buffer), self.mark_of(event)))
                    case self.CLEAR:
                        dropped, self.pending = self.pending, []
                        self.clears.append((time.monotonic(), len(self.buffer), len(dropped)))
                        self.buffer.clear()
                        await self.tell_cleared([name for _, name in dropped])
                    case other:
                        raise AssertionError(f"the vendor knows no '{other}'")
        except ConnectionClosed:
            pass
        self.close_code = self.socket.close_code
        self.closed.set()
