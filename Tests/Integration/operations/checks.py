# SPDX-License-Identifier: Apache-2.0
"""Named checks: each prints one line, and what went wrong under it."""

import contextlib
import os
import time
import traceback

LONG = os.environ.get("SYRINX_LONG") == "1"


class Checks:
    def __init__(self):
        self.passed = 0
        self.failed = 0

    @contextlib.contextmanager
    def check(self, what):
        """One promise. What its body appends to the list that it is given is printed beside the name."""
        notes = []
        try:
            yield notes
        except Exception as error:
            self.failed += 1
            print(f"FAIL  {what}{self._notes(notes)}", flush=True)
            frames = traceback.extract_tb(error.__traceback__)
            place = next((f for f in reversed(frames) if os.path.dirname(__file__) in f.filename), frames[-1])
            line = f"{os.path.basename(place.filename)}:{place.lineno}: {place.line}"
            text = str(error) or type(error).__name__
            for part in [line] + text.splitlines()[-20:]:
                print(f"      {part}")
        else:
            self.passed += 1
            print(f"ok    {what}{self._notes(notes)}", flush=True)

    @staticmethod
    def _notes(notes):
        return f" ({'; '.join(notes)})" if notes else ""


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
