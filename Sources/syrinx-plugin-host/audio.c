/* SPDX-License-Identifier: Apache-2.0
 *
 * "syrinx.audio/1" in a helper: rates through libspeexdsp, 16-bit and float samples. */
#include "helper.h"

#include <speex/speex_resampler.h>
#include <stdlib.h>
#include <string.h>

enum { QUALITY = 5, MOST_SAMPLES = 1 << 20 };

typedef struct {
    bool used;
    uint32_t generation;
    syx_format from, to;
    SpeexResamplerState *resampler; /* NULL = the rates are equal */
} converter;

static converter converters[CONVERTERS];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static bool is_possible(const syx_format *format) {
    return format && (format->format == SYX_FMT_S16 || format->format == SYX_FMT_F32) && format->channels == 1
        && format->rate >= 4000 && format->rate <= 192000;
}

static uint64_t audio_converter(syx_hsession session, const syx_format *from, const syx_format *to) {
    (void)session;
    if (!is_possible(from) || !is_possible(to)) return 0;
    pthread_mutex_lock(&lock);
    uint64_t handle = 0;
    for (uint32_t i = 0; i < CONVERTERS && !handle; i++) {
        converter *found = &converters[i];
        if (found->used) continue;
        int failure = 0;
        found->resampler = from->rate == to->rate
            ? NULL : speex_resampler_init(1, from->rate, to->rate, QUALITY, &failure);
        if (failure) break;
        if (found->resampler) speex_resampler_skip_zeros(found->resampler);
        found->used = true;
        found->generation++;
        found->from = *from;
        found->to = *to;
        handle = (uint64_t)found->generation << 32 | (i + 1);
    }
    pthread_mutex_unlock(&lock);
    return handle;
}

static converter *find(uint64_t handle) {
    uint32_t index = (uint32_t)handle - 1;
    if (index >= CONVERTERS) return NULL;
    converter *found = &converters[index];
    return found->used && found->generation == handle >> 32 ? found : NULL;
}

static int16_t *samples_of(const converter *with, const syx_frame *in) {
    size_t width = with->from.format == SYX_FMT_S16 ? 2 : 4;
    if (in->samples > MOST_SAMPLES || in->bytes != in->samples * width || in->format != with->from.format || !in->data)
        return NULL;
    int16_t *samples = malloc((in->samples + 1) * sizeof *samples);
    if (!samples) return NULL;
    for (uint32_t i = 0; i < in->samples; i++) {
        if (width == 2) {
            memcpy(&samples[i], (const char *)in->data + i * 2, 2);
            continue;
        }
        float value;
        memcpy(&value, (const char *)in->data + i * 4, 4);
        value *= 32767;
        samples[i] = value >= 32767 ? 32767 : value <= -32768 ? -32768 : value == value ? (int16_t)value : 0;
    }
    return samples;
}

static syx_status write_out(const converter *with, const int16_t *samples, uint32_t count, syx_frame *out) {
    size_t width = with->to.format == SYX_FMT_S16 ? 2 : 4;
    if (out->bytes < count * width || !out->data) return SYX_EINVAL;
    for (uint32_t i = 0; i < count; i++) {
        float value = (float)samples[i] / 32768;
        if (width == 2)
            memcpy((char *)out->data + i * 2, &samples[i], 2);
        else
            memcpy((char *)out->data + i * 4, &value, 4);
    }
    out->bytes = count * width;
    out->samples = count;
    out->format = with->to.format;
    out->rate = with->to.rate;
    out->channels = 1;
    return SYX_OK;
}

static syx_status audio_convert(syx_hsession session, uint64_t handle, const syx_frame *in, syx_frame *out) {
    (void)session;
    pthread_mutex_lock(&lock);
    converter *with = find(handle);
    pthread_mutex_unlock(&lock);
    if (!with || !in || !out) return SYX_EINVAL;
    int16_t *samples = samples_of(with, in);
    if (!samples) return SYX_EINVAL;
    syx_status status;
    if (!with->resampler) {
        status = write_out(with, samples, in->samples, out);
    } else {
        spx_uint32_t taken = in->samples;
        spx_uint32_t made = (spx_uint32_t)((uint64_t)in->samples * with->to.rate / with->from.rate + 64);
        int16_t *converted = malloc(made * sizeof *converted);
        int failure = !converted || speex_resampler_process_int(with->resampler, 0, samples, &taken, converted, &made);
        status = failure ? SYX_ENOMEM : write_out(with, converted, made, out);
        free(converted);
    }
    free(samples);
    return status;
}

static void audio_free(syx_hsession session, uint64_t handle) {
    (void)session;
    pthread_mutex_lock(&lock);
    converter *found = find(handle);
    if (found) {
        if (found->resampler) speex_resampler_destroy(found->resampler);
        found->used = false;
    }
    pthread_mutex_unlock(&lock);
}

static const syx_audio_v1 table = {.struct_size = sizeof table,
    .converter = audio_converter,
    .convert = audio_convert,
    .converter_free = audio_free};

const syx_audio_v1 *helper_audio(void) { return &table; }
