#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Holds plugin-sdk/schema/bind.schema.json and the reader to each other.    usage: schema_test.py CHECK PLUGINS WORK

The reader knows more than a schema can say, so agreement means two things: what the reader takes, the schema takes; and
what the schema refuses, the reader refuses too. CHECK reads `kind<TAB>file` lines and answers `taken` or a code.
"""
import copy
import json
import pathlib
import random
import subprocess
import sys

import jsonschema

check, plugins, work = sys.argv[1], pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3]) / "schema"
schema = json.loads((plugins.parent / "plugin-sdk/schema/bind.schema.json").read_text())
jsonschema.Draft202012Validator.check_schema(schema)
validator = jsonschema.Draft202012Validator(schema)
WORDS = [0, -1, 3, 2.5, None, True, [], {}, "", "x", "$st", "@chunk", "void", "i32", "ptr", [1], {"i32": 1}, "null"]


def places(node, path=()):
    """Every place of a document, containers included."""
    yield path
    children = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, child in children:
        yield from places(child, path + (key,))


def damage(document, chance):
    """One change: a value replaced, a member removed, misspelt, or added."""
    *way, last = chance.choice([p for p in places(document) if p])
    parent = document
    for key in way:
        parent = parent[key]
    change = chance.randrange(4)
    if change == 0:
        parent[last] = copy.deepcopy(chance.choice(WORDS))
    elif change == 1:
        del parent[last]
    elif isinstance(parent, dict) and change == 2:
        parent[str(last) + "x"] = parent.pop(last)
    elif isinstance(parent, dict):
        parent[chance.choice(["open", "extra", "args", "symbol", "update", "result", "voices"])] = chance.choice(WORDS)
    else:
        parent.append(copy.deepcopy(chance.choice(WORDS)))


def documents():
    chance = random.Random(1)
    sources = [json.loads(p.read_text()) for p in sorted(plugins.glob("*/bind.json"))]
    yield from sources
    for _ in range(1500):
        document = copy.deepcopy(chance.choice(sources))
        for _ in range(chance.choice([1, 1, 1, 2])):
            damage(document, chance)
        yield document


def main():
    work.mkdir(parents=True, exist_ok=True)
    cases = list(documents())
    lines = []
    for index, document in enumerate(cases):
        folder = work / str(index)
        folder.mkdir(exist_ok=True)
        (folder / "bind.json").write_text(json.dumps(document))
        kind, name = document.get("kind"), document.get("id")
        provides = [{"kind": kind, "id": name}]
        (folder / "plugin.json").write_text(json.dumps({"id": "x", "version": "1.0.0", "provides": provides}))
        lines.append(f"{folder}/bind.json")
    answers = subprocess.run([check, "--stdin"], input="\n".join(lines) + "\n", capture_output=True, text=True, check=True)
    bad, taken = [], 0
    for document, line, answer in zip(cases, lines, answers.stdout.splitlines(), strict=True):
        reader = answer == "taken"
        taken += reader
        fault = next(iter(validator.iter_errors(document)), None)
        if reader and fault:
            bad.append(f"{line}: the reader takes what the schema refuses: {fault.json_path}: {fault.message[:100]}")
    broken = sum(1 for document in cases if not validator.is_valid(document))
    print("\n".join(bad[:20]) if bad else f"schema: {len(cases)} manifests, {taken} taken, {broken} refused by both")
    return 1 if bad or taken < 20 or broken < 200 else 0


sys.exit(main())
