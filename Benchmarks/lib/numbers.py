# SPDX-License-Identifier: Apache-2.0
"""Quantiles, and how busy the machine was."""
import os


def quantile(values, q):
    """The value that the fraction q of all does not exceed; None of nothing."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, max(0, -(-int(q * 1000) * len(ordered) // 1000) - 1))] if ordered else None


def quantiles(name, seconds):
    """NAME_p50_ms, _p95_, _p99_, _max_ and NAME_count."""
    ms = {f"{name}_{label}_ms": quantile(seconds, q)
          for label, q in (("p50", 0.5), ("p95", 0.95), ("p99", 0.99), ("max", 1.0))}
    return {**{key: value and value * 1e3 for key, value in ms.items()}, f"{name}_count": len(seconds)}


def load_average():
    """Of the last minute: about how many threads wanted a core."""
    return os.getloadavg()[0]
