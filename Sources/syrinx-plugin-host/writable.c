/* SPDX-License-Identifier: Apache-2.0
 *
 * WRITABLE for sessions whose event found the ring full. The host cannot send it, for it never saw that event. */
#include "helper.h"

#include <errno.h>
#include <unistd.h>

static bool has_room(void) {
    uint64_t used = helper.out.mine - atomic_load_explicit(&helper.out.words->tail, memory_order_acquire);
    return used <= helper.out.capacity / 2;
}

/* A session to be told, or SYRINX_SLOTS. */
static uint32_t take_starved(void) {
    uint32_t slot = 0;
    pthread_mutex_lock(&helper.lock);
    if (!helper.some_starve || !has_room()) {
        slot = SYRINX_SLOTS;
    } else {
        while (slot < SYRINX_SLOTS && !helper.sessions[slot].starved) slot++;
        helper.some_starve = slot < SYRINX_SLOTS;
        if (helper.some_starve) helper.sessions[slot].starved = false;
    }
    pthread_mutex_unlock(&helper.lock);
    return slot;
}

void helper_starve_locked(uint32_t slot) {
    helper.sessions[slot].starved = true;
    if (helper.some_starve) return;
    helper.some_starve = true;
    /* The event may come from any thread while the main one sleeps without a limit. */
    uint64_t one = 1;
    if (write(helper.wake_helper, &one, sizeof one) < 0 && errno != EAGAIN) _exit(3);
}

bool helper_some_starve(void) {
    pthread_mutex_lock(&helper.lock);
    bool starve = helper.some_starve;
    pthread_mutex_unlock(&helper.lock);
    return starve;
}

/* One session a turn of the loop: what it sends now may fill the ring again, and the host is to be heard between. */
void helper_deliver_writable(void) {
    uint32_t slot = take_starved();
    if (slot == SYRINX_SLOTS) return;
    helper_session *session = &helper.sessions[slot];
    const syx_plugin_vt *vt = helper.providers[session->provider].descriptor->vt;
    if (session->state != SESSION_OPEN || !vt->handle) return;
    syx_event event = {.struct_size = SYX_SIZEOF(syx_event, audio), .type = SYX_EV_WRITABLE};
    event.t_ns = helper.core->now_ns(0);
    helper_enter(SYRINX_CALL_HANDLE, slot, event.type);
    vt->handle(session->plugin, &event);
    helper_leave();
}
