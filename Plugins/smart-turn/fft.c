/* SPDX-License-Identifier: Apache-2.0
 *
 * Cooley and Tukey's algorithm, decimation in time, with the factors 4, 4, 5 and 5. */
#include "fft.h"

#include <math.h>

#ifndef M_PI
#define M_PI 3.14159265358979323846
#endif

static const int factors[] = {4, 4, 5, 5};

void fft_init(fft_table *t) {
    for (int k = 0; k < FFT_SIZE; k++) t->root[k] = cexp(-2 * M_PI * I * k / FFT_SIZE);
}

/* Products of finite numbers: without the library's care for infinities. */
static inline double complex times(double complex a, double complex b) {
    double x = creal(a), y = cimag(a), u = creal(b), v = cimag(b);
    return CMPLX(x * u - y * v, x * v + y * u);
}

/* The transform of `size` points that lie `stride` apart, by factors[level] transforms of the next level. */
static void transform(const fft_table *t, const double complex *in, double complex *out, int size, int stride, int level) {
    if (size == 1) {
        out[0] = in[0];
        return;
    }
    int radix = factors[level], part = size / radix;
    for (int k = 0; k < radix; k++) transform(t, in + k * stride, out + k * part, part, stride * radix, level + 1);
    for (int j = 0; j < part; j++) {
        double complex point[5];
        for (int k = 0; k < radix; k++) point[k] = times(out[k * part + j], t->root[(j * k * stride) % FFT_SIZE]);
        for (int m = 0; m < radix; m++) {
            double complex sum = point[0];
            for (int k = 1; k < radix; k++) sum += times(point[k], t->root[(k * m * part * stride) % FFT_SIZE]);
            out[m * part + j] = sum;
        }
    }
}

void fft_run(const fft_table *t, const double complex in[FFT_SIZE], double complex out[FFT_SIZE]) {
    transform(t, in, out, FFT_SIZE, 1, 0);
}
