/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BENCH_H
#define BENCH_H
#include <stdbool.h>
#include <stdint.h>
#include <syrinx_isolation.h>

enum { RATE = 16000, SAMPLES = 320, TICK_NS = 20000000 };

int64_t now_ns(void);
int64_t cpu_of(int pid); /* nanoseconds of all its threads; 0 = this process */
double median(double *values, int count);

/* A helper with one provider of `kind`. */
typedef struct {
    syrinx_helper *helper;
    const syx_plugin_vt *vt;
    syx_provider *provider;
} held;
/* `hang_ms`: a call without an answer for so long ends the helper; 0 = as the product has it. Ends the program when it
 * cannot. */
held hold(const char *program, const char *module, syx_kind kind, const char *config, uint32_t hang_ms,
    const syrinx_helper_callbacks *callbacks);
syx_session *open_session(const held *h, syx_hsession handle);
void let_go(held *h);
/* The frame that everything is measured with. */
syx_frame a_frame(int64_t pts);

/* frames.c */
typedef struct {
    double host_us, helpers_us, p50_us, p99_us, inproc_us;
    unsigned long long lost; /* frames that did not come back */
} frame_costs;
frame_costs measure_frames(const char *program, const char *vad, int seconds, bool spread);

/* ends.c: milliseconds, the median of some. */
double measure_start(const char *program, const char *module, int times);
double measure_end(const char *program, const char *chaos, syx_kind kind, const char *config, int times);
#endif
