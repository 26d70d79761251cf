/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PROBE_H
#define PROBE_H
#include <stdatomic.h>
#include <stdbool.h>
#include <syrinx_plugin.h>

struct syx_provider {
    const syx_core *core;
    syx_hprovider host;
    int sessions;
};

struct syx_session {
    const syx_core *core;
    syx_hprovider provider;
    int *sessions; /* of the provider */
    syx_hsession host;
    uint64_t timers[65];
    uint64_t next, end; /* events still to be sent */
    _Atomic int running, overlaps;
    bool says_goodbye;
    uint64_t socket, received, received_sum, sent_sum;
};

syx_status probe_say(syx_session *s, uint16_t type, uint64_t id, const char *text);
/* probe_io.c: SYX_SKIP = it is no order for the network, no event of it. */
syx_status probe_obey_io(syx_session *s, const char *order);
syx_status probe_io_event(syx_session *s, const syx_event *event);
void probe_goodbye(syx_session *s);
#endif
