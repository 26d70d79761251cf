# SPDX-License-Identifier: Apache-2.0
"""Changes to the header of each kind that has broken somebody's plugins, and of each kind that may be made. The gate
has to tell them apart: one that is classified wrongly is a hole in it."""
import sys

import compare
import gate
import layout

SAME, MORE, BREAK = compare.IDENTICAL, compare.ADDITIVE, compare.BREAK

# What is changed, the text in the header, what stands there instead, the verdict.
MUTATIONS = [
    ("nothing", "", "", SAME),
    ("a comment", "/* An audio format.", "/* The audio format.", SAME),
    ("a parameter gets a name", "void (*SYX_SENDABLE close)(syx_provider *);",
     "void (*SYX_SENDABLE close)(syx_provider *provider);", SAME),
    ("an unsigned number spelled otherwise", "0x31585953", "0x31585953 ", SAME),

    ("a field at the end",
     "    int64_t pts;\n} syx_result;", "    int64_t pts;\n    uint64_t extra;\n} syx_result;", MORE),
    ("two fields at the end",
     "    int64_t pts;\n} syx_result;", "    int64_t pts;\n    float a, b;\n} syx_result;", MORE),
    ("a host function at the end", "uint64_t cookie);\n} syx_core;",
     "uint64_t cookie);\n    void (*SYX_SENDABLE yield)(syx_hsession);\n} syx_core;", MORE),
    ("a plugin function at the end", "const char *id);\n} syx_plugin_vt;",
     "const char *id);\n    void (*SYX_SENDABLE warm)(syx_provider *);\n} syx_plugin_vt;", MORE),
    ("a field at the end of the module", "(*SYX_SENDABLE deinit)(void);\n} syx_module;",
     "(*SYX_SENDABLE deinit)(void);\n    const char *home;\n} syx_module;", MORE),
    ("an event type", "    SYX_EV_PEER = 146", "    SYX_EV_NEW = 147,\n    SYX_EV_PEER = 146", MORE),
    ("a status", "    SYX_ENOMEM = -13", "    SYX_ENOMEM = -13,\n    SYX_EBUSY = -14", MORE),
    ("a kind", "    SYX_FILTER = 9", "    SYX_FILTER = 9,\n    SYX_MIXER = 10", MORE),
    ("a flag in an enum of its own", "enum { SYX_DONE_HANGUP = 1 };",
     "enum { SYX_DONE_HANGUP = 1 };\nenum { SYX_MARK_LAST = 1 };", MORE),
    ("a struct", "enum { SYX_DONE_HANGUP = 1 };",
     "enum { SYX_DONE_HANGUP = 1 };\ntypedef struct syx_new { uint32_t struct_size, a; } syx_new;", MORE),
    ("a service", '#define SYX_SERVICE_AUDIO_1 "syrinx.audio/1"',
     '#define SYX_SERVICE_AUDIO_1 "syrinx.audio/1"\n#define SYX_SERVICE_HTTP_1 "syrinx.http/1"', MORE),

    ("a field in the middle",
     "    uint32_t samples; /* per", "    uint32_t gain;\n    uint32_t samples; /* per", BREAK),
    ("a function in the middle", "    /* [ctl] Ends it; no session is left. */",
     "    void (*SYX_SENDABLE warm)(syx_provider *);", BREAK),
    ("a field before struct_size",
     "typedef struct syx_result {\n", "typedef struct syx_result {\n    uint64_t id;\n", BREAK),
    ("two fields change places",
     "    float probability; /* vad: of speech; turn: of the turn's end; 0...1 */\n    float level_dbfs;",
     "    float level_dbfs;\n    float probability;", BREAK),
    ("two functions change places",
     "    void (*SYX_SENDABLE buf_retain)(syx_buf *);\n    void (*SYX_SENDABLE buf_release)(syx_buf *);",
     "    void (*SYX_SENDABLE buf_release)(syx_buf *);\n    void (*SYX_SENDABLE buf_retain)(syx_buf *);", BREAK),
    ("a wider type",
     "    uint16_t type;\n    uint32_t flags, stream;", "    uint32_t type;\n    uint32_t flags, stream;", BREAK),
    ("another type of the same size", "    double f0;", "    int64_t f0;", BREAK),
    ("signedness", "    uint32_t flags, retry_after_ms;", "    int32_t flags, retry_after_ms;", BREAK),
    ("signedness behind a typedef", "typedef uint32_t syx_kind;", "typedef int32_t syx_kind;", BREAK),
    ("a typedef's width", "typedef uint64_t syx_hsession;", "typedef uint32_t syx_hsession;", BREAK),
    ("const dropped", "    const char *build_info;", "    char *build_info;", BREAK),
    ("a field renamed", "    float level_dbfs;", "    float level;", BREAK),
    ("a function renamed", "(*SYX_SENDABLE now_ns)", "(*SYX_SENDABLE now)", BREAK),
    ("a field removed from the end", "    uint32_t deadline_ms;\n", "", BREAK),
    ("a field removed from the middle",
     "    const char *name, *vendor, *license;", "    const char *name, *vendor;", BREAK),
    ("a struct removed",
     "typedef struct SYX_SENDABLE syx_audio_v1 {", "typedef struct SYX_SENDABLE syx_audio {", BREAK),
    ("an array made longer", "    char msg[232];", "    char msg[488];", BREAK),
    ("a constant's number", "    SYX_ESTALE = -8,", "    SYX_ESTALE = -18,", BREAK),
    ("a constant in the middle of a counted list",
     "SYX_LOG_DEBUG, SYX_LOG_INFO", "SYX_LOG_DEBUG, SYX_LOG_FINE, SYX_LOG_INFO", BREAK),
    ("a constant removed", "    SYX_EV_MARK = 137, ", "    ", BREAK),
    ("a new event with a number that is taken",
     "    SYX_EV_PEER = 146", "    SYX_EV_NEW = 138,\n    SYX_EV_PEER = 146", BREAK),
    ("the same in another enum", "enum { SYX_DONE_HANGUP = 1 };",
     "enum { SYX_DONE_HANGUP = 1 };\nenum { SYX_EV_NEW = 138 };", BREAK),
    ("a field behind a struct that is frozen",
     "    size_t len;\n} syx_str;", "    size_t len;\n    size_t capacity;\n} syx_str;", BREAK),
    ("a field behind an audio format", "    uint32_t format, rate, channels, samples;\n} syx_format;",
     "    uint32_t format, rate, channels, samples, layout;\n} syx_format;", BREAK),
    ("a parameter's type",
     "int64_t (*SYX_SENDABLE now_ns)(syx_hprovider);", "int64_t (*SYX_SENDABLE now_ns)(syx_provider *);", BREAK),
    ("one more parameter", "void (*SYX_SENDABLE cancel)(syx_session *, uint64_t generation);",
     "void (*SYX_SENDABLE cancel)(syx_session *, uint64_t generation, uint32_t why);", BREAK),
    ("one parameter less",
     "(syx_hsession, uint32_t delay_ms, uint64_t cookie);", "(syx_hsession, uint32_t delay_ms);", BREAK),
    ("what a function returns",
     "    void (*SYX_SENDABLE reset)(syx_session *);", "    syx_status (*SYX_SENDABLE reset)(syx_session *);", BREAK),
    ("a callback's signature",
     "void (*SYX_SENDABLE fn)(void *), void *arg", "void (*SYX_SENDABLE fn)(void *, uint64_t), void *arg", BREAK),
    ("a growable struct held by value", "    const syx_frame *audio;\n} syx_event;",
     "    const syx_frame *audio;\n    syx_frame frame;\n} syx_event;", BREAK),
    ("a struct's alignment", "typedef struct syx_session_params {",
     "typedef struct __attribute__((packed, aligned(2))) syx_session_params {", BREAK),
    ("a struct made a union", "typedef struct syx_result {", "typedef union syx_result {", BREAK),
    ("the magic", "0x31585953", "0x32585953", BREAK),
    ("how sizes are counted", "(offsetof(T, last) + sizeof(((T *)0)->last))", "sizeof(T)", BREAK),
    ("a service's id", '#define SYX_SERVICE_AUDIO_1 "syrinx.audio/1"', '#define SYX_SERVICE_AUDIO_1 "syrinx.audio/2"',
     BREAK),
    ("the entry's name", "syrinx_plugin_entry_1(void);", "syrinx_plugin_entry(void);", BREAK),
    ("the entry's parameters", "syrinx_plugin_entry_1(void);", "syrinx_plugin_entry_1(uint32_t major);", BREAK),
    ("the major", "#define SYX_ABI_MAJOR 1", "#define SYX_ABI_MAJOR 2", BREAK),
    ("C99 given up", "    int64_t i0, i1;", "    int64_t i0, i1, ;", BREAK),
]

# A growable struct with a hole at its end, which no struct of 1.0 has.
PADDED = ("    int64_t pts;\n} syx_result;", "    int64_t pts;\n    uint32_t hole;\n} syx_result;")
FILLED = ("    int64_t pts;\n} syx_result;", "    int64_t pts;\n    uint32_t hole, inside;\n} syx_result;")

RAISED = ("#define SYX_ABI_MINOR 0", "#define SYX_ABI_MINOR 1")
SKIPPED = ("#define SYX_ABI_MINOR 0", "#define SYX_ABI_MINOR 2")
ADDED = MUTATIONS[4][1:3]


def change(header, before, after):
    if before and before not in header:
        raise SystemExit(f"the header no longer has the text {before!r}: mend the mutation")
    return header.replace(before, after, 1)


def classify(old, header):
    try:
        return compare.compare(old, layout.describe(header))
    except layout.DoesNotCompile as reason:
        found = compare.Findings()
        found.breaks.append(str(reason))
        return found


def wrong_verdicts(header, old):
    wrong = []
    for name, before, after, wanted in MUTATIONS:
        found = classify(old, change(header, before, after))
        if found.verdict() != wanted:
            wrong.append(f"{name}: {found.verdict()}, not {wanted}: {found.breaks + found.additions}")
    holes = classify(layout.describe(change(header, *PADDED)), change(header, *FILLED))
    if holes.verdict() != BREAK:
        wrong.append(f"a field in the padding: {holes.verdict()}")
    return wrong


def wrong_steps(header):
    """An addition passes with the next minor and its line in the changelog, and with nothing less."""
    line = "- Plugin ABI 1.1: a field more."
    cases = [
        ("an addition alone", [ADDED], line, False),
        ("with the next minor", [ADDED, RAISED], line, True),
        ("without a line in the changelog", [ADDED, RAISED], "- Plugin ABI 1.10", False),
        ("with the minor after the next", [ADDED, SKIPPED], line, False),
        ("nothing at all", [], "", True),
    ]
    wrong = []
    for name, changes, changelog, passes in cases:
        text = header
        for before, after in changes:
            text = change(text, before, after)
        if (not gate.complaints(text, changelog)[0]) != passes:
            wrong.append(f"{name}: {'passes' if not passes else 'does not pass'}")
    return wrong


def main():
    header, old = gate.frozen("1.0").read_text(), gate.golden("1.0")
    wrong = wrong_verdicts(header, old)
    # The steps are those from the newest minor; while that is 1.0, they can be tried on it.
    if gate.released() == ["1.0"]:
        wrong += wrong_steps(header)
    for text in wrong:
        print(f"mutation: {text}")
    print(f"mutations: {len(MUTATIONS) + 1} of the header, {len(wrong)} judged wrongly")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
