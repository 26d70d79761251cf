/* SPDX-License-Identifier: Apache-2.0
 *
 * eSpeak NG behind one call and one lock: the library has one state for the whole process and breaks within seconds
 * when two threads enter it. */
#ifndef ESPEAK_ENGINE_H
#define ESPEAK_ENGINE_H
#include "syrinx_speaker.h"

enum { ESPEAK_RATE = 22050 };

typedef struct {
    char voice[48]; /* a voice or language name of the library's, such as "de" or "en-us+f3" */
    double rate;    /* 1 is 175 words a minute */
    int pitch;      /* 0 ... 100 */
} espeak_options;

/* Loads the library's data, once in the process. */
syx_status espeak_engine_start(syx_err *err);

/* True when the library has a voice for the name; may take a file read. */
bool espeak_engine_has_voice(const char *name);

/* [work] Speaks a clause into its speaker. */
syx_status espeak_engine_speak(syx_speaker *speaker, syx_clause *clause, const espeak_options *options, syx_err *err);

/* Lower-cases a language tag or voice name into `out`; false, and `out` untouched, when it has characters that no voice
 * name has. */
bool espeak_voice_name(const char *given, char *out, size_t cap);

#endif
