/* SPDX-License-Identifier: Apache-2.0
 *
 * A floor that learns from what it hears can unlearn a speaker: a median of recent frames, say, rises during a long
 * utterance until the speech counts as noise. So the two directions differ. Down, the floor follows a quieter level at
 * once. Up, it moves only on the evidence of a whole 3 s window, longer than any sound without a closure or a breath:
 *
 *  - the window's level hardly varies: steady noise, whose level the floor takes over;
 *  - otherwise the floor creeps towards the window's minimum (minimum statistics, R. Martin, "Noise Power Spectral
 *    Density Estimation Based on Optimal Smoothing and Minimum Statistics", IEEE TSAP 9(5), 2001), if that minimum is
 *    not itself speech.
 *
 * The levels of noise scatter: 320 samples of white noise by 0.34 dB (4.34 * sqrt(2 / n)), so 3 s of it span 1 to 3 dB
 * and coloured noise up to 6 dB. Speech spans 15 dB and more, a generated tone under 0.4 dB. */
#include "detector.h"

#include <math.h>

#define FLOOR_START_DBFS (-60.0f) /* low enough that the very first frame can be speech */
#define FLOOR_LOWEST_DBFS (-80.0f)
#define FLOOR_HIGHEST_DBFS (-30.0f) /* louder than any background: never learnt as noise */
#define FALL_PER_SECOND 15.0f       /* share of the gap closed: 0.3 of it per 20 ms */
#define PART_SECONDS 0.5f
#define CREEP_DB 1.0f /* per part */
#define NOISE_SPAN_MIN_DB 0.4f
#define NOISE_SPAN_MAX_DB 6.0f
#define SLOPE_DB 3.0f /* probability 0.73 one slope above the threshold, 0.27 one below */

static void begin_part(detector *d) {
    d->low[d->part] = 0;
    d->high[d->part] = -200;
    d->part_seconds = 0;
}

void detector_reset(detector *d, detector_config config) {
    d->config = config;
    d->floor_dbfs = FLOOR_START_DBFS;
    d->part = 0;
    d->parts_full = 0;
    begin_part(d);
}

static float clamp(float x, float low, float high) { return x < low ? low : x > high ? high : x; }

/* Raises the floor when the complete window says that the background is louder than believed. */
static void learn_from_window(detector *d) {
    float low = d->low[0], high = d->high[0];
    for (uint32_t i = 1; i < WINDOW_PARTS; i++) {
        low = fminf(low, d->low[i]);
        high = fmaxf(high, d->high[i]);
    }
    float span = high - low, noise = d->floor_dbfs;
    if (span > NOISE_SPAN_MIN_DB && span < NOISE_SPAN_MAX_DB)
        noise = 0.5f * (low + high);
    else if (span >= NOISE_SPAN_MAX_DB && low < d->floor_dbfs + d->config.threshold_db)
        noise = fminf(low, d->floor_dbfs + CREEP_DB);
    if (noise > d->floor_dbfs && noise <= FLOOR_HIGHEST_DBFS) d->floor_dbfs = noise;
}

static void update_window(detector *d, float level, float seconds) {
    d->low[d->part] = fminf(d->low[d->part], level);
    d->high[d->part] = fmaxf(d->high[d->part], level);
    d->part_seconds += seconds;
    if (d->part_seconds < PART_SECONDS) return;
    if (d->parts_full < WINDOW_PARTS) d->parts_full++;
    if (d->parts_full == WINDOW_PARTS) learn_from_window(d);
    d->part = (d->part + 1) % WINDOW_PARTS;
    begin_part(d);
}

float detector_frame(detector *d, float level, float seconds) {
    float above_threshold = level - d->floor_dbfs - d->config.threshold_db;
    float above_minimum = level - d->config.min_level_dbfs;
    float probability = 1.0f / (1.0f + expf(-fminf(above_threshold, above_minimum) / SLOPE_DB));

    if (level < d->floor_dbfs) {
        float share = clamp(FALL_PER_SECOND * seconds, 0, 1);
        d->floor_dbfs = fmaxf(FLOOR_LOWEST_DBFS, d->floor_dbfs + share * (level - d->floor_dbfs));
    }
    update_window(d, level, seconds);
    return probability;
}
