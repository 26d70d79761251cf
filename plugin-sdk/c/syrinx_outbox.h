/* SPDX-License-Identifier: Apache-2.0
 *
 * syrinx_outbox.h -- keeps what the host cannot take yet (SYX_EAGAIN) and sends it in order on SYX_EV_WRITABLE. A
 * cancelled generation's events are dropped, but a terminal that waits becomes CANCELLED, so that each request has
 * exactly one. For events of text; audio belongs into syrinx_speaker.h.
 *
 * One mutex, held while emitting, so that order holds and nothing follows close; the host never calls back (R3). */
#ifndef SYRINX_OUTBOX_H
#define SYRINX_OUTBOX_H
#include <pthread.h>
#include <stdlib.h>

#include "syrinx_c.h"

enum { SYX_OUTBOX_EVENTS = 1024 /* that may wait; further ones answer SYX_EAGAIN */ };

typedef struct syx_parcel {
    struct syx_parcel *next;
    syx_event event;
    char bytes[]; /* its text, then its json */
} syx_parcel;

typedef struct {
    const syx_core *core;
    syx_hsession host;
    pthread_mutex_t lock;
    syx_parcel *first, **last;
    uint32_t count;
} syx_outbox;

SYX_HELPER void syx_outbox_init(syx_outbox *o, const syx_core *core, syx_hsession host) {
    memset(o, 0, sizeof *o);
    o->core = core;
    o->host = host;
    o->last = &o->first;
    pthread_mutex_init(&o->lock, NULL);
}

SYX_HELPER bool syx_outbox_ends_(uint16_t type) {
    return type == SYX_EV_DONE || type == SYX_EV_FINAL || type == SYX_EV_ERROR || type == SYX_EV_CANCELLED;
}

/* A terminal of a cancelled generation is answered SYX_ESTALE; the host then wants CANCELLED. */
SYX_HELPER syx_status syx_outbox_deliver_(syx_outbox *o, const syx_event *ev) {
    syx_status status = o->core->emit(o->host, ev);
    if (status != SYX_ESTALE || !syx_outbox_ends_(ev->type) || ev->type == SYX_EV_CANCELLED) return status;
    syx_event end = syx_ev(SYX_EV_CANCELLED, ev->generation, ev->id);
    return o->core->emit(o->host, &end);
}

SYX_HELPER syx_status syx_outbox_keep_(syx_outbox *o, const syx_event *ev) {
    if (o->count == SYX_OUTBOX_EVENTS) return SYX_EAGAIN;
    syx_parcel *p = malloc(sizeof *p + ev->text.len + ev->json.len);
    if (!p) return SYX_ENOMEM;
    p->next = NULL;
    p->event = *ev;
    if (ev->text.len) memcpy(p->bytes, ev->text.ptr, ev->text.len);
    if (ev->json.len) memcpy(p->bytes + ev->text.len, ev->json.ptr, ev->json.len);
    p->event.text.ptr = p->bytes;
    p->event.json.ptr = p->bytes + ev->text.len;
    *o->last = p;
    o->last = &p->next;
    o->count++;
    return SYX_OK;
}

SYX_HELPER void syx_outbox_pop_(syx_outbox *o) {
    syx_parcel *p = o->first;
    o->first = p->next;
    if (!o->first) o->last = &o->first;
    o->count--;
    free(p);
}

/* [any] Sends or keeps a copy. SYX_EAGAIN = it was not kept either, SYX_OUTBOX_EVENTS wait already. */
SYX_HELPER syx_status syx_outbox_send(syx_outbox *o, const syx_event *ev) {
    pthread_mutex_lock(&o->lock);
    syx_status status = o->first ? SYX_EAGAIN : syx_outbox_deliver_(o, ev);
    if (status == SYX_EAGAIN) status = syx_outbox_keep_(o, ev);
    pthread_mutex_unlock(&o->lock);
    return status;
}

SYX_HELPER syx_status syx_outbox_text(syx_outbox *o, uint16_t type, uint64_t generation, const char *text) {
    syx_event ev = syx_ev(type, generation, 0);
    ev.text = syx_cstr(text);
    ev.f0 = 1;
    return syx_outbox_send(o, &ev);
}

/* [any] Sends what waits, as far as there is room; call on SYX_EV_WRITABLE. */
SYX_HELPER void syx_outbox_flush(syx_outbox *o) {
    pthread_mutex_lock(&o->lock);
    while (o->first && syx_outbox_deliver_(o, &o->first->event) != SYX_EAGAIN) syx_outbox_pop_(o);
    pthread_mutex_unlock(&o->lock);
}

/* [any] Forgets what waits of this generation, its terminals become CANCELLED. */
SYX_HELPER void syx_outbox_cancel(syx_outbox *o, uint64_t generation) {
    pthread_mutex_lock(&o->lock);
    syx_parcel *p = o->first;
    o->first = NULL;
    o->last = &o->first;
    o->count = 0;
    for (syx_parcel *next; p; p = next) {
        next = p->next;
        bool ends = syx_outbox_ends_(p->event.type);
        if (p->event.generation == generation && !ends) {
            free(p);
            continue;
        }
        if (p->event.generation == generation) p->event.type = SYX_EV_CANCELLED;
        p->next = NULL;
        *o->last = p;
        o->last = &p->next;
        o->count++;
    }
    pthread_mutex_unlock(&o->lock);
    syx_outbox_flush(o);
}

/* Forgets everything without a word; call from session_close. */
SYX_HELPER void syx_outbox_free(syx_outbox *o) {
    while (o->first) syx_outbox_pop_(o);
    pthread_mutex_destroy(&o->lock);
}

#endif
