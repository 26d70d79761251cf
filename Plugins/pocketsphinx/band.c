/* SPDX-License-Identifier: Apache-2.0 */
#include "band.h"

#include <math.h>

/* Of the mirror image, -20 dB: what telephone speech of four voices was best understood with. */
#define IMAGE 0.1
/* Power above 6 kHz over all power: -40 dB and more is no telephone. A consonant of a wide band has far more; an 8 kHz
 * line that was brought to 16 kHz has less, whatever is said. */
#define WIDE 1e-4
/* What is softer (RMS) tells of the rounding alone. */
#define LOUD 50.0

/* Biquads of a Butterworth high-pass of the eighth order, 6 kHz at 16 kHz: 4 kHz comes through it with -61 dB. */
static const double section[BAND_SECTIONS][5] = {
    {0.086474690, -0.172949379, 0.086474690, 0.835073473, 0.180972231},
    {0.092224399, -0.184448798, 0.092224399, 0.890597581, 0.259495178},
    {0.105141885, -0.210283770, 0.105141885, 1.015339857, 0.435907397},
    {0.128693395, -0.257386790, 0.128693395, 1.242773360, 0.757546941},
};

static double high_pass(band *b, double x) {
    for (int i = 0; i < BAND_SECTIONS; i++) {
        const double *c = section[i];
        double *z = b->state + 2 * i, y = c[0] * x + z[0];
        z[0] = c[1] * x - c[3] * y + z[1];
        z[1] = c[2] * x - c[4] * y;
        x = y;
    }
    return x;
}

static bool is_wide(band *b, const int16_t *pcm, size_t samples) {
    double all = 0, high = 0;
    for (size_t i = 0; i < samples; i++) {
        double h = high_pass(b, pcm[i]);
        all += (double)pcm[i] * pcm[i];
        high += h * h;
    }
    return all > LOUD * LOUD * (double)samples && high > WIDE * all;
}

/* Every other sample with its sign turned is the spectrum mirrored at 4 kHz. */
static void add_image(band *b, int16_t *pcm, size_t samples) {
    for (size_t i = 0; i < samples; i++) {
        double y = pcm[i] * (b->odd ? 1 - IMAGE : 1 + IMAGE);
        pcm[i] = (int16_t)lrint(fmax(INT16_MIN, fmin(INT16_MAX, y)));
        b->odd = !b->odd;
    }
}

void band_fill(band *b, int16_t *pcm, size_t samples) {
    if (!b->wide) b->wide = is_wide(b, pcm, samples);
    if (!b->wide) add_image(b, pcm, samples);
}
