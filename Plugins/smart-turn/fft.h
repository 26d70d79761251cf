/* SPDX-License-Identifier: Apache-2.0
 *
 * The discrete Fourier transform of 400 points, 400 = 4 * 4 * 5 * 5. */
#ifndef FFT_H
#define FFT_H
#include <complex.h>

enum { FFT_SIZE = 400 };

typedef struct {
    double complex root[FFT_SIZE]; /* exp(-2 pi i k / 400) */
} fft_table;

void fft_init(fft_table *t);
void fft_run(const fft_table *t, const double complex in[FFT_SIZE], double complex out[FFT_SIZE]);
#endif
