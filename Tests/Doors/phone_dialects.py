# SPDX-License-Identifier: Apache-2.0
"""Calls of other vendors, where they differ from Twilio's: Plivo, which signs with its own library here, and Telnyx."""

import urllib.parse
import xml.etree.ElementTree

from plivo.utils import signature_v3

from twilio_peer import RATE, PhoneCall


class PlivoCall(PhoneCall):
    MEDIA, MARK, CLEAR = "playAudio", "checkpoint", "clearAudio"

    def enter(self):
        fields = {"CallUUID": self.sid, "From": self.fields["From"], "To": self.fields["To"], "Event": "StartApp"}
        url = self.host.http + self.path
        signed = signature_v3.construct_post_url(url, fields).decode()
        signature = signature_v3.get_signature_v3(self.token.encode(), signed, "12345").decode()
        headers = {"Content-Type": "application/x-www-form-urlencoded", "X-Plivo-Signature-V3": signature,
                   "X-Plivo-Signature-V3-Nonce": "12345"}
        answer = self.host.request("POST", self.path, body=urllib.parse.urlencode(fields), headers=headers)
        assert answer.status == 200, answer.text
        stream = xml.etree.ElementTree.fromstring(answer.text).find("./Stream")
        assert stream.get("bidirectional") == "true" and stream.get("contentType") == "audio/x-mulaw;rate=8000"
        return stream.text, {}

    async def begin(self):
        await self._send({"event": "start", "extra_headers": "{}", "start": {
            "callId": self.sid, "streamId": self.stream, "accountId": "MA0001", "tracks": ["inbound"],
            "mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": RATE}}})

    def numbered(self, message):
        return {**message, "sequenceNumber": self.sequence, "streamId": self.stream}

    def is_ours(self, event):
        if event["event"] == "playAudio":
            assert event["media"]["contentType"] == "audio/x-mulaw" and event["media"]["sampleRate"] == RATE, event
        return event.get("streamId") == self.stream

    def mark_of(self, event):
        return event["name"]

    async def tell_played(self, name):
        await self._send({"event": "playedStream", "name": name})

    async def tell_cleared(self, names):
        """A checkpoint whose audio was cleared is never told."""
        await self._send({"event": "clearedAudio"})

    async def hang_up(self):
        """There is no word for it."""
        await self.socket.close()


class TelnyxCall(PhoneCall):
    def enter(self):
        path = f"{self.path}?token={self.token}"
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        answer = self.host.request("POST", path, body=urllib.parse.urlencode(self.fields), headers=headers)
        assert answer.status == 200, answer.text
        stream = xml.etree.ElementTree.fromstring(answer.text).find("./Connect/Stream")
        assert stream.get("bidirectionalMode") == "rtp" and stream.get("bidirectionalCodec") == "PCMU"
        return stream.get("url"), {}

    async def begin(self):
        await self._send({"event": "connected", "version": "1.0.0"})
        await self._send({"event": "start", "start": {
            "user_id": "u", "call_control_id": self.sid, "from": self.fields["From"], "to": self.fields["To"],
            "media_format": {"encoding": "PCMU", "sample_rate": RATE, "channels": 1}}})

    def numbered(self, message):
        return {**message, "sequence_number": str(self.sequence), "stream_id": self.stream}

    def is_ours(self, event):
        return set(event) <= {"event", "media", "mark"}
