# SPDX-License-Identifier: Apache-2.0
"""Named checks: each prints one line, and what went wrong under it."""

import contextlib
import os
import threading
import time
import traceback

LONG = os.environ.get("SYRINX_LONG") == "1"


class Checks:
    def __init__(self):
        self.passed = 0
        self.failed = 0
        self.lock = threading.Lock()

    @contextlib.contextmanager
    def check(self, what):
        """One promise. What its body appends to the list that it is given is printed beside the name."""
        notes = []
        try:
            yield notes
        except Exception as error:
            frames = traceback.extract_tb(error.__traceback__)
            place = next((f for f in reversed(frames) if os.path.dirname(__file__) in f.filename), frames[-1])
            line = f"{os.path.basename(place.filename)}:{place.lineno}: {place.line}"
            text = str(error) or type(error).__name__
            self._report(False, what, notes, [line] + text.splitlines()[-20:])
        else:
            self._report(True, what, notes, [])

    def _report(self, is_good, what, notes, details):
        """In one piece: parts may run beside one another."""
        beside = f" ({'; '.join(notes)})" if notes else ""
        lines = [("ok    " if is_good else "FAIL  ") + what + beside] + [f"      {detail}" for detail in details]
        with self.lock:
            self.passed += is_good
            self.failed += not is_good
            print("\n".join(lines), flush=True)


def same(found, wanted, what="value"):
    if found != wanted:
        raise AssertionError(f"{what} is {found!r}, not {wanted!r}")


def within(seconds, condition, what="it"):
    """Waits until the condition's value is true, and returns that."""
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"{what} did not come within {seconds} s")
        time.sleep(0.05)


def percentile(values, share):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]
