/* SPDX-License-Identifier: Apache-2.0
 *
 * The fake host's network: nothing can be reached. A request or socket gets an id, and at the next pump its one terminal
 * event. What a plugin asks is looked at as the real host does. */
#ifndef FAKE_NET_H
#define FAKE_NET_H
#include "fake_core.h"

/* "syrinx.http/1", "syrinx.ws/1", "syrinx.secret/1" by the fake host's setting; NULL = another id, or no network. */
const void *fake_net_service(const char *id);
/* Under the lock: the next event of the network for this session; text points to static memory. False = none. */
bool fake_net_due(fake_session *, syx_event *);
/* Under the lock: the generation was cancelled. */
void fake_net_cancel(fake_session *, uint64_t generation);
#endif
