# SPDX-License-Identifier: Apache-2.0
"""The table's rows: one aim each."""
from dataclasses import asdict, dataclass

# The mock profile's configured silence, and its minimum length of a barge-in.
CONFIGURED_MS = 200


@dataclass
class Row:
    key: str
    what: str
    unit: str
    value: float | None
    floor: float | None
    aim: str
    limit: float | None  # the aim as a number, for this run's floor
    at_least: bool = False

    @property
    def ratio(self):
        return self.value / self.floor if self.floor and self.value is not None else None

    @property
    def verdict(self):
        if self.value is None or self.limit is None:
            return "not run"
        return "pass" if (self.value >= self.limit if self.at_least else self.value <= self.limit) else "over"

    def as_json(self):
        return asdict(self) | {"what": self.what.strip(), "ratio": self.ratio, "verdict": self.verdict}


def echo_rows(result, floor, raw=None):
    sessions, cpu, memory = 500, floor.get("cpu_us_per_frame"), floor.get("kib_per_session")
    rows = [
        Row("echo.cpu", f"echo, {sessions} sessions: CPU per frame", "us", result.get("cpu_us_per_frame"), cpu,
            "<= 1.3 x floor", times(cpu, 1.3)),
        Row("echo.latency_p99", "  latency p99", "ms", result.get("latency_p99_ms"), floor.get("latency_p99_ms"),
            "<= 5", 5),
        Row("echo.memory", "  memory of a session", "KiB", result.get("kib_per_session"), memory, "<= floor + 64",
            plus(memory, 64)),
        Row("echo.threads", "  threads added by the sessions", "", threads_added(result), threads_added(floor), "0", 0),
    ]
    if raw:
        cpu = raw.get("cpu_us_per_frame")
        rows.insert(1, Row("echo.cpu_raw", "  the same beside a raw NIO handler", "us",
                           result.get("cpu_us_per_frame"), cpu, "<= 1.25 x floor", times(cpu, 1.25)))
    return rows


def churn_rows(result, floor):
    return [
        Row("churn.latency_p99", "churn, 50 starts and stops a second: latency p99", "ms",
            result.get("latency_p99_ms"), floor.get("latency_p99_ms"), "<= 5", 5),
        Row("churn.start_p99", "  start to first frame back p99", "ms", result.get("starting_p99_ms"),
            floor.get("starting_p99_ms"), "<= 5", 5),
    ]


def conversation_rows(result, sessions):
    response, stop = beyond(result, "response"), beyond(result, "stop")
    return [
        Row("talk.response_p50", f"conversation, {sessions} sessions: response p50", "ms", response("p50"), None,
            "<= 25", 25),
        Row("talk.response_p99", "  response p99", "ms", response("p99"), None, "<= 45", 45),
        Row("talk.stop_p50", "  barge-in stop p50", "ms", stop("p50"), None, "<= 25", 25),
        Row("talk.stop_p99", "  barge-in stop p99", "ms", stop("p99"), None, "<= 45", 45),
        Row("talk.late_p99", "  reply frames late p99", "ms", result.get("pace_late_p99_ms"), None, "<= 3", 3),
        Row("talk.memory", "  memory of a session", "KiB", result.get("kib_per_session"), None, "<= 200", 200),
    ]


def capacity_rows(result, floor, sessions):
    return [
        Row("talk.cpu", f"conversation, {sessions} sessions: CPU per frame", "us", result.get("cpu_us_per_frame"),
            floor.get("cpu_us_per_frame"), "<= 33.3", 1e6 / 600 / 50),
        Row("talk.sessions_per_core", "  sessions per core", "", result.get("sessions_per_core"),
            floor.get("sessions_per_core"), ">= 600", 600, at_least=True),
    ]


def plugin_rows(result, host):
    table, bare = result["table_ns"], result["bare_ns"]
    found = [Row("plugin.call", "plugin call through the table", "ns", table, bare, "<= floor + 5", bare + 5)]
    if host:
        floor = host["bare_ns"]
        found.append(Row("plugin.host_call", "  by the host, with its accounting", "ns", host["host_ns"], floor,
                         "<= floor + 5", floor + 5))
    return found


def bound_rows(result):
    bare = result["bare_ns"]
    return [
        Row("plugin.bound_call", "a frame through a bound library that does nothing", "ns", result["bound_ns"], bare,
            "<= floor + 50", bare + 50),
        Row("plugin.callback", "  its callback, compiled", "ns", result["trampoline_ns"], result["plain_callback_ns"],
            "<= 30", 30),
        Row("plugin.closure", "  its callback, a closure of libffi", "ns", result["closure_ns"],
            result["plain_callback_ns"], "<= 30", 30),
    ]


def times(floor, factor):
    return None if floor is None else floor * factor


def plus(floor, allowance):
    return None if floor is None else floor + allowance


def threads_added(result):
    return result["threads_end"] - result["threads_before"] if "threads_end" in result else None


def beyond(result, what):
    """Times of `what` beyond the configured ones; none when it never happened in the window."""
    happened = result.get(f"{what}_count")
    return lambda quantile: result[f"{what}_{quantile}_ms"] - CONFIGURED_MS if happened else None
