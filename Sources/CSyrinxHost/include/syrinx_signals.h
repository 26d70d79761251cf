/* SPDX-License-Identifier: Apache-2.0
 *
 * Signals of the process, counted in eventfds: a handler may do no more than that. */
#ifndef SYRINX_SIGNALS_H
#define SYRINX_SIGNALS_H

/* A semaphore that counts, does not block, and lives as long as the process: a handler may still run on another thread
 * when nobody wants it any more. SIGHUP has one of its own, all others share one. Negative = there is none. */
int syrinx_signals_fd(int number);

/* A handler for sigaction, once syrinx_signals_fd has been called. */
void syrinx_signals_count(int number);
#endif
