/* SPDX-License-Identifier: Apache-2.0
 *
 * core->run in a helper: the tasks of a session run one after another, on few threads. */
#include "helper.h"

#include <string.h>
#include <unistd.h>

/* Under the lock: the session's next task is to be run by somebody. */
static void make_ready(uint32_t slot) {
    helper_session *session = &helper.sessions[slot];
    if (session->queued || session->task_runs || session->tasks_waiting == 0) return;
    session->queued = true;
    helper.ready[(helper.first_ready + helper.ready_count++) % SYRINX_SLOTS] = slot;
    pthread_cond_signal(&helper.work);
}

syx_status helper_run(syx_hsession handle, void (*function)(void *), void *argument, uint64_t cookie) {
    if (!function) return SYX_EINVAL;
    if (helper.workers == 0) return SYX_EPERM;
    syx_status status = SYX_OK;
    pthread_mutex_lock(&helper.lock);
    helper_session *session = helper_find_session(handle);
    if (!session)
        status = SYX_ECLOSED;
    else if (session->tasks_waiting == TASKS)
        status = SYX_EAGAIN;
    else {
        session->tasks[(session->first_task + session->tasks_waiting++) % TASKS]
            = (helper_task){function, argument, cookie};
        atomic_fetch_add(&helper.shared->unsettled, 1);
        make_ready((uint32_t)(session - helper.sessions));
    }
    pthread_mutex_unlock(&helper.lock);
    return status;
}

static void wake_main(void) {
    uint64_t one = 1;
    if (write(helper.wake_self, &one, sizeof one) < 0) _exit(3);
}

static void run_one(void) {
    uint32_t slot = helper.ready[helper.first_ready];
    helper.first_ready = (helper.first_ready + 1) % SYRINX_SLOTS;
    helper.ready_count--;
    helper_session *session = &helper.sessions[slot];
    session->queued = false;
    helper_task task = session->tasks[session->first_task];
    session->first_task = (session->first_task + 1) % TASKS;
    session->tasks_waiting--;
    session->task_runs = true;
    pthread_mutex_unlock(&helper.lock);
    task.function(task.argument);
    pthread_mutex_lock(&helper.lock);
    /* The main thread hears of it before the next task begins; at most one a session is under way. */
    helper.finished[helper.finished_count].slot = slot;
    helper.finished[helper.finished_count].generation = session->generation;
    helper.finished[helper.finished_count++].cookie = task.cookie;
    pthread_mutex_unlock(&helper.lock);
    wake_main();
    pthread_mutex_lock(&helper.lock);
}

static void *worker(void *unused) {
    (void)unused;
    pthread_mutex_lock(&helper.lock);
    for (;;) {
        while (helper.ready_count == 0) pthread_cond_wait(&helper.work, &helper.lock);
        run_one();
    }
    return NULL;
}

void helper_start_workers(void) {
    for (uint32_t i = 0; i < helper.workers; i++) {
        pthread_t thread;
        if (pthread_create(&thread, NULL, worker, NULL) != 0) _exit(3);
        pthread_detach(thread);
    }
}

static void hand_over(uint32_t slot, uint64_t cookie) {
    helper_session *session = &helper.sessions[slot];
    const syx_plugin_vt *vt = helper.providers[session->provider].descriptor->vt;
    syx_event event = {
        .struct_size = SYX_SIZEOF(syx_event, audio), .type = SYX_EV_TASK_DONE, .id = cookie, .t_ns = helper.core->now_ns(0)};
    if (!vt->handle) return;
    helper_enter(SYRINX_CALL_HANDLE, slot, event.type);
    vt->handle(session->plugin, &event);
    helper_leave();
}

void helper_deliver_finished(void) {
    for (;;) {
        pthread_mutex_lock(&helper.lock);
        if (helper.finished_count == 0) {
            pthread_mutex_unlock(&helper.lock);
            return;
        }
        uint32_t slot = helper.finished[0].slot;
        uint64_t cookie = helper.finished[0].cookie;
        memmove(helper.finished, helper.finished + 1, --helper.finished_count * sizeof helper.finished[0]);
        helper_session *session = &helper.sessions[slot];
        session->task_runs = false;
        bool was_last = session->tasks_waiting == 0;
        enum session_state state = session->state;
        make_ready(slot);
        pthread_mutex_unlock(&helper.lock);
        if (state == SESSION_OPEN)
            hand_over(slot, cookie);
        else if (state == SESSION_CLOSING && was_last)
            helper_finish_closing(slot);
        atomic_fetch_sub(&helper.shared->unsettled, 1);
    }
}
