/* SPDX-License-Identifier: Apache-2.0
 *
 * Signals of the process, counted in an eventfd: a handler may do no more than that. */
#ifndef SYRINX_SIGNALS_H
#define SYRINX_SIGNALS_H

/* A semaphore that counts, does not block, and lives as long as the process: a handler may still run on another thread
 * when nobody wants it any more. Negative = there is none. */
int syrinx_signals_fd(void);

/* A handler for sigaction, once syrinx_signals_fd has been called. */
void syrinx_signals_count(int number);
#endif
