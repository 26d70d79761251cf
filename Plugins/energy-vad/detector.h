/* SPDX-License-Identifier: Apache-2.0
 *
 * The detector: a noise floor that follows the line, and the probability that a level is speech above it. */
#ifndef ENERGY_DETECTOR_H
#define ENERGY_DETECTOR_H
#include <stdint.h>

/* The window that the floor's rise is decided on: WINDOW_PARTS parts of half a second. */
enum { WINDOW_PARTS = 6 };

typedef struct {
    float threshold_db;   /* above the floor, where probability is 0.5 */
    float min_level_dbfs; /* nothing below this is speech */
} detector_config;

typedef struct {
    detector_config config;
    float floor_dbfs;
    float low[WINDOW_PARTS], high[WINDOW_PARTS]; /* lowest and highest level of each part */
    uint32_t part;                               /* the one being filled */
    uint32_t parts_full;                         /* how many of the others are complete */
    float part_seconds;
} detector;

void detector_reset(detector *d, detector_config config);

/* Takes one frame's level; returns the probability of speech, judged against the floor before this frame. */
float detector_frame(detector *d, float level_dbfs, float seconds);

#endif
