# SPDX-License-Identifier: Apache-2.0
"""A network of its own: a server, callers, and then no network any more. Prints as JSON how many sessions there were and
for how many seconds they held places.  usage: unshare --net python vanished.py FOLDER CALLERS"""

import asyncio
import json
import os
import subprocess
import sys
import time

from websockets.asyncio.client import connect

from product import Server


def sessions(host):
    done = subprocess.run(
        [os.environ["SYRINX"], "status", "--json", "--server", str(host.folder / "admin.sock")],
        capture_output=True, text=True, timeout=30)
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads(done.stdout)["sessions"]["active"]


async def run(folder, callers):
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    host = Server(folder, f"limits: {{ max_sessions: {2 * callers}, load: {{ cpu: 0, loop_lag: 0s }} }}\n")
    await asyncio.to_thread(host.start)
    try:
        calls = []
        for _ in range(callers):
            calls.append(await connect(f"{host.url}/v1/talk?profile=echo", ping_interval=None, open_timeout=60))
        begun = await asyncio.to_thread(sessions, host)
        subprocess.run(["ip", "link", "set", "lo", "down"], check=True)
        start = looked = time.monotonic()
        held = 0
        while (left := await asyncio.to_thread(sessions, host)) and looked - start < 60:
            # When this look began somebody was still there.
            held = looked - start
            await asyncio.sleep(0.5)
            looked = time.monotonic()
        print(json.dumps({"begun": begun, "left": left, "seconds": held}), flush=True)
    finally:
        host.process.kill()
    os._exit(0)


asyncio.run(run(sys.argv[1], int(sys.argv[2])))
