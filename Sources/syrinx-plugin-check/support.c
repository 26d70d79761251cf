/* SPDX-License-Identifier: Apache-2.0
 *
 * What checks share. */
#include <dirent.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "check.h"
#include "interpose.h"

void ck_say(ck *c, ck_verdict verdict, const char *format, ...) {
    if (verdict < c->verdict || (verdict == c->verdict && c->message[0])) return;
    c->verdict = verdict;
    va_list args;
    va_start(args, format);
    vsnprintf(c->message, sizeof c->message, format, args);
    va_end(args);
}

uint32_t ck_pick(ck *c, uint32_t below) {
    c->random = c->random * 6364136223846793005u + 1442695040888963407u;
    uint32_t x = (uint32_t)(c->random >> 33);
    return below ? x % below : 0;
}

void ck_no_breach(ck *c, fake_breach_kind kind) {
    if (fake_breach(kind)) ck_fail(c, "%s", fake_breach(kind));
}

size_t ck_rounds(const ck *c, size_t full) { return c->o->quick && full >= 10 ? full / 10 : full; }

int64_t ck_ms(int64_t ns) { return ns / 1000000; }

static int entries(const char *folder) {
    DIR *d = opendir(folder);
    int n = 0;
    while (d && readdir(d)) n++;
    if (d) closedir(d);
    return n;
}

ck_usage ck_usage_now(void) {
    return (ck_usage){entries("/proc/self/fd"), entries("/proc/self/task"), interpose_live()};
}

ck_usage ck_usage_settled(const ck_usage *base) {
    ck_usage now = ck_usage_now();
    for (int i = 0; i < 200 && now.threads > base->threads; i++) {
        nanosleep(&(struct timespec){0, 5000000}, NULL);
        now = ck_usage_now();
    }
    return now;
}

syx_provider *ck_provider(ck *c) {
    syx_err err;
    syx_status status;
    syx_provider *p = fake_provider_at(c->d, c->config, c->o->folder, &status, &err);
    if (status >= 0 && !p) ck_fail(c, "open() answered %d and gave no provider", status);
    if (status < 0)
        ck_fail(c, "open() refused its default configuration %.120s: %d, %.160s", c->config, status, err.msg);
    return p;
}

fake_session *ck_session(ck *c, syx_provider *p) {
    syx_err err;
    if (!p) return NULL;
    fake_session *s = fake_open(c->d, p, &c->format, c->options, &err);
    if (!s) ck_fail(c, "session_open() refused %u Hz mono: %d, %.200s", c->format.rate, err.code, err.msg);
    return s;
}

void ck_close(ck *c, syx_provider *p) {
    if (p) fake_provider_close(c->d, p);
}
