# SPDX-License-Identifier: Apache-2.0
"""What the socket says, and the lines of an export, against their schemas. Needs `jsonschema`."""
import json

from jsonschema import Draft202012Validator

from server import Call, bearer


def validator(document, schema):
    return Draft202012Validator({**schema, "components": document["components"]})


def socket(server):
    """Events of a conversation that has all kinds that can be had without audio; what is not as described."""
    document = server.ask("GET", "/asyncapi.json").json
    schemas = {message["name"]: message["payload"] for message in document["components"]["messages"].values()
               if message["name"] != "audio"}
    call = Call(server, "/v1/talk?profile=mock&reply_ms=400&resumable=true", bearer(server.keys["all"]))
    for message in [{"type": "text", "text": "hello"}, {"type": "dance"}, {"type": "played", "ms": 1}]:
        call.say(message)
    call.until("turn.ended")
    call.say({"type": "say", "text": "please hold the line", "priority": "high"})
    call.until("speech.started")
    call.say({"type": "interrupt"})
    call.until("speech.finished")
    call.say({"type": "close"})
    call.until("session.closed")
    call.close()
    faults = [f"{event['type']}: {fault.message}" for event in call.events if event["type"] in schemas
              for fault in validator(document, schemas[event["type"]]).iter_errors(event)]
    faults += [f"{kind} is not described" for kind in {event["type"] for event in call.events} - schemas.keys()]
    kinds = {"session.started", "session.ready", "turn.committed", "turn.ended", "agent.text", "error", "speech.started",
             "speech.finished", "session.closed"}
    return faults + [f"{kind} never came" for kind in kinds - {event["type"] for event in call.events}]


def export(server):
    """Lines of the export that are not as described."""
    document = server.ask("GET", "/openapi.json").json
    check = validator(document, document["components"]["schemas"]["ExportLine"])
    lines = [json.loads(line) for line in server.ask("GET", "/v1/export", "all").body.splitlines()]
    faults = [f"{line}: {fault.message}" for line in lines for fault in check.iter_errors(line)]
    kinds = {line["type"] for line in lines}
    return faults + ([] if kinds == {"session", "turn"} else [f"the export has {kinds}"])
