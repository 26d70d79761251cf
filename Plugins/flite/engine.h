/* SPDX-License-Identifier: Apache-2.0
 *
 * flite behind one call. Voices are shared by all threads; each utterance is its own (no race under helgrind). */
#ifndef FLITE_ENGINE_H
#define FLITE_ENGINE_H
#include "syrinx_speaker.h"

enum { FLITE_RATE = 16000 };

typedef enum { VOICE_SLT, VOICE_RMS, VOICE_AWB, VOICE_KAL16, VOICE_COUNT } flite_voice;

/* Registers the voices, once in the process. */
bool flite_engine_start(void);

/* False for an unknown name. */
bool flite_voice_named(const char *name, flite_voice *voice);

/* [work] Speaks a clause into its speaker; `speed` 1 is the voice's own pace. */
syx_status flite_engine_speak(syx_speaker *speaker, syx_clause *clause, flite_voice voice, double speed, syx_err *err);

#endif
