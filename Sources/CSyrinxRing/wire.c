/* SPDX-License-Identifier: Apache-2.0 */
#include "syrinx_wire.h"

#include <string.h>

syrinx_cursor syrinx_body(const void *message) {
    const syrinx_head *head = message;
    return (syrinx_cursor){(const unsigned char *)message + sizeof *head, head->size - sizeof *head};
}

const void *syrinx_lend(syrinx_cursor *cursor, size_t size) {
    if (size > cursor->left) return NULL;
    const void *lent = cursor->at;
    cursor->at += size;
    cursor->left -= size;
    return lent;
}

bool syrinx_take(syrinx_cursor *cursor, void *into, size_t size) {
    const void *from = syrinx_lend(cursor, size);
    if (!from) return false;
    memcpy(into, from, size);
    return true;
}

bool syrinx_take_strings(syrinx_cursor *cursor, const syrinx_wire_strings *strings, uint32_t count, syx_str *into) {
    if (strings->count != count || count > SYRINX_WIRE_STRINGS + 1) return false;
    for (uint32_t i = 0; i < count; i++) {
        into[i].len = strings->lengths[i];
        into[i].ptr = syrinx_lend(cursor, strings->lengths[i]);
        if (!into[i].ptr) return false;
    }
    return true;
}

bool syrinx_take_event(syrinx_cursor *cursor, syx_event *event, syx_frame *frame) {
    syrinx_wire_event wire;
    if (!syrinx_take(cursor, &wire, sizeof wire)) return false;
    *event = (syx_event){.struct_size = SYX_SIZEOF(syx_event, audio), .space = wire.space, .type = wire.type,
        .flags = wire.flags, .stream = wire.stream, .generation = wire.generation, .id = wire.id, .t_ns = wire.t_ns,
        .i0 = wire.i0, .i1 = wire.i1, .f0 = wire.f0};
    if (wire.has_audio) {
        const void *audio = syrinx_lend(cursor, wire.audio_bytes);
        if (!audio) return false;
        *frame = (syx_frame){.struct_size = SYX_SIZEOF(syx_frame, buf), .format = wire.format, .rate = wire.rate,
            .channels = wire.channels, .samples = wire.samples, .flags = wire.frame_flags,
            .generation = wire.frame_generation, .pts = wire.pts, .t_ns = wire.frame_t_ns, .bytes = wire.audio_bytes,
            .data = (void *)(uintptr_t)audio};
        event->audio = frame;
    }
    event->text = (syx_str){syrinx_lend(cursor, wire.text_bytes), wire.text_bytes};
    event->json = (syx_str){syrinx_lend(cursor, wire.json_bytes), wire.json_bytes};
    return event->text.ptr && event->json.ptr;
}

static struct iovec part(const void *from, size_t length) {
    return (struct iovec){(void *)(uintptr_t)from, from ? length : 0};
}

int syrinx_event_parts(const syx_event *event, syrinx_wire_event *wire, struct iovec parts[SYRINX_EVENT_PARTS]) {
    const syx_frame *audio = event->audio;
    *wire = (syrinx_wire_event){.space = event->space, .type = event->type, .flags = event->flags,
        .stream = event->stream, .generation = event->generation, .id = event->id, .t_ns = event->t_ns,
        .i0 = event->i0, .i1 = event->i1, .f0 = event->f0};
    parts[0] = part(wire, sizeof *wire);
    parts[1] = part(NULL, 0);
    if (audio) {
        wire->has_audio = 1;
        wire->format = audio->format;
        wire->rate = audio->rate;
        wire->channels = audio->channels;
        wire->samples = audio->samples;
        wire->frame_flags = audio->flags;
        wire->frame_generation = audio->generation;
        wire->pts = audio->pts;
        wire->frame_t_ns = audio->t_ns;
        parts[1] = part(audio->data, audio->bytes);
        wire->audio_bytes = parts[1].iov_len;
    }
    parts[2] = part(event->text.ptr, event->text.len);
    parts[3] = part(event->json.ptr, event->json.len);
    wire->text_bytes = (uint32_t)parts[2].iov_len;
    wire->json_bytes = (uint32_t)parts[3].iov_len;
    return SYRINX_EVENT_PARTS;
}

int syrinx_string_parts(const syx_str *strings, uint32_t count, syrinx_wire_strings *wire, struct iovec *parts) {
    wire->count = count;
    for (uint32_t i = 0; i < count; i++) {
        parts[i] = part(strings[i].ptr, strings[i].len);
        wire->lengths[i] = (uint32_t)parts[i].iov_len;
    }
    return (int)count;
}
