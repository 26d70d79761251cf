/* SPDX-License-Identifier: Apache-2.0
 *
 * One provider of the chaos plugin, with one session: what each test drives. */
#ifndef CALL_H
#define CALL_H
#include "recorder.h"

enum { GENERATION = 7, RATE = 16000, SAMPLES = 320 };

typedef struct {
    const syx_plugin_vt *vt;
    syx_kind kind;
    syx_provider *provider;
    syx_session *session;
} call;

extern const syx_module *module;

/* The status of whichever of open and session_open failed, or session_open's. */
syx_status call_open(call *, syx_kind, const char *config);
void call_close(call *);
/* The request of this kind: PROMPT, SPEAK, END_OF_INPUT, TRANSCRIPT. */
syx_status call_request(call *, uint64_t generation);
syx_status call_event(call *, uint16_t type, uint64_t id);
/* A frame through process(): loud or silent. */
syx_status call_frame(call *, bool loud, float *probability);

/* A failed expectation ends the child with status 99 and a line. */
void expect_(bool ok, const char *what, int line);
#define EXPECT(condition) expect_((condition), #condition, __LINE__)
#endif
