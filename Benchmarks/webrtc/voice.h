/* SPDX-License-Identifier: Apache-2.0
 *
 * What all callers say: a second that repeats, 600 ms of silence and 400 ms of voice, coded once. */
#ifndef BENCH_WEBRTC_VOICE_H
#define BENCH_WEBRTC_VOICE_H
#include <stddef.h>
#include <stdint.h>

#include "caller.h"

enum { VOICE_FROM = 30 };

void voice_init(void);
const unsigned char *voice_packet(uint32_t frame, size_t *len);

/* Whether something is heard in these samples. */
int voice_is_loud(const int16_t *samples, int count);

/* What libopus alone takes for one frame in and one out, in microseconds, with the settings of the plugin. */
double voice_codec_us(void);

#endif
