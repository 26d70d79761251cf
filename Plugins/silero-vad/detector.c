/* SPDX-License-Identifier: Apache-2.0 */
#include "detector.h"

bool detector_open(detector *d, const ort_model *model, uint32_t rate) {
    memset(d, 0, sizeof *d);
    d->model = model;
    d->rate = rate;
    d->window = rate == 16000 ? SILERO_WINDOW_16K : SILERO_WINDOW_16K / 2;
    d->context = rate == 16000 ? SILERO_CONTEXT_16K : SILERO_CONTEXT_16K / 2;
    const int64_t audio[] = {1, d->context + d->window}, state[] = {2, 1, 128}, probability[] = {1, 1};
    bool ok = ort_tensor_make(model, &d->in_audio, "input", d->input, ORT_FLOAT, audio, 2) &&
              ort_tensor_make(model, &d->in_rate, "sr", &d->rate, ORT_INT64, NULL, 0) &&
              ort_tensor_make(model, &d->out_probability, "output", &d->output, ORT_FLOAT, probability, 2);
    for (int i = 0; i < 2; i++)
        ok = ok && ort_tensor_make(model, &d->in_state[i], "state", d->state[i], ORT_FLOAT, state, 3) &&
             ort_tensor_make(model, &d->out_state[i], "stateN", d->state[i], ORT_FLOAT, state, 3);
    if (!ok) detector_close(d);
    return ok;
}

void detector_close(detector *d) {
    ort_tensor *all[] = {&d->in_audio,    &d->in_rate,      &d->out_probability, &d->in_state[0],
                         &d->in_state[1], &d->out_state[0], &d->out_state[1]};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) ort_tensor_free(d->model, all[i]);
}

void detector_reset(detector *d) {
    memset(d->input, 0, sizeof d->input);
    memset(d->state, 0, sizeof d->state);
    d->filled = 0;
    d->probability = 0;
}

static bool judge_window(detector *d, char *why, size_t why_size) {
    const ort_tensor in[] = {d->in_audio, d->in_state[d->current], d->in_rate};
    ort_tensor out[] = {d->out_probability, d->out_state[!d->current]};
    if (!ort_run(d->model, in, 3, out, 2, why, why_size)) return false;
    d->current = !d->current;
    d->probability = ort_probability(d->output);
    memmove(d->input, d->input + d->window, d->context * sizeof *d->input);
    return true;
}

bool detector_hear(detector *d, const int16_t *pcm, uint32_t samples, char *why, size_t why_size) {
    for (uint32_t i = 0; i < samples; i++) {
        d->input[d->context + d->filled++] = pcm ? (float)pcm[i] / 32768.0f : 0;
        if (d->filled < d->window) continue;
        d->filled = 0;
        if (!judge_window(d, why, why_size)) return false;
    }
    return true;
}
