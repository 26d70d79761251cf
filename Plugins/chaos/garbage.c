/* SPDX-License-Identifier: Apache-2.0
 *
 * Events that no correct plugin sends, one function each. A proper answer follows them. */
#include <math.h>
#include <stdlib.h>

#include "chaos.h"

enum { HUGE_BYTES = 16 << 20 };

typedef struct {
    int16_t pcm[160];
    syx_frame frame;
    syx_event event;
} sound;

static sound *make_sound(sound *it, syx_session *s, const chaos_request *request) {
    memset(it, 0, sizeof *it);
    it->frame = (syx_frame){
        .struct_size = SYX_SIZEOF(syx_frame, buf),
        .format = SYX_FMT_S16,
        .rate = s->out.rate,
        .channels = 1,
        .samples = 160,
        .generation = request->generation,
        .bytes = sizeof it->pcm,
        .data = it->pcm,
    };
    it->event = chaos_event(SYX_EV_AUDIO_OUT, request);
    it->event.audio = &it->frame;
    return it;
}

/* A text event that the kind may send. */
static uint16_t text_type(const syx_session *s) {
    return s->provider->kind == SYX_STT ? SYX_EV_PARTIAL : s->provider->kind == SYX_AGENT ? SYX_EV_DELTA : SYX_EV_STATE;
}

static syx_event make_text(syx_session *s, const chaos_request *request) {
    syx_event event = chaos_event(text_type(s), request);
    event.text = syx_cstr("text");
    return event;
}

static void send_text(syx_session *s, const chaos_request *request, chaos_garbage kind) {
    syx_event event = make_text(s, request);
    switch (kind) {
    case GARBAGE_small_struct: event.struct_size = 3; break;
    case GARBAGE_huge_struct: event.struct_size = UINT32_MAX; break;
    case GARBAGE_wrong_kind: event.type = SYX_EV_PROMPT; break;
    case GARBAGE_unknown_type: event.type = 9999; break;
    case GARBAGE_unknown_space: event.space = 77; break;
    case GARBAGE_nan: event.f0 = NAN; break;
    case GARBAGE_infinite: event.f0 = INFINITY; break;
    case GARBAGE_invalid_utf8: event.text = syx_cstr("\xff\xfe\xc3"); break;
    case GARBAGE_null_text: event.text = (syx_str){NULL, 4096}; break;
    case GARBAGE_bad_json: event.json = syx_cstr("{\"open\":"); break;
    default: break;
    }
    chaos_emit(s, &event);
}

static void send_huge(syx_session *s, const chaos_request *request, chaos_garbage kind) {
    char *text = malloc(HUGE_BYTES);
    if (!text) return;
    memset(text, 'a', HUGE_BYTES);
    syx_event event = make_text(s, request);
    if (kind == GARBAGE_huge_json) {
        memcpy(text, "{\"a\":\"", 6);
        memcpy(text + HUGE_BYTES - 2, "\"}", 2);
        event.json = syx_span(text, HUGE_BYTES);
    } else {
        event.text = syx_span(text, HUGE_BYTES);
    }
    chaos_emit(s, &event);
    free(text);
}

static void send_sound(syx_session *s, const chaos_request *request, chaos_garbage kind) {
    sound memory, *it = make_sound(&memory, s, request);
    switch (kind) {
    case GARBAGE_null_audio: it->event.audio = NULL; break;
    case GARBAGE_null_data: it->frame.data = NULL; break;
    case GARBAGE_wrong_rate: it->frame.rate = 11025; break;
    case GARBAGE_wrong_format: it->frame.format = 99; break;
    case GARBAGE_wrong_bytes: it->frame.bytes = 33; break;
    case GARBAGE_many_channels: it->frame.channels = UINT32_MAX; break;
    case GARBAGE_negative_pts: it->frame.pts = INT64_MIN; break;
    default: break;
    }
    chaos_emit(s, &it->event);
}

static void send_one(syx_session *s, const chaos_request *request, chaos_garbage kind) {
    syx_event proper = make_text(s, request);
    switch (kind) {
    case GARBAGE_bad_result: s->spoil = true; break;
    case GARBAGE_null_event: chaos_emit(s, NULL); break;
    case GARBAGE_wrong_session: s->provider->core->emit(UINT64_C(0xdeadbeef00000000), &proper); break;
    case GARBAGE_null_audio:
    case GARBAGE_null_data:
    case GARBAGE_wrong_rate:
    case GARBAGE_wrong_format:
    case GARBAGE_wrong_bytes:
    case GARBAGE_many_channels:
    case GARBAGE_negative_pts: send_sound(s, request, kind); break;
    case GARBAGE_huge_text:
    case GARBAGE_huge_json: send_huge(s, request, kind); break;
    default: send_text(s, request, kind); break;
    }
}

void chaos_send_garbage(syx_session *s, const chaos_request *request) {
    chaos_garbage kind = s->provider->options.garbage;
    if (kind != GARBAGE_all) return send_one(s, request, kind);
    for (int each = GARBAGE_all + 1; each < GARBAGES; each++) send_one(s, request, (chaos_garbage)each);
}
