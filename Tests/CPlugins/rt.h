/* SPDX-License-Identifier: Apache-2.0
 *
 * Driving a [rt] provider frame by frame. */
#ifndef RT_H
#define RT_H
#include "check.h"

typedef struct {
    const syx_plugin_desc *desc;
    syx_provider *provider;
    fake_session *session;
    uint32_t rate;
} rt;

rt rt_open(const char *plugin, const char *id, const char *config, uint32_t rate, uint32_t samples);
void rt_close(rt *r);
/* Processes one frame in place; flags as in syx_frame. */
syx_status rt_frame(rt *r, int16_t *pcm, uint32_t samples, uint32_t flags, syx_result *result);
/* Median of nanoseconds per call over the frames of a clip. */
double rt_cost(rt *r, clip c, uint32_t samples);

#endif
