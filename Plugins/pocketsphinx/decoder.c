/* SPDX-License-Identifier: Apache-2.0 */
#include "decoder.h"

#include <pocketsphinx.h>
#include <sphinxbase/cmn.h>
#include <stdlib.h>

#include "library.h"

enum { TEXT_MOST = 4096, SPOTTING_TAIL = 4800 };

struct decoder {
    ps_decoder_t *ps;
    model *model;
    bool listening;
    char text[TEXT_MOST];
    mfcc_t start_mean[CEPSTRUM]; /* the acoustic model's own, for a channel not heard before */
};

/* -maxhmmpf and -maxwpf save a quarter of the CPU and no word; -fwdflat no ends an utterance in 5 ms, not 100. */
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
    sphinx_silence();
    decoder *d = calloc(1, sizeof *d);
    cmd_ln_t *config = d ? settings(base, m) : NULL;
    if (config) d->ps = ps_init(config);
    if (config) cmd_ln_free_r(config);
    if (!d || !d->ps) {
        free(d);
        return syx_fail(err, SYX_EINVAL, "pocketsphinx: no decoder: %s", sphinx_last_error());
    }
    d->model = model_retain(m);
    cmn_live_get(ps_get_feat(d->ps)->cmn_struct, d->start_mean);
    *out = d;
    return SYX_OK;
}

void decoder_free(decoder *d) {
    if (!d) return;
    sphinx_silence();
    ps_free(d->ps);
    model_release(d->model);
    free(d);
}

model *decoder_model(const decoder *d) { return d->model; }

bool decoder_begin(decoder *d, const channel *c) {
    sphinx_silence();
    cmn_live_set(ps_get_feat(d->ps)->cmn_struct, c->known ? c->mean : d->start_mean);
    d->listening = ps_start_utt(d->ps) == 0;
    return d->listening;
}

bool decoder_feed(decoder *d, const int16_t *pcm, size_t samples) {
    sphinx_silence();
    return ps_process_raw(d->ps, pcm, samples, FALSE, FALSE) >= 0;
}

const char *decoder_text(decoder *d) {
    sphinx_silence();
    const char *text = ps_get_hyp(d->ps, NULL);
    size_t len = text ? strnlen(text, TEXT_MOST - 1) : 0;
    while (len > 0 && text[len - 1] == ' ') len--; /* the key phrase search ends each phrase with a space */
    if (len) memcpy(d->text, text, len);
    d->text[len] = 0;
    return d->text;
}

/* The mean posterior of the words. The posterior of the whole path, ps_get_prob, falls with its length: 0.01 for a long
 * sentence without a mistake. Key phrases have none and count as sure. */
static double confidence_of(decoder *d) {
    if (d->model->spec.kind == SPEC_KEYPHRASES) return 1;
    logmath_t *math = ps_get_logmath(d->ps);
    double sum = 0;
    int words = 0;
    ps_get_prob(d->ps); /* computes the lattice's posteriors */
    for (ps_seg_t *seg = ps_seg_iter(d->ps); seg; seg = ps_seg_next(seg)) {
        if (ps_seg_word(seg)[0] == '<' || ps_seg_word(seg)[0] == '[') continue; /* silence and fillers */
        sum += fmin(1, logmath_exp(math, ps_seg_prob(seg, NULL, NULL, NULL)));
        words++;
    }
    return words ? sum / words : 0;
}

/* A phrase is reported only some frames after its end (-kws_delay), which may lie beyond the utterance's. */
static void feed_tail(decoder *d) {
    static const int16_t silence[SPOTTING_TAIL];
    if (d->model->spec.kind == SPEC_KEYPHRASES) ps_process_raw(d->ps, silence, SPOTTING_TAIL, FALSE, FALSE);
}

const char *decoder_end(decoder *d, channel *c, double *confidence) {
    sphinx_silence();
    d->listening = false;
    bool heard = ps_get_n_frames(d->ps) > 0;
    feed_tail(d);
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
    sphinx_silence();
    if (d->listening) ps_end_utt(d->ps);
    d->listening = false;
}
