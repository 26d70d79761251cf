# SPDX-License-Identifier: Apache-2.0
"""Runs all parts, or those that are named, and counts."""

import asyncio
import concurrent.futures
import os
import shutil
import sys
import tempfile
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import access  # noqa: E402
import admission  # noqa: E402
import canaries  # noqa: E402
import console  # noqa: E402
import crash  # noqa: E402
import drain  # noqa: E402
import handover  # noqa: E402
import hooks  # noqa: E402
import hostile  # noqa: E402
import leaks  # noqa: E402
import recording  # noqa: E402
import tour  # noqa: E402
from checks import Checks  # noqa: E402

PARTS = {"tour": tour, "drain": drain, "handover": handover, "admission": admission, "leaks": leaks, "crash": crash, "webhooks": hooks,
         "canaries": canaries, "hostile": hostile, "recording": recording, "access": access, "console": console}
# They wait more than they work, and nothing in them depends on how fast.
TOGETHER = ["webhooks", "hostile", "access"]


def one(name, folder, checks):
    with checks.check(f"part {name} runs to its end") as notes:
        started = time.monotonic()
        asyncio.run(PARTS[name].run(os.path.join(folder, name), checks))
        notes.append(f"{time.monotonic() - started:.1f} s")


def main(names):
    unknown = [name for name in names if name not in PARTS]
    if unknown:
        sys.exit(f"no part {unknown[0]}; parts: {', '.join(PARTS)}")
    checks = Checks()
    folder = tempfile.mkdtemp(prefix="syrinx-operations-")
    begun = time.monotonic()
    try:
        chosen = names or PARTS
        for name in [name for name in chosen if name not in TOGETHER]:
            one(name, folder, checks)
        with concurrent.futures.ThreadPoolExecutor(len(TOGETHER)) as pool:
            for name in [name for name in chosen if name in TOGETHER]:
                pool.submit(one, name, folder, checks)
    finally:
        if os.environ.get("SYRINX_KEEP") == "1":
            print(f"kept: {folder}")
        else:
            shutil.rmtree(folder, ignore_errors=True)
    print(f"\n{checks.passed} passed, {checks.failed} failed, {time.monotonic() - begun:.0f} s")
    return 0 if checks.failed == 0 else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
