# SPDX-License-Identifier: Apache-2.0
"""The header of the minor that could follow: the newest, with a field more at the end of every struct that a call
carries. Without it nothing could be said about plugins and hosts of different minors before there are several."""
import re

ADDITIONS = {
    "syx_err": "uint64_t cause;",
    "syx_frame": "double loudness;",
    "syx_event": "int64_t i2;",
    "syx_core": "void (*hint)(syx_hsession, uint32_t);",
    "syx_provider_params": "uint64_t hints;",
    "syx_session_params": "uint64_t hints;",
    "syx_result": "uint64_t extra;",
    "syx_plugin_vt": "void (*warm)(syx_provider *);",
    "syx_plugin_desc": "const char *home;",
    "syx_module": "const char *home;",
}


def header(newest):
    """The text of the following minor's header."""
    for name, field in ADDITIONS.items():
        newest, count = re.subn(rf"^\}} {name};$", f"    {field}\n}} {name};", newest, flags=re.MULTILINE)
        assert count == 1, name
    raised = lambda match: f"{match.group(1)}{int(match.group(2)) + 1}"
    return re.sub(r"(#define SYX_ABI_MINOR )(\d+)", raised, newest, count=1)
