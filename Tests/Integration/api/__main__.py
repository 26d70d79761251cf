# SPDX-License-Identifier: Apache-2.0
"""usage: python3 Tests/Integration/api DIST FOLDER [generate]

Starts DIST/bin/syrinx with two tenants and tries every route with every bad credential; with `generate` holds answers
to generated requests, the socket and the export against /openapi.json and /asyncapi.json, too. That part needs
schemathesis beside this Python; the rest needs nothing.
"""
import os
import pathlib
import subprocess
import sys
import time

from matrix import Matrix, idempotency
from server import Company, Server, talk_once

SEED = os.environ.get("SYRINX_SEED", "20261128")
PROGRAMS = pathlib.Path(sys.executable).parent


def properties(folder, rules, key, url):
    """Exit code of schemathesis."""
    config = folder / rules
    config.write_text((pathlib.Path(__file__).parent / rules).read_text().replace("KEY", key))
    long = os.environ.get("SYRINX_LONG") == "1"
    command = [PROGRAMS / "schemathesis", "--config-file", config, "run", url + "/openapi.json",
               "--seed", SEED, "--max-examples", "200" if long else "12", "--workers", "1",
               "--request-timeout", "20", "--continue-on-failure"]
    if long:
        command += ["--max-time", "600"]
    return subprocess.run(command, cwd=folder).returncode


def verdict(what, faults, began):
    print(f"{'FAIL ' if faults else 'ok   '} {what} ({time.monotonic() - began:.1f} s)", flush=True)
    for fault in faults[:40]:
        print("      " + str(fault))
    return not faults


def generated(server, folder):
    import shapes

    fine = verdict("the socket is as described", shapes.socket(server), time.monotonic())
    fine &= verdict("the Realtime socket is as described", shapes.realtime(server), time.monotonic())
    fine &= verdict("the export is as described", shapes.export(server), time.monotonic())
    keys = server.keys
    fine &= described(server, folder, "the tenants' API", "schemathesis.toml", keys["all"], server.url)
    return described(server, folder, "the operator's API", "operator.toml", keys["operator"], server.admin_url) and fine


def described(server, folder, what, rules, key, url):
    """The document is OpenAPI, and answers to generated requests are as it says."""
    began = time.monotonic()
    document = folder / "openapi.json"
    document.write_bytes(server.ask("GET", "/openapi.json", key, url=url).body)
    code = subprocess.run([sys.executable, "-m", "openapi_spec_validator", document]).returncode
    fine = verdict(f"{what}: the document is OpenAPI", [f"exit code {code}"] if code else [], began)
    began = time.monotonic()
    code = properties(folder, rules, key, url)
    return verdict(f"{what}: answers are as described", [f"exit code {code}"] if code else [], began) and fine


def main(dist, folder, generate=None):
    folder = pathlib.Path(folder)
    server, fine = Server(dist, folder), True
    try:
        talk_once(server, "foreign", "eve")
        records = [talk_once(server, "all", "ada") for _ in range(3)]
        company = Company(server, "all", 3)
        company.start()
        began = time.monotonic()
        matrix = Matrix(server, company.calls[0].session, records[0])
        faults = matrix.run()
        fine &= verdict(f"{matrix.cells} requests with credentials that do not open the route", faults, began)
        fine &= verdict("idempotency keys", idempotency(server), time.monotonic())
        if generate:
            fine &= generated(server, folder)
        company.leave()
        fine &= verdict("the server lives", [] if server.process.poll() is None else ["it does not"], time.monotonic())
    finally:
        code = server.stop()
    for line in server.log.read_text().splitlines():
        if "server.internal" in line or "Fatal error" in line:
            fine = verdict("the log is clean", [line], time.monotonic())
    print(f"      the server ended with {code}")
    return 0 if fine else 1


sys.exit(main(*sys.argv[1:]))
