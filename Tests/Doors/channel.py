# SPDX-License-Identifier: Apache-2.0
"""A data channel of aiortc that speaks JSON, one object a message."""

import asyncio
import json


class Channel:
    """`await until("turn.ended")` is the event of this type, the `count`th of them."""

    def __init__(self, connection, label):
        self.channel = connection.createDataChannel(label)
        self.events, self.arrived = [], asyncio.Condition()
        self.opened, self.closed = asyncio.Event(), asyncio.Event()
        self.channel.on("open", self.opened.set)
        self.channel.on("close", self.closed.set)
        self.channel.on("message", lambda text: asyncio.ensure_future(self.take(json.loads(text))))

    async def take(self, event):
        async with self.arrived:
            self.events.append(event)
            self.arrived.notify_all()

    def send(self, **message):
        self.channel.send(json.dumps(message))

    def of(self, name):
        return [event for event in self.events if event["type"] == name]

    async def until(self, name, count=1, within=40):
        try:
            async with asyncio.timeout(within), self.arrived:
                while len(self.of(name)) < count:
                    await self.arrived.wait()
        except TimeoutError as error:
            raise AssertionError(f"no {name}: {[event['type'] for event in self.events]}") from error
        return self.of(name)[count - 1]
