# SPDX-License-Identifier: Apache-2.0
"""Runs the load generator against a server and judges what it says."""
import json
import os
import statistics
import subprocess

from .servers import pinned

# What a server may not do, however slow the machine.
FAULTS = ("refused", "dropped", "garbled", "lost", "mismatched", "replies_missing", "wrong_length", "stray_frames")


class Load:
    def __init__(self, loadgen, core, server_core):
        self.loadgen, self.core, self.server_core = loadgen, core, server_core
        self.faults = []
        self.foreign_work = (0.0, "")  # the worst: percent, and what was being measured

    def run(self, server, mode, path, **options):
        """One measured run. A short small one goes before: what a server does once is not per session."""
        self.once(server, mode, path, sessions=8, seconds=4 if mode == "converse" else 1, ramp=0, warm=0)
        before = self.work(server)
        result = self.once(server, mode, path, pid=server.pid, **options)
        share = foreign_share(before, self.work(server))
        self.foreign_work = max(self.foreign_work, (share, f"{server.name}, {mode}"))
        return result

    def once(self, server, mode, path, **options):
        command = pinned(self.core) + [str(self.loadgen), mode, "--url", server.url(path), "--json"]
        for name, value in options.items():
            command += [f"--{name}", str(value)]
        process = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
        return self.judge(server, mode, process)

    def judge(self, server, mode, process):
        try:
            result = json.loads(process.stdout)
        except ValueError:
            self.faults.append(f"{server.name}, {mode}: no result (exit code {process.returncode})")
            return {}
        if process.returncode:
            found = [f"{name} {result[name]}" for name in FAULTS if result.get(name)]
            self.faults.append(f"{server.name}, {mode}: {', '.join(found) or 'nothing was cut by a barge-in'}")
        return result

    def work(self, server):
        """Ticks of the cores used: all there are, all that were busy, and those that were ours."""
        total, busy = core_ticks({self.core, self.server_core} - {None})
        children = os.times()
        ours = process_ticks(server.pid) + (children.children_user + children.children_system) * ticks_per_second()
        return total, busy, ours


def medians(results):
    numbers = {name for result in results for name, value in result.items() if isinstance(value, (int, float))}
    return {name: statistics.median(result[name] for result in results if name in result) for name in numbers}


def foreign_share(before, after):
    """The part of these cores' time, in percent, that went to others: the machine's owner or its neighbours."""
    total, busy, ours = (late - early for early, late in zip(before, after))
    return max(0.0, 100 * (busy - ours) / total) if total else 0.0


def core_ticks(cores):
    total = busy = 0
    with open("/proc/stat", encoding="ascii") as lines:
        for line in lines:
            name, *values = line.split()
            if name.startswith("cpu") and name[3:].isdigit() and int(name[3:]) in cores:
                # user nice system idle iowait irq softirq steal; the guests after that are counted in user.
                ticks = [int(value) for value in values[:8]]
                total += sum(ticks)
                busy += sum(ticks) - ticks[3] - ticks[4]
    return total, busy


def process_ticks(pid):
    with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as file:
        fields = file.read().rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])


def ticks_per_second():
    return os.sysconf("SC_CLK_TCK")
