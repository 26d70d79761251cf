/* SPDX-License-Identifier: Apache-2.0 */
#include "engine.h"

#include <flite/flite.h>
#include <pthread.h>

#include "text.h"

cst_voice *register_cmu_us_slt(const char *voxdir);
cst_voice *register_cmu_us_rms(const char *voxdir);
cst_voice *register_cmu_us_awb(const char *voxdir);
cst_voice *register_cmu_us_kal16(const char *voxdir);

static const char *const names[VOICE_COUNT] = {"slt", "rms", "awb", "kal16"};
static cst_voice *voices[VOICE_COUNT];
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void start(void) {
    flite_init();
    voices[VOICE_SLT] = register_cmu_us_slt(NULL);
    voices[VOICE_RMS] = register_cmu_us_rms(NULL);
    voices[VOICE_AWB] = register_cmu_us_awb(NULL);
    voices[VOICE_KAL16] = register_cmu_us_kal16(NULL);
}

bool flite_engine_start(void) {
    pthread_once(&once, start);
    for (int i = 0; i < VOICE_COUNT; i++)
        if (!voices[i]) return false;
    return true;
}

bool flite_voice_named(const char *name, flite_voice *voice) {
    for (int i = 0; i < VOICE_COUNT; i++) {
        if (strcmp(names[i], name) != 0) continue;
        *voice = (flite_voice)i;
        return true;
    }
    return false;
}

/* What the streaming callback needs. */
typedef struct {
    syx_speaker *speaker;
    syx_clause *clause;
    const plain_text *text;
    cst_utterance *utterance;
    bool marked, stopped, wrong_rate;
} stream;

/* The first sample of a token: where the first segment of its first word begins, by the predicted durations. */
static size_t token_start(const cst_item *token) {
    static const char *const path = "daughter.R:SylStructure.daughter.daughter.R:Segment.p.end";
    float seconds = flite_ffeature_float(token, path);
    return seconds > 0 ? (size_t)(seconds * FLITE_RATE) : 0;
}

/* Marks where each word of the text begins in the audio. Durations are all known before the first sample is made. */
static void mark_words(stream *s) {
    cst_relation *tokens = utt_relation(s->utterance, "Token");
    size_t at = 0, last = 0;
    for (cst_item *token = tokens ? relation_head(tokens) : NULL; token; token = item_next(token)) {
        const char *found = strstr(s->text->ascii + at, item_name(token));
        if (!found) continue;
        size_t index = (size_t)(found - s->text->ascii), sample = token_start(token);
        at = index + strlen(item_name(token));
        if (sample < last) continue; /* a token without words of its own */
        last = sample;
        syx_speaker_mark(s->speaker, s->clause, s->text->origin[index], sample);
    }
}

static int on_audio(const cst_wave *wave, int start_at, int size, int last, cst_audio_streaming_info *info) {
    (void)last;
    stream *s = info->userdata;
    s->wrong_rate = wave->sample_rate != FLITE_RATE || wave->num_channels != 1;
    if (s->wrong_rate) return CST_AUDIO_STREAM_STOP;
    if (!s->marked) mark_words(s);
    s->marked = true;
    if (size > 0 && !syx_speaker_write(s->speaker, s->clause, wave->samples + start_at, (size_t)size)) s->stopped = true;
    return s->stopped ? CST_AUDIO_STREAM_STOP : CST_AUDIO_STREAM_CONT;
}

/* Streaming is asked for on the utterance, never on the voice: the voice is shared. */
static bool synthesise(stream *s, flite_voice voice, double speed) {
    cst_audio_streaming_info *info = new_audio_streaming_info();
    info->asc = on_audio;
    info->userdata = s;
    cst_utterance *u = s->utterance = new_utterance();
    utt_set_input_text(u, s->text->ascii);
    utt_init(u, voices[voice]);
    feat_set(u->features, "streaming_info", audio_streaming_info_val(info)); /* the utterance owns it now */
    feat_set_float(u->features, "duration_stretch",
                   flite_get_param_float(voices[voice]->features, "duration_stretch", 1) / (float)speed);
    bool ok = utt_synth(u) != NULL;
    delete_utterance(u);
    return ok;
}

syx_status flite_engine_speak(syx_speaker *speaker, syx_clause *clause, flite_voice voice, double speed, syx_err *err) {
    plain_text text;
    if (!plain_text_make(&text, clause->text, clause->len)) return syx_fail(err, SYX_ENOMEM, "flite: out of memory");
    stream s = {.speaker = speaker, .clause = clause, .text = &text};
    bool ok = !text.speakable || synthesise(&s, voice, speed);
    plain_text_free(&text);
    if (s.stopped) return SYX_ESTALE;
    return ok && !s.wrong_rate ? SYX_OK : syx_fail(err, SYX_EINTERNAL, "flite: synthesis failed");
}
