# SPDX-License-Identifier: Apache-2.0
"""Whether a header still keeps what a released one promised: IDENTICAL, ADDITIVE (only what docs/ABI.md allows to be
added), or BREAK. It is a list of what may change; all else is a break."""

IDENTICAL, ADDITIVE, BREAK = "IDENTICAL", "ADDITIVE", "BREAK"


class Findings:
    def __init__(self):
        self.breaks, self.additions = [], []

    def verdict(self):
        return BREAK if self.breaks else ADDITIVE if self.additions else IDENTICAL


def growable(struct):
    return any(field["name"] == "struct_size" for field in struct["fields"])


def compare(old, new):
    """Findings of `new` against the released `old`; both as layout.describe gives them."""
    found = Findings()
    if old["abi"][0] != new["abi"][0]:
        found.breaks.append(f"major {new['abi'][0]}: another major has another entry and another header")
    if old["entry"] != new["entry"]:
        found.breaks.append(f"syrinx_plugin_entry_1: is {new['entry']}, was {old['entry']}")
    compare_structs(old, new, found)
    compare_words(old["typedefs"], new["typedefs"], "typedef", found)
    compare_words(old["macros"], new["macros"], "macro", found)
    compare_words(constants(old), constants(new), "constant", found)
    check_collisions(old, new, found)
    return found


# ---------------------------------------------------------------------------------------------------------- structs


def embedded_structs(layout):
    """Structs that lie in another by value: if they grew, what follows them would move."""
    held = {}
    for name, struct in layout["structs"].items():
        held |= {f["embeds"]: f"{name}.{f['name']}" for f in struct["fields"] if "embeds" in f}
    return held


def compare_structs(old, new, found):
    held = embedded_structs(old)
    for name, struct in old["structs"].items():
        if name not in new["structs"]:
            found.breaks.append(f"{name}: is gone")
        else:
            compare_fields(name, struct, new["structs"][name], held, found)
    for name in old["opaque"]:
        if name not in new["opaque"] and name not in new["structs"]:
            found.breaks.append(f"{name}: is gone")
    for name in new["structs"]:
        if name not in old["structs"]:
            found.additions.append(f"{name}: new struct")
    for name, place in embedded_structs(new).items():
        if name in new["structs"] and growable(new["structs"][name]):
            found.breaks.append(f"{place}: holds {name} by value, which may grow; use a pointer")


def compare_fields(name, old, new, held, found):
    if old["kind"] != new["kind"]:
        found.breaks.append(f"{name}: is a {new['kind']}, was a {old['kind']}")
    if old["alignment"] != new["alignment"]:
        found.breaks.append(f"{name}: aligned to {new['alignment']}, was {old['alignment']}")
    kept = {field["name"]: field for field in new["fields"]}
    for field in old["fields"]:
        if field["name"] not in kept:
            found.breaks.append(f"{name}.{field['name']}: is gone")
        else:
            compare_field(f"{name}.{field['name']}", field, kept[field["name"]], found)
    known = {field["name"] for field in old["fields"]}
    added = [field for field in new["fields"] if field["name"] not in known]
    for field in added:
        judge_addition(name, field, old, held, found)
    if not added and old["size"] != new["size"]:
        found.breaks.append(f"{name}: {new['size']} bytes, was {old['size']}")


def compare_field(place, old, new, found):
    for key in ("offset", "size", "type"):
        if old[key] != new[key]:
            found.breaks.append(f"{place}: {key} is {new[key]}, was {old[key]}")


def judge_addition(name, field, old, held, found):
    place = f"{name}.{field['name']}"
    if not growable(old):
        found.breaks.append(f"{place}: added to a struct without struct_size, which is frozen for ever")
    elif name in held:
        found.breaks.append(f"{place}: {name} lies in {held[name]} by value and cannot grow")
    elif field["offset"] < old["size"]:
        # Also in its tail padding: a side that took sizeof for struct_size would be believed to have the field.
        found.breaks.append(f"{place}: at offset {field['offset']}, but new fields begin at {old['size']}, the end")
    else:
        found.additions.append(f"{place}: new field")


# ------------------------------------------------------------------------------------------------------------ words


def constants(layout):
    return {name: value for values in layout["enums"] for name, value in values.items()}


def compare_words(old, new, what, found):
    for name, value in old.items():
        if name not in new:
            found.breaks.append(f"{name}: this {what} is gone")
        elif new[name] != value:
            found.breaks.append(f"{name}: this {what} is {new[name]}, was {value}")
    found.additions += [f"{name}: new {what}" for name in new if name not in old]


def families(layout):
    """Constants that share a number space: those of one enum, and those of one prefix (SYX_EV_...)."""
    spaces = [set(values) for values in layout["enums"]]
    prefixes = {}
    for name in constants(layout):
        parts = name.split("_")
        if len(parts) > 2:
            prefixes.setdefault(parts[1], set()).add(name)
    return spaces + list(prefixes.values())


def check_collisions(old, new, found):
    """A new name for a number that has a meaning already; two names of 1.0 itself may share one."""
    values, known = constants(new), constants(old)
    clashes = set()
    for family in families(new):
        for name in family - set(known):
            clashes |= {(name, other) for other in family if other != name and values[other] == values[name]}
    for name, other in sorted(clashes):
        found.breaks.append(f"{name}: has the number {values[name]} of {other}")
