/* SPDX-License-Identifier: Apache-2.0 */
#include "engine.h"

#include <ctype.h>
#include <espeak-ng/speak_lib.h>
#include <locale.h>

static pthread_mutex_t library = PTHREAD_MUTEX_INITIALIZER;
/* All below belongs to the holder of `library`. */
static bool started;
static char current_voice[48];

/* The clause being spoken. The callback has no argument of ours before the first event, so it is found here. */
static struct {
    syx_speaker *speaker;
    syx_clause *clause;
    size_t chars, bytes; /* a cursor that turns the library's character positions into bytes */
    bool stopped;
} current;

/* Byte offset of the character with this index, counted from 0; indices only rise within a clause. */
static size_t byte_of_char(size_t index) {
    const syx_clause *c = current.clause;
    while (current.chars < index && current.bytes < c->len) {
        do current.bytes++;
        while (current.bytes < c->len && ((unsigned char)c->text[current.bytes] & 0xC0) == 0x80);
        current.chars++;
    }
    return current.bytes;
}

static void mark_words(const espeak_EVENT *events) {
    for (const espeak_EVENT *e = events; e && e->type != espeakEVENT_LIST_TERMINATED; e++) {
        if (e->type != espeakEVENT_WORD || e->text_position < 1 || e->audio_position < 0) continue;
        size_t sample = (size_t)e->audio_position * ESPEAK_RATE / 1000;
        syx_speaker_mark(current.speaker, current.clause, byte_of_char((size_t)e->text_position - 1), sample);
    }
}

static int on_audio(short *pcm, int samples, espeak_EVENT *events) {
    if (current.stopped) return 1;
    mark_words(events);
    if (pcm && samples > 0 && !syx_speaker_write(current.speaker, current.clause, pcm, (size_t)samples))
        current.stopped = true;
    return current.stopped;
}

/* The library sets the locale of the whole process, and needs it nowhere later: texts are given as UTF-8. */
static int initialize(void) {
    char *before = strdup(setlocale(LC_ALL, NULL));
    int rate = espeak_Initialize(AUDIO_OUTPUT_SYNCHRONOUS, 40, NULL, espeakINITIALIZE_DONT_EXIT);
    if (before) setlocale(LC_ALL, before);
    free(before);
    return rate;
}

syx_status espeak_engine_start(syx_err *err) {
    syx_status status = SYX_OK;
    pthread_mutex_lock(&library);
    if (!started) {
        /* Synchronous mode calls back on this thread; the asynchronous one polls and adds up to 20 ms. */
        int rate = initialize();
        if (rate == ESPEAK_RATE)
            espeak_SetSynthCallback(on_audio);
        else
            status = syx_fail(err, SYX_EUNAVAILABLE,
                              "espeak-ng: the library's data was not found; install it with: apt-get install espeak-ng-data");
        started = status == SYX_OK;
    }
    pthread_mutex_unlock(&library);
    return status;
}

bool espeak_voice_name(const char *given, char *out, size_t cap) {
    char name[48];
    size_t n = 0;
    for (; given[n]; n++) {
        unsigned char c = (unsigned char)given[n];
        /* Names are file names to the library: no dots, no slashes. */
        if (n + 1 >= sizeof name || !(isalnum(c) || c == '-' || c == '+' || c == '_')) return false;
        name[n] = (char)(c == '_' ? '-' : tolower(c));
    }
    if (n == 0 || n >= cap) return false;
    memcpy(out, name, n);
    out[n] = 0;
    return true;
}

/* Selects a voice; a language tag that is unknown as a whole ("de-AT") falls back to its language ("de"). */
static bool select_voice(const char *name) {
    if (strcmp(name, current_voice) == 0) return true;
    char language[sizeof current_voice];
    snprintf(language, sizeof language, "%s", name);
    char *region = strchr(language, '-');
    bool found = espeak_SetVoiceByName(name) == EE_OK;
    if (!found && region) {
        *region = 0;
        found = espeak_SetVoiceByName(language) == EE_OK;
    }
    snprintf(current_voice, sizeof current_voice, "%s", found ? name : "");
    return found;
}

bool espeak_engine_has_voice(const char *name) {
    pthread_mutex_lock(&library);
    bool found = select_voice(name);
    pthread_mutex_unlock(&library);
    return found;
}

static syx_status synthesise(syx_clause *c, const espeak_options *o, syx_err *err) {
    if (!select_voice(o->voice)) return syx_fail(err, SYX_ENOTFOUND, "espeak-ng: no voice \"%s\"", o->voice);
    espeak_SetParameter(espeakRATE, (int)(espeakRATE_NORMAL * o->rate), 0);
    espeak_SetParameter(espeakPITCH, o->pitch, 0);
    espeak_ERROR result = espeak_Synth(c->text, c->len + 1, 0, POS_CHARACTER, 0, espeakCHARS_UTF8, NULL, NULL);
    if (current.stopped) return SYX_ESTALE;
    return result == EE_OK ? SYX_OK : syx_fail(err, SYX_EINTERNAL, "espeak-ng: synthesis failed (%d)", (int)result);
}

syx_status espeak_engine_speak(syx_speaker *speaker, syx_clause *clause, const espeak_options *options, syx_err *err) {
    pthread_mutex_lock(&library);
    syx_status status = SYX_ESTALE;
    /* It may have been cancelled while it waited for the lock. */
    if (!syx_cancelled(&speaker->cancelled, clause->generation)) {
        memset(&current, 0, sizeof current);
        current.speaker = speaker;
        current.clause = clause;
        status = synthesise(clause, options, err);
    }
    pthread_mutex_unlock(&library);
    return status;
}
