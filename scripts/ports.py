# SPDX-License-Identifier: Apache-2.0
"""Ports for the servers of tests and benchmarks."""

import random
import socket

_reserved = []


def _lowest_of_connections():
    with open("/proc/sys/net/ipv4/ip_local_port_range", encoding="ascii") as file:
        return int(file.read().split()[0])


def free_port():
    """A port of 127.0.0.1 that nobody else asks for here while this process lives. The system gives none like it to a
    connection or to whoever asks for any, so it stays free until its server comes, and while that starts again."""
    top = max(_lowest_of_connections(), 20_000)
    while True:
        port = random.SystemRandom().randrange(top - 8_000, top)
        reservation = socket.socket(socket.AF_UNIX)
        try:
            # A name without a file: it is gone with the process.
            reservation.bind(f"\0syrinx-port-{port}")
            with socket.socket() as probe:
                probe.bind(("127.0.0.1", port))
        except OSError:
            reservation.close()
            continue
        _reserved.append(reservation)
        return port
