/* SPDX-License-Identifier: Apache-2.0 */
#include "call.h"

#include <stdio.h>
#include <unistd.h>

const syx_module *module;

void expect_(bool ok, const char *what, int line) {
    if (ok) return;
    printf("  line %d: %s\n", line, what);
    fflush(stdout);
    _exit(99);
}

static const syx_plugin_desc *of_kind(syx_kind kind) {
    for (uint32_t i = 0; i < module->n_plugins; i++)
        if (module->plugins[i]->kind == kind) return module->plugins[i];
    EXPECT(!"the module has this kind");
    return NULL;
}

syx_status call_open(call *c, syx_kind kind, const char *config) {
    const syx_plugin_desc *desc = of_kind(kind);
    *c = (call){.vt = desc->vt, .kind = kind};
    syx_err err = {.struct_size = SYX_SIZEOF(syx_err, msg)};
    syx_provider_params params = {.struct_size = SYX_SIZEOF(syx_provider_params, descriptor), .descriptor = desc};
    params.config_json = syx_cstr(config);
    syx_status status = c->vt->open(&recording_core, 1, &params, &c->provider, &err);
    if (status < 0) return EXPECT(err.code == status && err.msg[0]), status;
    syx_session_params session = {.struct_size = SYX_SIZEOF(syx_session_params, deadline_ms)};
    session.in = session.out = (syx_format){SYX_FMT_S16, RATE, 1, SAMPLES};
    return c->vt->session_open(c->provider, 1, &session, &c->session, &err);
}

void call_close(call *c) {
    rec.closed = true;
    c->vt->session_close(c->session);
    c->vt->close(c->provider);
}

syx_status call_event(call *c, uint16_t type, uint64_t id) {
    syx_event event = syx_ev(type, GENERATION, id);
    event.text = syx_cstr("hello");
    return c->vt->handle(c->session, &event);
}

syx_status call_request(call *c, uint64_t generation) {
    uint16_t type = c->kind == SYX_STT     ? SYX_EV_END_OF_INPUT
                    : c->kind == SYX_AGENT ? SYX_EV_PROMPT
                    : c->kind == SYX_TTS   ? SYX_EV_SPEAK
                                           : SYX_EV_TRANSCRIPT;
    syx_event event = syx_ev(type, generation, 3);
    event.text = syx_cstr("hello");
    return c->vt->handle(c->session, &event);
}

syx_status call_frame(call *c, bool loud, float *probability) {
    static int16_t pcm[SAMPLES], written[SAMPLES];
    for (int i = 0; i < SAMPLES; i++) pcm[i] = loud ? (int16_t)((i % 16) * 1000) : 0;
    syx_frame in = {.struct_size = SYX_SIZEOF(syx_frame, buf), .format = SYX_FMT_S16, .rate = RATE, .channels = 1};
    in.samples = SAMPLES;
    in.bytes = sizeof pcm;
    in.data = pcm;
    syx_frame out = in;
    out.data = written;
    syx_result result = {.struct_size = SYX_SIZEOF(syx_result, pts)};
    syx_status status = c->vt->process(c->session, &in, c->kind == SYX_FILTER ? &out : NULL, &result);
    if (c->kind == SYX_FILTER && status == SYX_OK) EXPECT(memcmp(pcm, written, sizeof pcm) == 0);
    if (probability) *probability = result.probability;
    return status;
}
