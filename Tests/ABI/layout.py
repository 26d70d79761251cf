# SPDX-License-Identifier: Apache-2.0
"""What a version of the plugin header lays down, as plain data: every struct with the offset, size and type of each
field, every constant, typedef, macro and the entry's signature. Read from the compiler's own debug information."""
import pathlib
import re
import subprocess
import tempfile

ANCHOR = '#include "syrinx_plugin.h"\n__typeof__(syrinx_plugin_entry_1) *syx_entry_anchor;\n'
COMPILE = ["-std=c99", "-g", "-fno-eliminate-unused-debug-types"]
# The guard and what only tells compilers how to link or check is no part of the contract.
NO_CONTRACT = {"SYX_EXPORT", "SYX_SENDABLE"}

DIE = re.compile(r"^\s*<(\d+)><([0-9a-f]+)>: Abbrev Number: \d+ \(DW_TAG_(\w+)\)")
ATTRIBUTE = re.compile(r"^\s*<[0-9a-f]+>\s+DW_AT_(\w+)\s*: (.*)$")
STRING = re.compile(r"^\(.*offset: 0x[0-9a-f]+\): (.*)$")


class DoesNotCompile(Exception):
    """The header is no C99 any more, or the entry is gone."""


class Node:
    """A debugging information entry."""

    def __init__(self, tag):
        self.tag, self.attributes, self.children = tag, {}, []

    def text(self, name):
        value = self.attributes.get(name, "").strip()
        match = STRING.match(value)
        return match.group(1).strip() if match else value

    def number(self, name, default=0):
        value = self.attributes.get(name, "").split()
        return int(value[0], 0) if value else default

    def reference(self):
        match = re.search(r"<0x([0-9a-f]+)>", self.attributes.get("type", ""))
        return int(match.group(1), 16) if match else None


def parse(dump):
    """readelf's listing -> {offset: Node}, the root's children in order."""
    nodes, path = {}, []
    for line in dump.splitlines():
        match = DIE.match(line)
        if match:
            depth, node = int(match.group(1)), Node(match.group(3))
            nodes[int(match.group(2), 16)] = node
            del path[depth:]
            if path:
                path[-1].children.append(node)
            path.append(node)
            continue
        match = ATTRIBUTE.match(line)
        if match and path:
            path[-1].attributes[match.group(1)] = match.group(2)
    return nodes


class Types:
    """Spells types as C does."""

    def __init__(self, nodes):
        self.nodes = nodes

    def spell(self, reference):
        if reference is None:
            return "void"
        node = self.nodes[reference]
        if node.tag in ("base_type", "typedef"):
            return node.text("name")
        if node.tag in ("structure_type", "union_type"):
            return ("struct " if node.tag == "structure_type" else "union ") + (node.text("name") or "(unnamed)")
        if node.tag == "enumeration_type":
            return "enum " + (node.text("name") or "(unnamed)")
        if node.tag == "pointer_type":
            return self.pointer(node)
        if node.tag in ("const_type", "volatile_type", "atomic_type", "restrict_type"):
            return self.qualified(node)
        if node.tag == "array_type":
            bounds = "".join("[%d]" % (child.number("upper_bound", -1) + 1) for child in node.children)
            return self.spell(node.reference()) + bounds
        if node.tag == "subroutine_type":
            return self.function(node, "")
        raise ValueError(f"a type of the kind {node.tag} has no place in the ABI")

    def pointer(self, node):
        target = self.nodes.get(node.reference())
        if target is not None and target.tag == "subroutine_type":
            return self.function(target, "(*)")
        return self.spell(node.reference()) + " *"

    def qualified(self, node):
        word, target = node.tag.removesuffix("_type"), self.nodes.get(node.reference())
        spelled = self.spell(node.reference())
        after = target is not None and target.tag == "pointer_type"
        return f"{spelled} {word}" if after else f"{word} {spelled}"

    def function(self, node, name):
        arguments = [self.spell(c.reference()) for c in node.children if c.tag == "formal_parameter"]
        if any(c.tag == "unspecified_parameters" for c in node.children):
            arguments.append("...")
        return f"{self.spell(node.reference())} {name}({', '.join(arguments) or 'void'})"

    def size(self, reference):
        node = self.nodes[reference]
        if node.tag == "pointer_type":
            return 8
        if node.tag == "array_type":
            size = self.size(node.reference())
            for child in node.children:
                size *= child.number("upper_bound", -1) + 1
            return size
        return node.number("byte_size") if "byte_size" in node.attributes else self.size(node.reference())

    def embedded(self, reference):
        """The name of the struct that a field holds by value, through arrays, const and typedefs."""
        node = self.nodes.get(reference)
        while node is not None and node.tag in ("array_type", "const_type", "volatile_type", "typedef"):
            if node.tag == "typedef" and node.text("name").startswith("syx_"):
                target = self.nodes.get(node.reference())
                return node.text("name") if target is not None and target.tag == "structure_type" else None
            node = self.nodes.get(node.reference())
        return node.text("name") or None if node is not None and node.tag == "structure_type" else None

    def field(self, node):
        field = {
            "name": node.text("name"), "offset": node.number("data_member_location"),
            "size": self.size(node.reference()), "type": self.spell(node.reference()),
        }
        if "bit_size" in node.attributes:
            field["type"] += f" : {node.number('bit_size')} at {node.number('data_bit_offset')}"
        inside = self.embedded(node.reference())
        if inside:
            field["embeds"] = inside
        return field


def collect(nodes):
    types = Types(nodes)
    layout = {"structs": {}, "opaque": [], "typedefs": {}, "enums": [], "entry": None}
    for node in nodes.values():
        name = node.text("name")
        if node.tag == "enumeration_type":
            values = {c.text("name"): c.number("const_value") for c in node.children if c.tag == "enumerator"}
            if any(key.startswith("SYX_") for key in values):
                layout["enums"].append(values)
        elif node.tag == "variable" and name == "syx_entry_anchor":
            layout["entry"] = types.spell(node.reference())
        elif node.tag in ("structure_type", "union_type") and name.startswith("syx_"):
            add_struct(layout, types, name, node)
        elif node.tag == "typedef" and name.startswith("syx_"):
            target = nodes.get(node.reference())
            if target is not None and target.tag == "structure_type" and not target.text("name"):
                add_struct(layout, types, name, target)
            else:
                layout["typedefs"][name] = types.spell(node.reference())
    layout["opaque"].sort()
    layout["enums"].sort(key=lambda values: sorted(values))
    for key in ("structs", "typedefs"):
        layout[key] = dict(sorted(layout[key].items()))
    return layout


def add_struct(layout, types, name, node):
    if "declaration" in node.attributes:
        layout["opaque"].append(name)
        return
    fields = [types.field(c) for c in node.children if c.tag == "member"]
    layout["structs"][name] = {
        "kind": node.tag.removesuffix("_type"), "tagged": bool(node.text("name")), "size": node.number("byte_size"),
        "fields": fields,
    }


def run(command):
    done = subprocess.run(command, capture_output=True, text=True, env={"PATH": "/usr/bin:/bin", "LC_ALL": "C"})
    if done.returncode != 0:
        raise DoesNotCompile((done.stderr.strip().splitlines() or ["no reason given"])[0])
    return done.stdout


def macros(folder, source):
    found = {}
    for line in run(["gcc", "-std=c99", "-dM", "-E", "-I", folder, source]).splitlines():
        match = re.match(r"#define (SYX_\w+)(\([^)]*\))?\s*(.*)$", line)
        if match and match.group(1) not in NO_CONTRACT:
            found[match.group(1) + (match.group(2) or "")] = match.group(3).strip()
    return dict(sorted(found.items()))


def alignments(folder, structs):
    """What no debug information tells: each type's alignment, as the size of an array in an object file."""
    source, binary = pathlib.Path(folder) / "align.c", pathlib.Path(folder) / "align.o"
    words = {"structure": "struct ", "union": "union "}
    lines = []
    for name, struct in structs.items():
        lines.append(f"char align_of_{name}[__alignof__({words[struct['kind']] if struct['tagged'] else ''}{name})];")
    source.write_text('#include "syrinx_plugin.h"\n' + "\n".join(lines) + "\n")
    run(["gcc", "-std=c99", "-fno-common", "-I", folder, "-c", str(source), "-o", str(binary)])
    listed = re.findall(r"^\S+ (\S+) \S align_of_(\w+)$", run(["nm", "-S", str(binary)]), re.MULTILINE)
    return {name: int(size, 16) for size, name in listed}


def describe(header):
    """The layout of a header, given as text. Raises DoesNotCompile."""
    with tempfile.TemporaryDirectory() as folder:
        place = pathlib.Path(folder)
        (place / "syrinx_plugin.h").write_text(header)
        source, binary = place / "anchor.c", place / "anchor.o"
        source.write_text(ANCHOR)
        run(["gcc", *COMPILE, "-I", folder, "-c", str(source), "-o", str(binary)])
        layout = collect(parse(run(["readelf", "--debug-dump=info", str(binary)])))
        layout["macros"] = macros(folder, str(source))
        for name, alignment in alignments(folder, layout["structs"]).items():
            layout["structs"][name]["alignment"] = alignment
    layout["abi"] = [int(layout["macros"].pop("SYX_ABI_MAJOR", 0)), int(layout["macros"].pop("SYX_ABI_MINOR", 0))]
    return layout
