/* SPDX-License-Identifier: Apache-2.0
 *
 * A host that believes nothing and only writes down: what was emitted, logged and asked for. Timers and tasks wait
 * until the test lets them come. */
#ifndef RECORDER_H
#define RECORDER_H
#include <stdatomic.h>

#include "syrinx_c.h"

enum { RECORDS = 4096 };

typedef struct {
    bool null_event, null_audio, null_data, null_text, utf8;
    syx_hsession session;
    uint32_t struct_size, rate, format, channels;
    uint16_t type, space;
    uint64_t generation;
    double f0;
    size_t text, json, bytes;
    int64_t i0, pts;
} record;

typedef struct {
    record records[RECORDS];
    _Atomic size_t count, after_close;
    _Atomic bool closed;
    size_t credit;             /* events that may still be emitted: then SYX_EAGAIN */
    uint64_t cookie;           /* of the last timer */
    uint32_t delay_ms, timers; /* of the last; how many */
    void (*task)(void *);
    void *task_argument;
    char log[1024];
} recorder;

extern recorder rec;
extern const syx_core recording_core;

size_t count_of(uint16_t type, uint64_t generation);
const record *first_of(uint16_t type);
#endif
