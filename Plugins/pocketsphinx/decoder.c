/* SPDX-License-Identifier: Apache-2.0 */
#include "decoder.h"

#include <pocketsphinx.h>
#include <pthread.h>
#include <sphinxbase/cmn.h>
#include <sphinxbase/err.h>
#include <stdlib.h>

struct decoder {
    ps_decoder_t *ps;
    model *model;
    bool listening;
    mfcc_t start_mean[CEPSTRUM]; /* the acoustic model's own, for a channel not heard before */
};

/* The library reports through one callback for the process; what it said last on this thread makes a better message
 * than "failed". */
static _Thread_local char last_error[160];

static void on_log(void *user, err_lvl_t level, const char *format, ...) {
    (void)user;
    if (level < ERR_ERROR) return;
    va_list args;
    va_start(args, format);
    vsnprintf(last_error, sizeof last_error, format, args);
    va_end(args);
    last_error[strcspn(last_error, "\n")] = 0;
}

/* The stream that the library prints its settings to is kept per thread, so each thread that enters it is silenced. */
static void silence_library(void) {
    err_set_callback(on_log, NULL);
    err_set_logfp(NULL);
    last_error[0] = 0;
}

/* -maxhmmpf and -maxwpf save a quarter of the CPU and no word; -fwdflat no ends an utterance in 5 ms rather than
 * 100 ms (reference/engines.md, STT). */
static cmd_ln_t *settings(const model_base *base, const model *m) {
    static const char *const search_option[] = {
        [SPEC_GENERAL] = "-lm", [SPEC_HINTS] = "-lm", [SPEC_GRAMMAR] = "-jsgf", [SPEC_KEYPHRASES] = "-kws"};
    char dict[FILE_PATH], search[FILE_PATH];
    bool own = m->spec.kind != SPEC_GENERAL;
    if (own) {
        buffer_file_path(m->dict_fd, dict);
        buffer_file_path(m->search_fd, search);
    }
    return cmd_ln_init(NULL, ps_args(), TRUE, "-hmm", base->hmm, "-dict", own ? dict : base->dict,
                       search_option[m->spec.kind], own ? search : base->lm, "-maxhmmpf", "3000", "-maxwpf", "10",
                       "-fwdflat", "no", "-bestpath", "yes", NULL);
}

syx_status decoder_create(const model_base *base, model *m, decoder **out, syx_err *err) {
    silence_library();
    decoder *d = calloc(1, sizeof *d);
    cmd_ln_t *config = d ? settings(base, m) : NULL;
    if (config) d->ps = ps_init(config);
    if (config) cmd_ln_free_r(config);
    if (!d || !d->ps) {
        free(d);
        return syx_fail(err, SYX_EINVAL, "pocketsphinx: no decoder: %s", last_error[0] ? last_error : "unknown reason");
    }
    d->model = model_retain(m);
    cmn_live_get(ps_get_feat(d->ps)->cmn_struct, d->start_mean);
    *out = d;
    return SYX_OK;
}

void decoder_free(decoder *d) {
    if (!d) return;
    silence_library();
    ps_free(d->ps);
    model_release(d->model);
    free(d);
}

model *decoder_model(const decoder *d) { return d->model; }

bool decoder_begin(decoder *d, const channel *c) {
    silence_library();
    cmn_live_set(ps_get_feat(d->ps)->cmn_struct, c->known ? c->mean : d->start_mean);
    d->listening = ps_start_utt(d->ps) == 0;
    return d->listening;
}

bool decoder_feed(decoder *d, const int16_t *pcm, size_t samples) {
    silence_library();
    return ps_process_raw(d->ps, pcm, samples, FALSE, FALSE) >= 0;
}

const char *decoder_text(decoder *d) {
    silence_library();
    const char *text = ps_get_hyp(d->ps, NULL);
    return text ? text : "";
}

/* The posterior of the best path; key phrases and single-path lattices have none and count as sure. */
static double confidence_of(decoder *d) {
    if (d->model->spec.kind == SPEC_KEYPHRASES) return 1;
    double p = logmath_exp(ps_get_logmath(d->ps), ps_get_prob(d->ps));
    return p < 0 ? 0 : p > 1 ? 1 : p;
}

const char *decoder_end(decoder *d, channel *c, double *confidence) {
    silence_library();
    d->listening = false;
    bool heard = ps_get_n_frames(d->ps) > 0;
    ps_end_utt(d->ps);
    const char *text = decoder_text(d);
    *confidence = text[0] ? confidence_of(d) : 0;
    if (heard) {
        cmn_live_update(ps_get_feat(d->ps)->cmn_struct);
        cmn_live_get(ps_get_feat(d->ps)->cmn_struct, c->mean);
        c->known = true;
    }
    return text;
}

void decoder_abandon(decoder *d) {
    silence_library();
    if (d->listening) ps_end_utt(d->ps);
    d->listening = false;
}
