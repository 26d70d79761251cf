# SPDX-License-Identifier: Apache-2.0
"""Clients that are gone without a word: the network is, too."""

import json
import pathlib
import subprocess
import sys

import pytest

UNSHARE = ["unshare", "--user", "--map-root-user", "--net"]


def may_unshare():
    try:
        return subprocess.run([*UNSHARE, "ip", "link", "set", "lo", "up"], capture_output=True).returncode == 0
    except OSError:
        return False


@pytest.mark.skipif(not may_unshare(), reason="no network of its own: needs unshare and ip, and the right to use them")
def test_five_hundred_vanished_clients_leave_their_places_free(tmp_path):
    script = pathlib.Path(__file__).parent / "vanished.py"
    done = subprocess.run(
        [*UNSHARE, sys.executable, str(script), str(tmp_path), "500"], capture_output=True, text=True, timeout=170)
    assert done.returncode == 0, done.stdout + done.stderr
    result = json.loads(done.stdout)
    assert result["begun"] == 500
    assert result["left"] == 0
    # It is let go 25 s after its last sign.
    assert 10 < result["seconds"] < 30
