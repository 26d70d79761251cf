/* SPDX-License-Identifier: Apache-2.0
 *
 * What the fake host's files share. One lock for everything: a test host may be slow. */
#ifndef FAKE_INTERNAL_H
#define FAKE_INTERNAL_H
#include "fake_core.h"

enum { FAKE_SESSIONS = 256, FAKE_WORKERS = 8, FAKE_PROVIDERS = 4096 };

extern pthread_mutex_t fake_lock;
extern pthread_cond_t fake_changed;
extern fake_session *fake_sessions[FAKE_SESSIONS];

/* Under the lock: the session behind a handle, NULL when it is gone. */
fake_session *fake_find_session(syx_hsession handle);
void fake_note(fake_breach_kind kind, const char *format, ...) __attribute__((format(printf, 2, 3)));
bool fake_was_cancelled(const fake_session *, uint64_t generation);
/* Under the lock. */
syx_status fake_take(fake_session *, const syx_event *);
/* Waits for a change, at most `ms`; moves the virtual clock. Under the lock. */
void fake_rest(int ms);

syx_status fake_core_run(syx_hsession, void (*fn)(void *), void *arg, uint64_t cookie);
uint64_t fake_core_timer(syx_hsession, uint32_t delay_ms, uint64_t cookie);
void fake_core_timer_cancel(syx_hsession, uint64_t timer);

extern const syx_audio_v1 fake_audio_service;

/* Handles of providers: a number a provider, never used twice. */
syx_hprovider fake_provider_handle(void);
void fake_provider_bind(syx_hprovider, const syx_provider *);
bool fake_provider_lives(syx_hprovider);
void fake_provider_end(const syx_provider *);
void fake_provider_dead(syx_hprovider);
#endif
