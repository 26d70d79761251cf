/* SPDX-License-Identifier: Apache-2.0
 *
 * What a provider is told to do wrong, where, and how often. One list makes enumeration, names and schema. */
#ifndef CHAOS_OPTIONS_H
#define CHAOS_OPTIONS_H
#include "syrinx_c.h"

/* The first of each list, F, is the default. README.md says what each does. */
#define CHAOS_FAULTS(F, X) \
    F(none) \
    X(segfault) X(abort) X(trap) X(stack_overflow) X(double_free) X(exit) X(_exit) X(kill_self) X(stop_self) \
    X(hang_spin) X(hang_sleep) X(deadlock) X(slow) \
    X(leak) X(leak_fds) X(leak_threads) X(fork_bomb) X(escape) \
    X(status) X(error) X(flood) X(garbage) X(stale) X(terminal_twice) X(event_after_close) X(delay) X(drop)

#define CHAOS_PLACES(F, X) F(any) X(open) X(session_open) X(handle) X(audio) X(process) X(task) X(cancel) X(close)

#define CHAOS_GARBAGE(F, X) \
    F(all) \
    X(null_event) X(small_struct) X(huge_struct) X(wrong_session) X(wrong_kind) X(unknown_type) X(unknown_space) \
    X(null_audio) X(null_data) X(wrong_rate) X(wrong_format) X(wrong_bytes) X(many_channels) X(negative_pts) \
    X(nan) X(infinite) X(invalid_utf8) X(null_text) X(huge_text) X(huge_json) X(bad_json) \
    X(bad_result)

#define CHAOS_STATUSES(F, X) \
    F(EUNAVAILABLE) X(EINVAL) X(EUNSUPPORTED) X(ENOTFOUND) X(EPERM) X(EAUTH) X(EQUOTA) X(EAGAIN) X(ESTALE) \
    X(EDEADLINE) X(EINTERNAL) X(ECLOSED) X(ENOMEM) X(PENDING) X(SKIP) \
    X(UNKNOWN_ERROR) X(UNKNOWN_SUCCESS)

#define CHAOS_FAULT_ENUM(name) FAULT_##name,
#define CHAOS_PLACE_ENUM(name) PLACE_##name,
#define CHAOS_GARBAGE_ENUM(name) GARBAGE_##name,
typedef enum { CHAOS_FAULTS(CHAOS_FAULT_ENUM, CHAOS_FAULT_ENUM) FAULTS } chaos_fault;
typedef enum { CHAOS_PLACES(CHAOS_PLACE_ENUM, CHAOS_PLACE_ENUM) PLACES } chaos_place;
typedef enum { CHAOS_GARBAGE(CHAOS_GARBAGE_ENUM, CHAOS_GARBAGE_ENUM) GARBAGES } chaos_garbage;

typedef struct {
    chaos_fault fault;
    chaos_place where;
    chaos_garbage garbage;
    syx_status status;
    uint64_t after, times, seed;
    double probability;
    uint32_t ms, bytes, count;
} chaos_options;

/* The kind decides the default place: process for those that work on the media path. */
syx_status chaos_options_read(syx_str json, syx_kind kind, chaos_options *options, syx_err *err);

extern const char chaos_schema[];
#endif
