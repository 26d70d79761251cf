# SPDX-License-Identifier: Apache-2.0
"""Plugins and hosts of different minors, together: every plugin below is built against every released header, the
present one and the one that could follow, and runs under a host of each of these.

usage: matrix.py [SYRINX]    with the path of a built `syrinx`, that loads the plugins too"""
import json
import pathlib
import subprocess
import sys
import tempfile

import compare
import following
import gate
import layout

SDK = gate.ROOT / "plugin-sdk"
# A table that is filled in by position leaves what was appended empty, as it shall.
WARNINGS = ["-Wall", "-Wextra", "-Wno-missing-field-initializers", "-Werror"]
SHARED = ["-shared", "-fPIC", "-fvisibility=hidden"]
# Folder of the sources, the id to run, the kind that a manifest would name.
PLUGINS = {
    "my-vad": (SDK / "c/template", "my-vad"),
    "energy-vad": (gate.ROOT / "Plugins/energy-vad", "energy"),
    "chaos": (gate.ROOT / "Plugins/chaos", "chaos"),
}


def run(command):
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True)
    return done.returncode, (done.stdout + done.stderr).strip()


def compile_(output, sources, header, *options):
    command = ["gcc", "-O1", "-g", "-std=c11", "-D_GNU_SOURCE", *WARNINGS, "-I", header.parent, "-I", SDK / "c"]
    status, text = run([*command, *options, "-o", output, *sorted(sources), "-lm", "-ldl", "-pthread"])
    if status != 0:
        raise SystemExit(f"matrix: {output.name} does not compile against {header}:\n{text}")
    return output


def headers(folder):
    """Name -> header, oldest first. The present one is left out while it is the newest release."""
    found = {minor: gate.frozen(minor) for minor in gate.released()}
    present = gate.HEADER.read_text()
    if compare.compare(gate.golden(gate.released()[-1]), layout.describe(present)).additions:
        found["present"] = gate.HEADER
    place = folder / "next" / "syrinx_plugin.h"
    place.parent.mkdir()
    place.write_text(following.header(present))
    found["next"] = place
    return found


def sizes(header):
    """syx_core=128 ...: up to the end of the last field, as SYX_SIZEOF counts."""
    structs = layout.describe(header.read_text())["structs"]
    return [f"{name}={s['fields'][-1]['offset'] + s['fields'][-1]['size']}" for name, s in structs.items()]


class Matrix:
    def __init__(self, folder):
        self.folder, self.headers, self.failures, self.runs = folder, headers(folder), [], 0
        self.drivers, self.sizes, self.modules, self.careless = {}, {}, [], None

    def build(self):
        here = pathlib.Path(__file__).parent
        for name, header in self.headers.items():
            next_ = ["-DNEXT"] if name == "next" else []
            self.drivers[name] = compile_(self.folder / f"driver-{name}", [here / "driver.c"], header, *next_)
            self.sizes[name] = sizes(header)
            for plugin, (sources, provider) in PLUGINS.items():
                self.add(name, plugin, provider, sources.glob("*.c"))
        self.add("next", "newer", "newer", [here / "newer.c"])
        # The same without a look at struct_size: hosts that lack the fields have to notice, or this proves nothing.
        careless = self.folder / "careless.c"
        careless.write_text((here / "newer.c").read_text().replace("SYX_HAS(", "BELIEVE("))
        options = [*SHARED, "-DBELIEVE(p,t,f)=1"]
        self.careless = compile_(self.folder / "careless.so", [careless], self.headers["next"], *options)

    def add(self, minor, plugin, provider, sources):
        place = self.folder / minor / "plugins" / plugin
        place.mkdir(parents=True)
        binary = compile_(place / "plugin.so", sources, self.headers[minor], *SHARED)
        self.modules.append((minor, plugin, provider, binary))

    def judge(self, minor, plugin, host, ok, text):
        self.runs += 1
        if not ok:
            self.failures.append(f"{plugin} of {minor} under a host of {host}: {text or 'ended by a signal'}")

    def drive(self):
        for minor, plugin, provider, binary in self.modules:
            for host, driver in self.drivers.items():
                status, text = run([driver, binary, provider, *self.sizes[host]])
                self.judge(minor, plugin, host, status == 0 and self.hints_fit(plugin, host, text), text)

        for host, driver in self.drivers.items():
            status, _ = run([driver, self.careless, "newer", *self.sizes[host]])
            self.judge("next", "the careless plugin", host, (status == 0) == (host == "next"), f"ended with {status}")

    @staticmethod
    def hints_fit(plugin, host, text):
        """The newer plugin calls the newer function exactly where its host has it."""
        return text.endswith("hints=%d" % (plugin == "newer" and host == "next"))

    def load(self, syrinx):
        """The real host reads the tables of every minor."""
        for minor, plugin, provider, binary in self.modules:
            place = binary.parent
            write_manifest(place, plugin, provider)
            status, text = run([syrinx, "plugin", "inspect", place, "--json"])
            self.judge(minor, plugin, "syrinx", status == 0 and f'"{provider}"' in text.replace(" ", ""), text)


def write_manifest(place, plugin, provider):
    manifest = {"id": plugin, "version": "1.0.0", "abi": "1.0", "entry": "plugin.so"}
    manifest["provides"] = [{"kind": "vad", "id": provider}]
    if plugin in PLUGINS:
        manifest = json.loads((PLUGINS[plugin][0] / "plugin.json").read_text())
    (place / "plugin.json").write_text(json.dumps(manifest))


def main():
    with tempfile.TemporaryDirectory() as folder:
        matrix = Matrix(pathlib.Path(folder))
        matrix.build()
        matrix.drive()
        if len(sys.argv) > 1:
            matrix.load(sys.argv[1])
        for text in matrix.failures:
            print(f"matrix: {text}")
        minors = ", ".join(matrix.headers)
        print(f"matrix: {matrix.runs} pairs of {minors}, {len(matrix.failures)} do not work together")
        return 1 if matrix.failures else 0


if __name__ == "__main__":
    sys.exit(main())
