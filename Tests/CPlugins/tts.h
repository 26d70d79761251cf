/* SPDX-License-Identifier: Apache-2.0
 *
 * Promises that every TTS provider keeps. */
#ifndef TTS_H
#define TTS_H
#include "check.h"

typedef struct {
    const syx_plugin_desc *desc;
    syx_provider *provider;
    uint32_t rate;
} tts;

tts tts_open(const char *plugin, const char *config, uint32_t rate);
void tts_close(tts *t);
fake_session *tts_session(tts *t, const char *options);

/* SPEAK: the whole sentence, DONE, first audio and RTF. */
void tts_speaks(tts *t, const char *name);
/* cancel() stops within one chunk, every clause has one terminal. */
void tts_cancels(tts *t, const char *name);
/* Audio over credit waits without loss. */
void tts_waits_for_credit(tts *t, const char *name);
void tts_refuses_and_survives(tts *t, const char *name);

#endif
