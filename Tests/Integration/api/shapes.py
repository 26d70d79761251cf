# SPDX-License-Identifier: Apache-2.0
"""What the socket says, and the lines of an export, against their schemas. Needs `jsonschema`."""
import json

from jsonschema import Draft202012Validator

from server import Call, bearer


def validator(document, schema):
    return Draft202012Validator({**schema, "components": document["components"]})


def schemas_of(document, channel):
    """By name, of what the server says on a channel."""
    names = [reference["$ref"].split("/")[-1] for reference in document["operations"][channel]["messages"]]
    messages = [document["components"]["messages"][name] for name in names]
    return {message["name"]: message["payload"] for message in messages if message["name"] != "audio"}


def check(document, schemas, events, kinds):
    faults = [f"{event['type']}: {fault.message}" for event in events if event["type"] in schemas
              for fault in validator(document, schemas[event["type"]]).iter_errors(event)]
    faults += [f"{kind} is not described" for kind in {event["type"] for event in events} - schemas.keys()]
    return faults + [f"{kind} never came" for kind in kinds - {event["type"] for event in events}]


def realtime(server):
    """The same of a typed turn in OpenAI's Realtime protocol."""
    document = server.ask("GET", "/asyncapi.json").json
    call = Call(server, "/v1/realtime?model=mock", bearer(server.keys["all"]))
    item = {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "hello"}]}
    for message in [{"type": "dance"}, {"type": "conversation.item.create", "item": item}, {"type": "response.create"}]:
        call.say(message)
    call.until("rate_limits.updated")
    call.close()
    kinds = {"session.created", "error", "conversation.item.added", "conversation.item.done", "response.created",
             "response.output_item.added", "response.content_part.added", "response.output_audio_transcript.delta",
             "response.output_audio.delta", "response.output_audio.done", "response.output_item.done", "response.done"}
    return check(document, schemas_of(document, "fromRealtimeServer"), call.events, kinds)


def socket(server):
    """Events of a conversation that has all kinds that can be had without audio; what is not as described."""
    document = server.ask("GET", "/asyncapi.json").json
    call = Call(server, "/v1/talk?profile=mock&reply_ms=400&resumable=true", bearer(server.keys["all"]))
    for message in [{"type": "text", "text": "hello"}, {"type": "dance"}, {"type": "played", "ms": 1}]:
        call.say(message)
    call.until("turn.ended")
    call.say({"type": "language", "language": "de"})
    call.until("language.changed")
    call.say({"type": "say", "text": "please hold the line", "priority": "high"})
    call.until("speech.started")
    call.say({"type": "interrupt"})
    call.until("speech.finished")
    call.say({"type": "close"})
    call.until("session.closed")
    call.close()
    kinds = {"session.started", "session.ready", "turn.committed", "turn.ended", "agent.text", "error", "speech.started",
             "speech.finished", "language.changed", "session.closed"}
    return check(document, schemas_of(document, "fromServer"), call.events, kinds)


def export(server):
    """Lines of the export that are not as described."""
    document = server.ask("GET", "/openapi.json").json
    shape = validator(document, document["components"]["schemas"]["ExportLine"])
    lines = [json.loads(line) for line in server.ask("GET", "/v1/export", "all").body.splitlines()]
    faults = [f"{line}: {fault.message}" for line in lines for fault in shape.iter_errors(line)]
    kinds = {line["type"] for line in lines}
    return faults + ([] if kinds == {"session", "change", "turn"} else [f"the export has {kinds}"])
