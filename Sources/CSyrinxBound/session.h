/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BOUND_SESSION_H
#define BOUND_SESSION_H
#include "execute.h"
#include "settings.h"
#include "syrinx_speaker.h"

struct syx_provider {
    bound_module *module;
    const syx_core *core;
    syx_hprovider host;
    bound_settings *config;
    bound_cell *cells; /* its variables */
    bound_linked opened, close;
};

/* [rt] state of a filter or vad. */
typedef struct {
    uint32_t block;      /* samples that the library takes at once; 0 = as many as come */
    bool straight;       /* the host's frames are whole blocks: nothing waits */
    uint32_t filled;     /* of the block that is being gathered */
    int16_t *gathering, *ready; /* block samples each */
    int16_t *scratch;    /* a frame that the library may write to */
    float *wide, *wide_out; /* f32 libraries: a frame */
    uint32_t capacity;   /* samples in scratch and wide */
    float probability;
} bound_media;

/* State of a tts that the worker shares with [ctl]. */
typedef struct {
    syx_speaker speaker;
    syx_clause *_Atomic clause; /* being spoken */
    atomic_bool stopped;        /* nobody wants the rest */
    bool endless;               /* the library gave more audio than a clause may have */
    atomic_bool settled;        /* "open" has run, on a worker */
    bool failed, announced;     /* how it ended; READY or ERROR is sent */
    char complaint[200];
    pthread_mutex_t lock;       /* guards pending */
    bound_settings *pending;    /* options for the next clause */
    size_t mark_chars, mark_bytes;
} bound_voice;

struct syx_session {
    syx_provider *provider;
    bound_module *module;
    syx_hsession host;
    uint32_t rate;
    bound_settings *options; /* of a tts: its worker's */
    json_t *latest;          /* [ctl] the options as the host changed them last */
    bound_cell *cells;       /* variables */
    bound_cell builtins[BOUND_BUILTINS];
    bound_hook *hooks[BOUND_CALLBACKS];
    bound_frame frame;
    bound_linked open, work, update, close; /* work = process or speak */
    bool opened;
    bound_media media;
    bound_voice voice;
};

/* "setup", once; again if it failed, or if another module has set up the same library since. Under its lock. */
syx_status bound_set_up(bound_module *m, syx_err *err);
/* Runs "open"; on failure what was opened is closed again, and `complaint` says why. */
bool bound_session_start(syx_session *s, char *complaint, size_t size);
void bound_session_stop(syx_session *s);

/* media.c */
bool bound_media_open(syx_session *s, const syx_session_params *params);
void bound_media_close(syx_session *s);
void bound_media_reset(syx_session *s);
syx_status bound_process(syx_session *s, const syx_frame *in, syx_frame *out, syx_result *result);

/* speech.c */
syx_status bound_voice_open(syx_session *s, const syx_session_params *params, syx_err *err);
void bound_voice_close(syx_session *s);
syx_status bound_voice_handle(syx_session *s, const syx_event *ev);
syx_status bound_voice_options(syx_session *s, bound_settings *settings);
#endif
