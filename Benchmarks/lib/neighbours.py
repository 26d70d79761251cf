# SPDX-License-Identifier: Apache-2.0
"""What else ran on the machine while something was measured."""
import os
import sys

from .loads import core_ticks, foreign_share, process_ticks, ticks_per_second
from .numbers import load_average

# Percent of the cores. Above it the times say more about the neighbours than about the server.
LIMIT = 5


class Neighbours:
    """`with neighbours.during("what", pids):` notes the worst share of the cores that others had."""

    def __init__(self):
        self.cores = set(os.sched_getaffinity(0))
        self.load_before = load_average()
        self.worst = (0.0, "")

    def during(self, what, pids):
        return _Watch(self, what, pids)

    def work(self, pids):
        total, busy = core_ticks(self.cores)
        times = os.times()
        ours = (times.user + times.system + times.children_user + times.children_system) * ticks_per_second()
        return total, busy, ours + sum(process_ticks(pid) for pid in pids)

    def as_json(self):
        return {"foreign_work_percent": round(self.worst[0], 1), "load_average_before": round(self.load_before, 2),
                "load_average_after": round(load_average(), 2), "cores": len(self.cores)}

    def text(self):
        share, what = self.worst
        line = (f"\nLoad average {self.load_before:.2f} before, {load_average():.2f} after; other work took at most "
                f"{share:.0f} % of {len(self.cores)} cores.")
        return line + (f" The machine was not quiet ({what}): run again." if share > LIMIT else "")


class _Watch:
    def __init__(self, neighbours, what, pids):
        self.neighbours, self.what, self.pids = neighbours, what, pids

    def __enter__(self):
        print(f"… {self.what}", file=sys.stderr, flush=True)
        self.before = self.neighbours.work(self.pids)

    def __exit__(self, kind, *_):
        if kind is None:
            share = foreign_share(self.before, self.neighbours.work(self.pids))
            self.neighbours.worst = max(self.neighbours.worst, (share, self.what))
