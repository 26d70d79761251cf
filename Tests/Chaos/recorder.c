/* SPDX-License-Identifier: Apache-2.0 */
#include "recorder.h"

#include <stdlib.h>

recorder rec = {.credit = RECORDS};

static bool is_utf8(syx_str text) {
    for (size_t i = 0; i < text.len; i++)
        if ((unsigned char)text.ptr[i] >= 0xf8) return false; /* enough to tell the plugin's broken text */
    return true;
}

static void write_audio(record *r, const syx_frame *frame) {
    r->null_audio = !frame;
    if (!frame) return;
    r->null_data = !frame->data;
    r->rate = frame->rate;
    r->format = frame->format;
    r->channels = frame->channels;
    r->bytes = frame->bytes;
    r->pts = frame->pts;
}

static record read_event(syx_hsession session, const syx_event *event) {
    record r = {.session = session, .null_event = !event, .utf8 = true};
    if (!event) return r;
    r.struct_size = event->struct_size;
    r.type = event->type;
    r.space = event->space;
    r.generation = event->generation;
    r.f0 = event->f0;
    r.i0 = event->i0;
    r.text = event->text.len;
    r.json = event->json.len;
    r.null_text = event->text.len > 0 && !event->text.ptr;
    r.utf8 = r.null_text || is_utf8(event->text);
    write_audio(&r, event->audio);
    return r;
}

static syx_status emit(syx_hsession session, const syx_event *event) {
    if (rec.closed) return (void)rec.after_close++, SYX_ECLOSED;
    if (rec.credit == 0) return SYX_EAGAIN;
    rec.credit--;
    if (rec.count < RECORDS) rec.records[rec.count++] = read_event(session, event);
    return SYX_OK;
}

static syx_status emit_provider(syx_hprovider provider, const syx_event *event) { return emit(provider, event); }

static int64_t now(syx_hprovider provider) { return (void)provider, 0; }

static void write_log(syx_hprovider provider, syx_hsession session, uint32_t level, syx_str text, syx_str fields) {
    (void)provider, (void)session, (void)level, (void)fields;
    size_t used = strlen(rec.log);
    if (used + text.len + 2 > sizeof rec.log) return;
    memcpy(rec.log + used, text.ptr, text.len);
    memcpy(rec.log + used + text.len, ";", 2);
}

static uint64_t timer(syx_hsession session, uint32_t delay_ms, uint64_t cookie) {
    (void)session;
    rec.delay_ms = delay_ms;
    rec.cookie = cookie;
    return ++rec.timers;
}

static syx_status run(syx_hsession session, void (*fn)(void *), void *argument, uint64_t cookie) {
    (void)session, (void)cookie;
    rec.task = fn;
    rec.task_argument = argument;
    return SYX_OK;
}

const syx_core recording_core = {
    .struct_size = SYX_SIZEOF(syx_core, run),
    .emit = emit,
    .emit_provider = emit_provider,
    .now_ns = now,
    .log = write_log,
    .timer = timer,
    .run = run,
};

size_t count_of(uint16_t type, uint64_t generation) {
    size_t count = 0;
    for (size_t i = 0; i < rec.count; i++)
        count += rec.records[i].type == type && rec.records[i].generation == generation;
    return count;
}

const record *first_of(uint16_t type) {
    for (size_t i = 0; i < rec.count; i++)
        if (rec.records[i].type == type) return &rec.records[i];
    return NULL;
}
