# SPDX-License-Identifier: Apache-2.0
"""A LiveKit server for tests: signalling v0 and v1, access tokens, rooms, data packets, webhooks, and a mini SFU.

It is what the `livekit` SDK and Syrinx's plugin are tried against. It forwards audio only, and answers a resume with
"join again". usage: livekit_sfu.py [PORT [WEBHOOK_URL]]; key and secret are those of `Sfu`.
"""
import asyncio
import base64
import gzip
import hashlib
import itertools
import logging
import sys
import time

import aiohttp
import jwt
from aiohttp import web
from google.protobuf.json_format import MessageToJson
from livekit import api
from livekit.protocol import models, rtc, webhook

from livekit_media import Media, Published

log = logging.getLogger("sfu")
KINDS = {"agent": "AGENT", "sip": "SIP", "ingress": "INGRESS", "egress": "EGRESS"}
serial = itertools.count(1)


class Room:
    def __init__(self, name):
        self.name, self.sid, self.participants = name, f"RM_{next(serial)}", {}

    @property
    def info(self):
        return models.Room(sid=self.sid, name=self.name, num_participants=len(self.participants))

    async def tell(self, about, but=None):
        update = rtc.SignalResponse(update=rtc.ParticipantUpdate(participants=[about]))
        for other in list(self.participants.values()):
            if other is not but:
                await other.send(update)


class Participant:
    def __init__(self, sfu, room, claims, socket, single, auto_subscribe):
        self.sfu, self.room, self.socket, self.auto_subscribe = sfu, room, socket, auto_subscribe
        self.announced, self.tracks, self.left = {}, {}, False
        self.info = models.ParticipantInfo(
            sid=f"PA_{next(serial)}", identity=claims["sub"], name=claims.get("name", ""),
            metadata=claims.get("metadata", ""), attributes=claims.get("attributes", {}),
            state="ACTIVE", joined_at=int(time.time()), kind=KINDS.get(claims.get("kind", ""), "STANDARD"))
        grant = claims["video"]
        self.info.permission.can_publish = grant.get("canPublish", True)
        self.info.permission.can_subscribe = grant.get("canSubscribe", True)
        self.info.permission.can_publish_data = grant.get("canPublishData", True)
        self.media = Media(single, self.send, self.take_track, self.take_data)

    async def send(self, response):
        if not self.socket.closed:
            await self.socket.send_bytes(response.SerializeToString())

    def others(self):
        return [one for one in self.room.participants.values() if one is not self]

    async def serve(self, first_offer=None):
        await self.send(rtc.SignalResponse(join=rtc.JoinResponse(
            room=self.room.info, participant=self.info, other_participants=[one.info for one in self.others()],
            server_version="1.9.0", subscriber_primary=not self.media.single, ping_timeout=15, ping_interval=5,
            server_info=models.ServerInfo(version="1.9.0", protocol=16), fast_publish=False)))
        if first_offer:
            await self.media.take_offer(first_offer)
        await self.room.tell(self.info, but=self)
        if self.auto_subscribe:
            for published in [track for one in self.others() for track in one.tracks.values()]:
                await self.media.subscribe(published)
        async for message in self.socket:
            if message.type == aiohttp.WSMsgType.BINARY:
                request = rtc.SignalRequest.FromString(message.data)
                if await self.take(request.WhichOneof("message"), request):
                    return

    async def take(self, kind, request):
        if kind == "offer":
            await self.media.take_offer(request.offer)
        elif kind == "answer":
            await self.media.take_answer(request.answer)
        elif kind == "trickle":
            await self.media.take_candidate(request.trickle)
        elif kind == "add_track":
            await self.announce(request.add_track)
        elif kind == "mute":
            await self.mute(request.mute.sid, request.mute.muted)
        elif kind == "subscription":
            await self.choose(request.subscription)
        elif kind == "ping_req":
            pong = rtc.Pong(last_ping_timestamp=request.ping_req.timestamp, timestamp=int(time.time() * 1000))
            await self.send(rtc.SignalResponse(pong_resp=pong))
        elif kind == "ping":
            await self.send(rtc.SignalResponse(pong=request.ping))
        return kind == "leave"

    async def announce(self, wanted):
        info = models.TrackInfo(
            sid=f"TR_{next(serial)}", type=wanted.type, name=wanted.name, muted=wanted.muted, source=wanted.source,
            mime_type="audio/opus", stream=wanted.stream)
        self.announced[wanted.cid] = info
        published = rtc.TrackPublishedResponse(cid=wanted.cid, track=info)
        await self.send(rtc.SignalResponse(track_published=published))

    def take_track(self, media):
        info = self.announced.get(media.id) or next(
            (one for one in self.announced.values() if one.sid not in self.tracks), None)
        if media.kind == "audio" and info:
            self.tracks[info.sid] = Published(self, info, media)
            self.info.tracks.append(info)
            asyncio.ensure_future(self.offer_track(self.tracks[info.sid]))

    async def offer_track(self, published):
        await self.room.tell(self.info, but=self)
        for other in self.others():
            if other.auto_subscribe:
                await other.media.subscribe(published)

    async def choose(self, subscription):
        sids = list(subscription.track_sids)
        sids += [sid for one in subscription.participant_tracks for sid in one.track_sids]
        for published in [track for one in self.others() for track in one.tracks.values()]:
            if published.info.sid not in sids:
                continue
            if subscription.subscribe:
                await self.media.subscribe(published)
            else:
                self.media.unsubscribe(published.info.sid)

    async def mute(self, sid, muted):
        for track in self.info.tracks:
            if track.sid == sid:
                track.muted = muted
        await self.room.tell(self.info, but=self)

    def take_data(self, label, data):
        packet = models.DataPacket.FromString(data)
        packet.participant_identity, packet.participant_sid = self.info.identity, self.info.sid
        self.sfu.packets.append(packet)
        for other in self.others():
            if not packet.destination_identities or other.info.identity in packet.destination_identities:
                other.media.send_data(packet)

    async def dismiss(self, reason="PARTICIPANT_REMOVED", action="DISCONNECT"):
        """The server sends it away."""
        leave = rtc.LeaveRequest(reason=reason, action=action, can_reconnect=action != "DISCONNECT")
        await self.send(rtc.SignalResponse(leave=leave))

    async def leave(self):
        if self.left:
            return
        self.left = True
        if self.room.participants.get(self.info.identity) is self:
            del self.room.participants[self.info.identity]
        for other in self.others():
            for sid in self.tracks:
                other.media.unsubscribe(sid)
        gone = models.ParticipantInfo()
        gone.CopyFrom(self.info)
        gone.state, gone.disconnect_reason = "DISCONNECTED", "CLIENT_INITIATED"
        await self.room.tell(gone, but=self)
        await self.media.close()


class Sfu:
    def __init__(self, key="devkey", secret="a-secret-of-32-bytes-for-testing", webhook_url=None):
        self.key, self.secret, self.webhook_url = key, secret, webhook_url
        self.rooms, self.packets, self.joins, self.hooks = {}, [], [], []

    async def start(self, port=0):
        app = web.Application()
        app.router.add_get("/rtc", lambda request: self.join(request, False))
        app.router.add_get("/rtc/v1", lambda request: self.join(request, True))
        app.router.add_get("/rtc/validate", self.validate)
        app.router.add_get("/rtc/v1/validate", self.validate)
        self.runner = web.AppRunner(app)
        await self.runner.setup()
        site = web.TCPSite(self.runner, "127.0.0.1", port)
        await site.start()
        self.url = "ws://127.0.0.1:%d" % site._server.sockets[0].getsockname()[1]
        return self

    async def stop(self):
        for room in list(self.rooms.values()):
            for one in list(room.participants.values()):
                await one.leave()
                await one.socket.close()
        await self.runner.cleanup()

    def claims(self, request):
        token = request.headers.get("Authorization", "").removeprefix("Bearer ") or request.query.get("access_token", "")
        try:
            claims = jwt.decode(token, self.secret, algorithms=["HS256"], issuer=self.key, leeway=10,
                                options={"require": ["exp", "nbf", "sub"]})
        except jwt.PyJWTError as error:
            raise web.HTTPUnauthorized(text=f"invalid token: {error}")
        grant = claims.get("video", {})
        if not grant.get("roomJoin") or not grant.get("room"):
            raise web.HTTPForbidden(text="the token does not let you join a room")
        return claims

    async def validate(self, request):
        self.claims(request)
        return web.Response(text="success")

    async def join(self, request, single):
        claims = self.claims(request)
        self.joins.append((claims, single))
        again, auto = request.query.get("reconnect") == "1", request.query.get("auto_subscribe") != "0"
        offer = None
        if single:
            again, auto, offer = self.unwrap(request.query["join_request"])
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        name = claims["video"]["room"]
        if again:
            # A resume is asked for: it has to join anew.
            leave = rtc.LeaveRequest(reason="STATE_MISMATCH", action="RECONNECT", can_reconnect=True)
            await socket.send_bytes(rtc.SignalResponse(leave=leave).SerializeToString())
            return socket
        if name not in self.rooms:
            self.rooms[name] = Room(name)
            self.notify("room_started", self.rooms[name])
        room = self.rooms[name]
        if older := room.participants.get(claims["sub"]):
            await older.dismiss("DUPLICATE_IDENTITY")
            await older.leave()
        one = room.participants[claims["sub"]] = Participant(self, room, claims, socket, single, auto)
        self.notify("participant_joined", room, one)
        try:
            await one.serve(offer)
        except Exception:
            log.exception("participant %s", one.info.identity)
        finally:
            await one.leave()
            self.notify("participant_left", room, one)
            if not room.participants and self.rooms.pop(name, None):
                self.notify("room_finished", room)
        return socket

    @staticmethod
    def unwrap(text):
        wrapped = rtc.WrappedJoinRequest.FromString(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        body = gzip.decompress(wrapped.join_request) if wrapped.compression else wrapped.join_request
        asked = rtc.JoinRequest.FromString(body)
        offer = asked.publisher_offer if asked.publisher_offer.sdp else None
        return asked.reconnect, asked.connection_settings.auto_subscribe, offer

    def hook(self, event, room, participant=None):
        """The body and the Authorization header of a webhook."""
        told = webhook.WebhookEvent(event=event, room=room.info, id=f"EV_{next(serial)}", created_at=int(time.time()))
        if participant:
            told.participant.CopyFrom(participant.info)
        body = MessageToJson(told)
        digest = base64.b64encode(hashlib.sha256(body.encode()).digest()).decode()
        return body, api.AccessToken(self.key, self.secret).with_sha256(digest).to_jwt()

    def notify(self, event, room, participant=None):
        if self.webhook_url:
            self.hooks.append(asyncio.ensure_future(self.post(*self.hook(event, room, participant))))

    async def post(self, body, token):
        headers = {"Authorization": token, "Content-Type": "application/webhook+json"}
        async with aiohttp.ClientSession() as client:
            async with client.post(self.webhook_url, data=body, headers=headers) as answer:
                return answer.status

    def token(self, room, identity, **more):
        """A token for the SDK's clients."""
        made = api.AccessToken(self.key, self.secret).with_identity(identity)
        if "metadata" in more:
            made = made.with_metadata(more["metadata"])
        return made.with_grants(api.VideoGrants(room_join=True, room=room)).to_jwt()


async def main(port, hook):
    sfu = await Sfu(webhook_url=hook).start(port)
    print(sfu.url, flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    logging.basicConfig(level=logging.WARNING)
    asyncio.run(main(int((sys.argv + ["7880"])[1]), (sys.argv + [None, None])[2]))
