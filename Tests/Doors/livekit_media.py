# SPDX-License-Identifier: Apache-2.0
"""The media half of the test SFU: peer connections by aiortc, tracks decoded and encoded again on their way.

v0 of LiveKit's signalling has two connections a participant (the client offers what it publishes, the server what it
forwards), v1 has one, which the client offers.
"""
import asyncio
import json

from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.contrib.media import MediaRelay
from aiortc.sdp import candidate_from_sdp
from livekit.protocol import models, rtc

PUBLISHER, SUBSCRIBER = rtc.SignalTarget.Value("PUBLISHER"), rtc.SignalTarget.Value("SUBSCRIBER")
relay = MediaRelay()


class Published:
    """A track of a participant, and the media that came for it."""

    def __init__(self, owner, info, media):
        self.owner, self.info, self.media = owner, info, media


class Media:
    """The peer connections of one participant.

    `send` takes a SignalResponse, `on_track` an aiortc track of the client, `on_data` the bytes of a data packet.
    """

    def __init__(self, single, send, on_track, on_data):
        self.single, self.send, self.on_data = single, send, on_data
        self.channels, self.senders, self.wanted, self.used = {}, {}, [], set()
        self.publisher = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self.publisher.on("track", on_track)
        self.publisher.on("datachannel", self.take_channel)
        self.subscriber = None
        self.answered, self.dirty = asyncio.Event(), asyncio.Event()
        self.negotiator = None
        if not single:
            self.subscriber = RTCPeerConnection(RTCConfiguration(iceServers=[]))
            # Without media it is these that make the offer the client waits for.
            self.channels["_reliable"] = self.subscriber.createDataChannel("_reliable")
            self.channels["_lossy"] = self.subscriber.createDataChannel("_lossy", maxRetransmits=0)
            self.negotiator = asyncio.ensure_future(self.negotiate())
            self.dirty.set()

    def take_channel(self, channel):
        if self.single:
            self.channels[channel.label] = channel
        channel.on("message", lambda data: self.on_data(channel.label, data))

    async def negotiate(self):
        """Offers of the server, one at a time: the next one waits for the answer."""
        while True:
            await self.dirty.wait()
            self.dirty.clear()
            self.answered.clear()
            await self.subscriber.setLocalDescription(await self.subscriber.createOffer())
            local = self.subscriber.localDescription
            await self.send(rtc.SignalResponse(offer=rtc.SessionDescription(type="offer", sdp=local.sdp)))
            await self.answered.wait()

    async def take_answer(self, description):
        await self.subscriber.setRemoteDescription(RTCSessionDescription(description.sdp, "answer"))
        self.answered.set()

    async def take_offer(self, description):
        await self.publisher.setRemoteDescription(RTCSessionDescription(description.sdp, "offer"))
        for transceiver in self.publisher.getTransceivers() if self.single else []:
            free = transceiver.kind == "audio" and transceiver._offerDirection == "sendonly"
            if free and self.wanted and transceiver not in self.used:
                self.attach(transceiver, self.wanted.pop(0))
        await self.publisher.setLocalDescription(await self.publisher.createAnswer())
        answer = rtc.SessionDescription(type="answer", sdp=self.publisher.localDescription.sdp, id=description.id)
        for sid, sender in self.senders.items():
            mid = next(t.mid for t in self.publisher.getTransceivers() if t.sender is sender) if self.single else ""
            answer.mid_to_track_id[mid] = sid
        await self.send(rtc.SignalResponse(answer=answer))

    async def take_candidate(self, trickle):
        init = json.loads(trickle.candidateInit)
        text = init.get("candidate", "").removeprefix("candidate:")
        connection = self.subscriber if trickle.target == SUBSCRIBER and self.subscriber else self.publisher
        if not text or " tcp " in text or connection.remoteDescription is None:
            return
        candidate = candidate_from_sdp(text)
        candidate.sdpMid, candidate.sdpMLineIndex = init.get("sdpMid"), init.get("sdpMLineIndex")
        await connection.addIceCandidate(candidate)

    def attach(self, transceiver, published):
        self.used.add(transceiver)
        sender = transceiver.sender
        sender.replaceTrack(relay.subscribe(published.media))
        sender._stream_id = f"{published.owner.info.sid}|{published.info.sid}"
        sender._track_id = published.info.sid
        transceiver.direction = "sendonly"
        self.senders[published.info.sid] = sender

    async def subscribe(self, published):
        if published.info.sid in self.senders or published in self.wanted:
            return
        if self.single:
            self.wanted.append(published)
            need = rtc.MediaSectionsRequirement(num_audios=1)
            await self.send(rtc.SignalResponse(media_sections_requirement=need))
        else:
            self.attach(self.subscriber.addTransceiver("audio", direction="sendonly"), published)
            self.dirty.set()

    def unsubscribe(self, sid):
        self.wanted = [one for one in self.wanted if one.info.sid != sid]
        sender = self.senders.pop(sid, None)
        connection = self.publisher if self.single else self.subscriber
        for transceiver in connection.getTransceivers():
            if sender and transceiver.sender is sender:
                sender.replaceTrack(None)
                transceiver.direction = "inactive"
                self.dirty.set()

    def send_data(self, packet):
        reliable = packet.kind == models.DataPacket.Kind.Value("RELIABLE")
        channel = self.channels.get("_reliable" if reliable else "_lossy")
        if channel and channel.readyState == "open":
            channel.send(packet.SerializeToString())

    async def close(self):
        if self.negotiator:
            self.negotiator.cancel()
        for connection in (self.publisher, self.subscriber):
            if connection:
                await connection.close()
