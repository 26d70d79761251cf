/* SPDX-License-Identifier: Apache-2.0
 *
 * The service "syrinx.audio/1": converts formats plainly, without filters. */
#include <string.h>

#include "fake_internal.h"

enum { CONVERTERS = 256 };
static struct { syx_format from, to; bool used; } converters[CONVERTERS];

static bool convertible(const syx_format *f) {
    return (f->format == SYX_FMT_S16 || f->format == SYX_FMT_F32) && f->channels == 1 && f->rate >= 1000 && f->rate <= 192000;
}

static uint64_t audio_converter(syx_hsession s, const syx_format *from, const syx_format *to) {
    (void)s;
    uint64_t found = 0;
    if (!from || !to || !convertible(from) || !convertible(to)) return 0;
    pthread_mutex_lock(&fake_lock);
    for (uint64_t i = 0; i < CONVERTERS && !found; i++) {
        if (converters[i].used) continue;
        converters[i].used = true;
        converters[i].from = *from;
        converters[i].to = *to;
        found = i + 1;
    }
    pthread_mutex_unlock(&fake_lock);
    return found;
}

static double sample(const syx_frame *f, uint32_t i) {
    if (i >= f->samples) i = f->samples - 1;
    return f->format == SYX_FMT_S16 ? ((const int16_t *)f->data)[i] / 32768.0 : (double)((const float *)f->data)[i];
}

/* Linear interpolation within the frame: right in length and level, which is all that a test needs. */
static syx_status audio_convert(syx_hsession s, uint64_t converter, const syx_frame *in, syx_frame *out) {
    (void)s;
    if (converter == 0 || converter > CONVERTERS || !converters[converter - 1].used || !in || !out) return SYX_EINVAL;
    syx_format from = converters[converter - 1].from, to = converters[converter - 1].to;
    if (in->format != from.format || in->rate != from.rate || in->samples == 0 || !in->data) return SYX_EINVAL;
    uint32_t n = (uint32_t)((uint64_t)in->samples * to.rate / from.rate);
    size_t width = to.format == SYX_FMT_S16 ? 2 : 4;
    if (out->bytes < n * width || !out->data) return SYX_EINVAL;
    for (uint32_t i = 0; i < n; i++) {
        double at = (double)i * from.rate / to.rate, part = at - (uint32_t)at;
        double x = sample(in, (uint32_t)at) * (1 - part) + sample(in, (uint32_t)at + 1) * part;
        if (width == 2) ((int16_t *)out->data)[i] = (int16_t)(x >= 1 ? 32767 : x < -1 ? -32768 : x * 32768);
        if (width == 4) ((float *)out->data)[i] = (float)x;
    }
    out->format = to.format, out->rate = to.rate, out->channels = 1, out->samples = n, out->bytes = n * width;
    return SYX_OK;
}

static void audio_free(syx_hsession s, uint64_t converter) {
    (void)s;
    if (converter > 0 && converter <= CONVERTERS) converters[converter - 1].used = false;
}

const syx_audio_v1 fake_audio_service = {SYX_SIZEOF(syx_audio_v1, converter_free), 0, audio_converter, audio_convert, audio_free};
