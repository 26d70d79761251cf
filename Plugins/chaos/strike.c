/* SPDX-License-Identifier: Apache-2.0
 *
 * Decides whether a call is the one that goes wrong. By a count and a seed alone, never by a clock: the same calls go
 * wrong in every run. */
#include "chaos.h"

/* splitmix64: the n-th number of a seed, without a state that threads would share. */
static double chance(uint64_t seed, uint64_t call) {
    uint64_t z = seed * UINT64_C(0x9e3779b97f4a7c15) + (call + 1) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return (double)((z ^ (z >> 31)) >> 11) / 9007199254740992.0;
}

static bool strikes_now(syx_provider *p) {
    const chaos_options *o = &p->options;
    uint64_t call = atomic_fetch_add(&p->calls, 1);
    if (call < o->after || chance(o->seed, call) >= o->probability) return false;
    return atomic_fetch_add(&p->strikes, 1) < o->times || o->times == 0;
}

static syx_status refuse(const chaos_options *options, syx_err *err) {
    return syx_fail(err, options->status, "chaos: refused, as it was told");
}

syx_status chaos_strike(syx_provider *p, syx_session *s, chaos_place place, const chaos_request *request,
                        syx_err *err) {
    const chaos_options *o = &p->options;
    if (o->fault == FAULT_none || place != o->where || !strikes_now(p)) return CHAOS_GO_ON;
    if (o->fault == FAULT_status) return refuse(o, err);
    if (o->fault >= FAULT_segfault && o->fault <= FAULT_stop_self) chaos_crash(o);
    if (o->fault >= FAULT_hang_spin && o->fault <= FAULT_slow) chaos_hang(o);
    if (o->fault >= FAULT_leak && o->fault <= FAULT_escape) chaos_exhaust(p, s);
    chaos_request none = {0};
    if (o->fault >= FAULT_error && s) return chaos_lie(s, request ? request : &none);
    return CHAOS_GO_ON;
}
