/* SPDX-License-Identifier: Apache-2.0
 *
 * Worker threads, tasks and timers. */
#include <time.h>

#include "fake_internal.h"

static pthread_t workers[FAKE_WORKERS];
static int worker_count;
static bool stopping;

uint64_t fake_core_timer(syx_hsession handle, uint32_t delay_ms, uint64_t cookie) {
    static uint64_t last;
    uint64_t started = 0;
    pthread_mutex_lock(&fake_lock);
    fake_session *s = fake_find_session(handle);
    if (!s) fake_note(FAKE_AFTER_CLOSE, "timer for a session that is not open");
    for (size_t i = 0; s && !s->closed && !fake_set.no_timers && i < FAKE_TIMERS && !started; i++) {
        if (s->timers[i].timer) continue;
        started = ++last;
        s->timers[i] = (fake_timer){started, cookie, fake_now() + (int64_t)delay_ms * 1000000};
    }
    pthread_mutex_unlock(&fake_lock);
    return started;
}

void fake_core_timer_cancel(syx_hsession handle, uint64_t timer) {
    pthread_mutex_lock(&fake_lock);
    fake_session *s = fake_find_session(handle);
    if (!s) fake_note(FAKE_AFTER_CLOSE, "timer_cancel for a session that is not open");
    for (size_t i = 0; s && timer && i < FAKE_TIMERS; i++)
        if (s->timers[i].timer == timer) s->timers[i].timer = 0;
    pthread_mutex_unlock(&fake_lock);
}

syx_status fake_core_run(syx_hsession handle, void (*fn)(void *), void *arg, uint64_t cookie) {
    pthread_mutex_lock(&fake_lock);
    fake_session *s = fake_find_session(handle);
    if (!s) fake_note(FAKE_AFTER_CLOSE, "run for a session that is not open");
    if (!fn) fake_note(FAKE_BAD_EVENT, "run without a function");
    syx_status status = !fn ? SYX_EINVAL : !s || s->closed ? SYX_ECLOSED : s->task_count == FAKE_TASKS ? SYX_EAGAIN : SYX_OK;
    if (status == SYX_OK && fake_set.run_faults > 0) fake_set.run_faults--, status = fake_set.run_fault;
    if (status == SYX_OK) {
        s->tasks[(s->task_first + s->task_count++) % FAKE_TASKS] = (fake_task){fn, arg, cookie};
        pthread_cond_broadcast(&fake_changed);
    }
    pthread_mutex_unlock(&fake_lock);
    return status;
}

static fake_session *next_ready(void) {
    static size_t start;
    for (size_t i = 0; i < FAKE_SESSIONS; i++) {
        fake_session *s = fake_sessions[(start + i) % FAKE_SESSIONS];
        if (s && s->task_count > 0 && !s->running) return start = (start + i + 1) % FAKE_SESSIONS, s;
    }
    return NULL;
}

static void *work(void *arg) {
    (void)arg;
    pthread_mutex_lock(&fake_lock);
    while (!stopping) {
        fake_session *s = next_ready();
        if (!s) {
            pthread_cond_wait(&fake_changed, &fake_lock);
            continue;
        }
        fake_task task = s->tasks[s->task_first];
        s->task_first = (s->task_first + 1) % FAKE_TASKS;
        s->task_count--;
        s->running = true;
        pthread_mutex_unlock(&fake_lock);
        task.fn(task.arg);
        pthread_mutex_lock(&fake_lock);
        s->running = false;
        if (s->done_count < FAKE_EVENTS) s->done_cookies[s->done_count++] = task.cookie;
        pthread_cond_broadcast(&fake_changed);
    }
    pthread_mutex_unlock(&fake_lock);
    return NULL;
}

void fake_start(int count) {
    stopping = false;
    for (worker_count = 0; worker_count < count && worker_count < FAKE_WORKERS; worker_count++)
        pthread_create(&workers[worker_count], NULL, work, NULL);
}

void fake_stop(void) {
    pthread_mutex_lock(&fake_lock);
    stopping = true;
    pthread_cond_broadcast(&fake_changed);
    pthread_mutex_unlock(&fake_lock);
    for (int i = 0; i < worker_count; i++) pthread_join(workers[i], NULL);
    worker_count = 0;
}

/* Waiting moves the virtual clock ten times as fast as the real one, so that a plugin's timers come, and still after what
 * its threads are working on. */
void fake_rest(int ms) {
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    t.tv_nsec += (long)ms * 1000000;
    t.tv_sec += t.tv_nsec / 1000000000;
    t.tv_nsec %= 1000000000;
    int timeout = pthread_cond_timedwait(&fake_changed, &fake_lock, &t);
    if (timeout && fake_set.virtual_clock) __atomic_add_fetch(&fake_set.clock_ns, (int64_t)ms * 10000000, __ATOMIC_RELAXED);
}
