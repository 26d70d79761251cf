/* SPDX-License-Identifier: Apache-2.0 */
#include "pool.h"

#include <pthread.h>
#include <stdlib.h>

enum { CACHED_MODELS = 32 };

typedef struct idle {
    struct idle *next;
    decoder *decoder;
} idle;

struct pool {
    const model_base *base;
    pthread_mutex_t lock;
    uint32_t limit, total; /* total counts idle, lent and loading decoders */
    idle *idle;            /* the last used first */
    waiter *first_waiter;
    model *models[CACHED_MODELS]; /* the last used first */
    size_t model_count;
};

pool *pool_create(const model_base *base, uint32_t limit) {
    pool *p = calloc(1, sizeof *p);
    if (!p) return NULL;
    p->base = base;
    p->limit = limit;
    pthread_mutex_init(&p->lock, NULL);
    return p;
}

void pool_free(pool *p) {
    for (idle *i = p->idle, *next; i; i = next) {
        next = i->next;
        decoder_free(i->decoder);
        free(i);
    }
    for (size_t i = 0; i < p->model_count; i++) model_release(p->models[i]);
    pthread_mutex_destroy(&p->lock);
    free(p);
}

/* -------------------------------------------------------------------------------------------------------- models -- */

static void move_to_front(pool *p, size_t at) {
    model *m = p->models[at];
    memmove(p->models + 1, p->models, at * sizeof *p->models);
    p->models[0] = m;
}

static model *find_model(pool *p, const spec *s) {
    for (size_t i = 0; i < p->model_count; i++) {
        if (!spec_equal(&p->models[i]->spec, s)) continue;
        move_to_front(p, i);
        return p->models[0];
    }
    return NULL;
}

model *pool_cached(pool *p, const spec *s) {
    pthread_mutex_lock(&p->lock);
    model *m = find_model(p, s);
    if (m) model_retain(m);
    pthread_mutex_unlock(&p->lock);
    return m;
}

/* Takes over the reference of m; the least recently used model makes room. */
static void remember(pool *p, model *m) {
    if (p->model_count == CACHED_MODELS) model_release(p->models[--p->model_count]);
    p->models[p->model_count++] = m;
    move_to_front(p, p->model_count - 1);
}

syx_status pool_model(pool *p, const spec *s, model **out, syx_err *err) {
    *out = pool_cached(p, s);
    if (*out) return SYX_OK;
    model *m;
    syx_status status = model_compile(p->base, s, &m, err);
    if (status < 0) return status;
    pthread_mutex_lock(&p->lock);
    model *earlier = find_model(p, s); /* another session was faster */
    if (!earlier) remember(p, m);
    *out = model_retain(earlier ? earlier : m);
    pthread_mutex_unlock(&p->lock);
    if (earlier) model_release(m);
    return SYX_OK;
}

/* ------------------------------------------------------------------------------------------------------ decoders -- */

/* Unlinks an idle decoder: one of this model, or with m = NULL the one unused for longest. */
static decoder *unlink_idle(pool *p, const model *m) {
    idle **link = &p->idle, **chosen = NULL;
    for (; *link; link = &(*link)->next) {
        if (m && decoder_model((*link)->decoder) != m) continue;
        chosen = link;
        if (m) break;
    }
    if (!chosen) return NULL;
    idle *i = *chosen;
    decoder *d = i->decoder;
    *chosen = i->next;
    free(i);
    return d;
}

static void stand_in_line(pool *p, waiter *w) {
    if (w->queued) return;
    waiter **link = &p->first_waiter;
    while (*link) link = &(*link)->next;
    *link = w;
    w->next = NULL;
    w->queued = true;
}

static void wake_first(pool *p) {
    for (waiter *w; (w = p->first_waiter);) {
        p->first_waiter = w->next;
        w->queued = false;
        if (w->wake(w)) return;
    }
}

static syx_status load(pool *p, model *m, decoder **out, syx_err *err) {
    syx_status status = decoder_create(p->base, m, out, err);
    if (status == SYX_OK) return status;
    pthread_mutex_lock(&p->lock);
    p->total--;
    wake_first(p);
    pthread_mutex_unlock(&p->lock);
    return status;
}

syx_status pool_take(pool *p, model *m, waiter *w, decoder **out, syx_err *err) {
    decoder *stranger = NULL;
    pthread_mutex_lock(&p->lock);
    *out = unlink_idle(p, m);
    bool room = !*out && p->total < p->limit;
    if (room) p->total++;
    if (!*out && !room) stranger = unlink_idle(p, NULL);
    bool none = !*out && !room && !stranger;
    if (none) stand_in_line(p, w);
    pthread_mutex_unlock(&p->lock);
    if (*out) return SYX_OK;
    if (none) return SYX_PENDING;
    decoder_free(stranger);
    return load(p, m, out, err);
}

void pool_give(pool *p, decoder *d) {
    idle *i = malloc(sizeof *i);
    pthread_mutex_lock(&p->lock);
    if (i) {
        *i = (idle){p->idle, d};
        p->idle = i;
    } else {
        p->total--;
    }
    wake_first(p);
    pthread_mutex_unlock(&p->lock);
    if (!i) decoder_free(d);
}

static bool has_idle(const pool *p, const model *m) {
    for (const idle *i = p->idle; i; i = i->next)
        if (decoder_model(i->decoder) == m) return true;
    return false;
}

syx_status pool_warm(pool *p, model *m, syx_err *err) {
    pthread_mutex_lock(&p->lock);
    bool wanted = p->total < p->limit && !has_idle(p, m);
    if (wanted) p->total++;
    pthread_mutex_unlock(&p->lock);
    if (!wanted) return SYX_OK;
    decoder *d;
    syx_status status = load(p, m, &d, err);
    if (status == SYX_OK) pool_give(p, d);
    return status;
}

void pool_pass_on(pool *p) {
    pthread_mutex_lock(&p->lock);
    if (p->idle || p->total < p->limit) wake_first(p);
    pthread_mutex_unlock(&p->lock);
}

void pool_forget(pool *p, waiter *w) {
    pthread_mutex_lock(&p->lock);
    for (waiter **link = &p->first_waiter; *link && w->queued; link = &(*link)->next) {
        if (*link != w) continue;
        *link = w->next;
        break;
    }
    w->queued = false;
    pthread_mutex_unlock(&p->lock);
}
