# SPDX-License-Identifier: Apache-2.0
"""Holds plugin-sdk/include/syrinx_plugin.h against every minor that was released.

usage: gate.py             the check; exit code 1 when the header breaks a promise
       gate.py --freeze    records the present header as its minor, which is thereby released"""
import json
import pathlib
import re
import sys

import compare
import layout

ROOT = pathlib.Path(__file__).resolve().parents[2]
HEADER = ROOT / "plugin-sdk/include/syrinx_plugin.h"
FROZEN = ROOT / "plugin-sdk/include/frozen"
GOLDEN = pathlib.Path(__file__).resolve().parent / "golden"


def minor_of(described):
    return "%d.%d" % tuple(described["abi"])


def released():
    """Minors in the order of their release."""
    return sorted((p.stem for p in GOLDEN.glob("*.json")), key=lambda name: [int(n) for n in name.split(".")])


def golden(minor):
    return json.loads((GOLDEN / f"{minor}.json").read_text())


def frozen(minor):
    return FROZEN / minor / "syrinx_plugin.h"


def complaints(header, changelog):
    """What is wrong with a header, and what is only new. Without any release nothing can be broken."""
    minors, wrong, new = released(), [], []
    try:
        current = layout.describe(header)
    except layout.DoesNotCompile as reason:
        return [f"the header does not compile as C99: {reason}"], []
    for minor in minors:
        found = compare.compare(golden(minor), current)
        wrong += [f"against {minor}: {text}" for text in found.breaks]
        new = found.additions
    if minors:
        wrong += missing_steps(golden(minors[-1]), current, new, changelog)
    return wrong, new


def missing_steps(latest, current, additions, changelog):
    """What an addition needs besides: the next minor, and a line for those who read of it."""
    steps, minor = current["abi"][1] - latest["abi"][1], minor_of(current)
    if additions and steps == 0:
        return [f"something is new since {minor_of(latest)}: raise SYX_ABI_MINOR to {latest['abi'][1] + 1}"]
    if steps not in (0, 1):
        return [f"SYX_ABI_MINOR is {current['abi'][1]}; after {latest['abi'][1]} comes {latest['abi'][1] + 1}"]
    if steps and not re.search(rf"ABI {re.escape(minor)}\b", changelog):
        return [f"CHANGELOG.md has no line on ABI {minor}"]
    return []


def false_records():
    """Golden files that do not tell the truth about their frozen header."""
    wrong = []
    for minor in released():
        if not frozen(minor).is_file():
            wrong.append(f"{frozen(minor).relative_to(ROOT)} is missing")
        elif layout.describe(frozen(minor).read_text()) != golden(minor):
            wrong.append(f"golden/{minor}.json is not the layout of frozen/{minor}/syrinx_plugin.h")
    for folder in FROZEN.iterdir():
        if folder.name not in released():
            wrong.append(f"{folder.relative_to(ROOT)} has no golden file")
    return wrong


def check():
    wrong, new = complaints(HEADER.read_text(), (ROOT / "CHANGELOG.md").read_text())
    wrong += false_records()
    for text in wrong:
        print(f"abi: {text}")
    if wrong:
        print("abi: BREAK (docs/ABI.md says what may be added, and how)")
        return 1
    for text in new:
        print(f"abi: {text}")
    print(f"abi: {compare.ADDITIVE if new else compare.IDENTICAL} to {', '.join(released())}")
    return 0


def freeze():
    header = HEADER.read_text()
    described = layout.describe(header)
    minor = minor_of(described)
    if minor in released():
        print(f"abi: {minor} is released already; a release does not change", file=sys.stderr)
        return 1
    frozen(minor).parent.mkdir(parents=True)
    frozen(minor).write_text(header)
    GOLDEN.mkdir(exist_ok=True)
    (GOLDEN / f"{minor}.json").write_text(json.dumps(described, indent=1) + "\n")
    print(f"abi: {minor} is frozen")
    return 0


if __name__ == "__main__":
    sys.exit(freeze() if sys.argv[1:] == ["--freeze"] else check())
