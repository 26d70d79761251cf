/* SPDX-License-Identifier: Apache-2.0 */
#include "voice.h"

#include <stdlib.h>
#include <string.h>

#include "../loadgen/process.h"
#include "../loadgen/speech.h"

enum { WIDE = 960, NARROW = 320, LOUD = 1500 };

static unsigned char packets[FRAMES_PER_LOOP][MAX_PACKET];
static opus_int32 sizes[FRAMES_PER_LOOP];

static OpusEncoder *encoder(int rate) {
    int error;
    OpusEncoder *e = opus_encoder_create(rate, 1, OPUS_APPLICATION_VOIP, &error);
    if (!e) abort();
    opus_encoder_ctl(e, OPUS_SET_BITRATE(28000));
    opus_encoder_ctl(e, OPUS_SET_COMPLEXITY(5));
    opus_encoder_ctl(e, OPUS_SET_SIGNAL(OPUS_SIGNAL_VOICE));
    opus_encoder_ctl(e, OPUS_SET_INBAND_FEC(1));
    opus_encoder_ctl(e, OPUS_SET_PACKET_LOSS_PERC(5));
    return e;
}

static const int16_t *samples_of(uint32_t frame) {
    uint32_t at = frame % FRAMES_PER_LOOP;
    return (const int16_t *)(at < VOICE_FROM ? silence_frame() : speech_frame(at - VOICE_FROM));
}

void voice_init(void) {
    if (speech_init(48000) != 0) abort();
    OpusEncoder *e = encoder(48000);
    /* Twice, so that the loop's beginning is coded as the continuation of its end. */
    for (uint32_t frame = 0; frame < 2 * FRAMES_PER_LOOP; frame++) {
        uint32_t at = frame % FRAMES_PER_LOOP;
        sizes[at] = opus_encode(e, samples_of(frame), WIDE, packets[at], MAX_PACKET);
        if (sizes[at] < 0) abort();
    }
    opus_encoder_destroy(e);
}

const unsigned char *voice_packet(uint32_t frame, size_t *len) {
    *len = (size_t)sizes[frame % FRAMES_PER_LOOP];
    return packets[frame % FRAMES_PER_LOOP];
}

int voice_is_loud(const int16_t *samples, int count) {
    int peak = 0;
    for (int i = 0; i < count; i++)
        if (abs(samples[i]) > peak) peak = abs(samples[i]);
    return peak > LOUD;
}

double voice_codec_us(void) {
    enum { ROUNDS = 40 };
    int error;
    int16_t heard[NARROW];
    unsigned char out[MAX_PACKET];
    OpusEncoder *e = encoder(16000);
    OpusDecoder *d = opus_decoder_create(16000, 1, &error);
    if (!d) abort();
    opus_encoder_ctl(e, OPUS_SET_DTX(1));
    int64_t began = own_cpu_us();
    for (uint32_t frame = 0; frame < ROUNDS * FRAMES_PER_LOOP; frame++) {
        size_t len;
        const unsigned char *packet = voice_packet(frame, &len);
        if (opus_decode(d, packet, (opus_int32)len, heard, NARROW, 0) != NARROW) abort();
        if (opus_encode(e, heard, NARROW, out, sizeof out) < 0) abort();
    }
    double us = (double)(own_cpu_us() - began) / (ROUNDS * FRAMES_PER_LOOP);
    opus_encoder_destroy(e);
    opus_decoder_destroy(d);
    return us;
}
