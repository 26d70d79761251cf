/* SPDX-License-Identifier: Apache-2.0 */
#include "options.h"

#include "syrinx_json.h"

#define NAME(name) #name,
static const char *const faults[] = {CHAOS_FAULTS(NAME, NAME)};
static const char *const places[] = {CHAOS_PLACES(NAME, NAME)};
static const char *const garbages[] = {CHAOS_GARBAGE(NAME, NAME)};
static const char *const statuses[] = {CHAOS_STATUSES(NAME, NAME)};
/* Numbers that no version of the ABI has a name for. */
enum { SYX_UNKNOWN_ERROR = -9999, SYX_UNKNOWN_SUCCESS = 9999 };
#define VALUE(name) SYX_##name,
static const syx_status status_values[] = {CHAOS_STATUSES(VALUE, VALUE)};

#define FIRST(name) "\"" #name "\""
#define NEXT(name) ",\"" #name "\""
#define ENUM(list) "{\"type\":\"string\",\"enum\":[" list(FIRST, NEXT) "]}"
#define INTEGER(low, high, usual)                                                                                    \
    "{\"type\":\"integer\",\"minimum\":" #low ",\"maximum\":" #high ",\"default\":" #usual "}"

const char chaos_schema[] = "{\"type\":\"object\",\"additionalProperties\":false,\"properties\":{"
    "\"fault\":" ENUM(CHAOS_FAULTS) ","
    "\"where\":" ENUM(CHAOS_PLACES) ","
    "\"garbage\":" ENUM(CHAOS_GARBAGE) ","
    "\"status\":" ENUM(CHAOS_STATUSES) ","
    "\"after\":" INTEGER(0, 1000000000, 0) ","
    "\"times\":" INTEGER(0, 1000000000, 0) ","
    "\"seed\":" INTEGER(0, 1000000000, 1) ","
    "\"ms\":" INTEGER(0, 600000, 100) ","
    "\"bytes\":" INTEGER(0, 1073741824, 1048576) ","
    "\"count\":" INTEGER(0, 1000000, 100) ","
    "\"probability\":{\"type\":\"number\",\"minimum\":0,\"maximum\":1,\"default\":1}}}";

/* False for a word that is not in the list; `index` keeps its value when the option is absent. */
static bool choose(syx_str json, const char *option, const char *const *names, size_t count, size_t *index) {
    char word[32] = "";
    syx_str value;
    if (!syx_json_field(json, option, &value)) return true;
    if (!syx_opt_string(json, option, word, sizeof word)) return false;
    for (size_t i = 0; i < count; i++)
        if (strcmp(names[i], word) == 0) return *index = i, true;
    return false;
}

static uint64_t whole(syx_str json, const char *option, uint64_t high, uint64_t usual) {
    return (uint64_t)syx_opt_number(json, option, 0, (double)high, (double)usual);
}

static chaos_place place(chaos_fault fault, chaos_place where, syx_kind kind) {
    if (fault == FAULT_event_after_close) return PLACE_close;
    if (where != PLACE_any) return where;
    return kind == SYX_VAD || kind == SYX_FILTER ? PLACE_process : PLACE_handle;
}

syx_status chaos_options_read(syx_str json, syx_kind kind, chaos_options *options, syx_err *err) {
    if (!syx_options_ok(json)) return syx_fail(err, SYX_EINVAL, "chaos: the configuration is not a JSON object");
    size_t fault = 0, where = 0, garbage = 0, status = 0;
    if (!choose(json, "fault", faults, FAULTS, &fault)) return syx_fail(err, SYX_EINVAL, "chaos: unknown `fault`");
    if (!choose(json, "where", places, PLACES, &where)) return syx_fail(err, SYX_EINVAL, "chaos: unknown `where`");
    if (!choose(json, "garbage", garbages, GARBAGES, &garbage))
        return syx_fail(err, SYX_EINVAL, "chaos: unknown `garbage`");
    if (!choose(json, "status", statuses, sizeof statuses / sizeof *statuses, &status))
        return syx_fail(err, SYX_EINVAL, "chaos: unknown `status`");
    *options = (chaos_options){
        .fault = (chaos_fault)fault,
        .where = place((chaos_fault)fault, (chaos_place)where, kind),
        .garbage = (chaos_garbage)garbage,
        .status = status_values[status],
        .after = whole(json, "after", 1000000000, 0),
        .times = whole(json, "times", 1000000000, 0),
        .seed = whole(json, "seed", 1000000000, 1),
        .probability = syx_opt_number(json, "probability", 0, 1, 1),
        .ms = (uint32_t)whole(json, "ms", 600000, 100),
        .bytes = (uint32_t)whole(json, "bytes", 1 << 30, 1 << 20),
        .count = (uint32_t)whole(json, "count", 1000000, 100),
    };
    return SYX_OK;
}
