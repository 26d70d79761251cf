/* SPDX-License-Identifier: Apache-2.0
 *
 * Providers and sessions of bound modules: the functions of their table. */
#include "session.h"

#include <locale.h>
#include <stdlib.h>

#include "callback.h"

/* ------------------------------------------------------------------------------------------------------- library -- */

static bool open_library_hooks(bound_module *m) {
    for (unsigned i = 0; i < m->callback_count; i++) {
        const bound_callback *c = &m->callbacks[i];
        bool shared = c->of_library || (c->of_session && c->self >= 0);
        if (shared && !m->hooks[i]) m->hooks[i] = bound_hook_open(m, c, NULL);
        if (shared && !m->hooks[i]) return false;
    }
    return true;
}

/* Some libraries set the locale of the whole process, and others read it. */
static const bound_op *run_setup(const bound_module *m) {
    const char *locale = setlocale(LC_ALL, NULL);
    char *before = locale ? strdup(locale) : NULL;
    const bound_op *failed = bound_run(m->setup, NULL);
    const char *after = setlocale(LC_ALL, NULL);
    if (before && after && strcmp(before, after) != 0) setlocale(LC_ALL, before);
    free(before);
    return failed;
}

static bool link_setup(bound_module *m) {
    static bound_cell none[BOUND_BUILTINS];
    bound_frame frame = {.module = m, .variables = {m->cells, NULL, NULL}, .builtins = none, .hooks = m->hooks};
    if (!m->setup) m->setup = bound_keep(m, sizeof *m->setup);
    if (!m->setup || !open_library_hooks(m)) return false;
    return m->setup->memory || bound_link(&m->programs[BOUND_SETUP], &frame, m->setup);
}

syx_status bound_set_up(bound_module *m, syx_err *err) {
    if (m->ready && (!m->global_state || m->shared->owner == m)) return SYX_OK;
    m->shared->owner = NULL;
    if (!link_setup(m)) return syx_fail(err, SYX_ENOMEM, "out of memory");
    const bound_op *failed = run_setup(m);
    char text[200];
    if (failed) return syx_fail(err, SYX_EUNAVAILABLE, "%s", bound_complaint(failed, text, sizeof text));
    m->shared->owner = m;
    m->ready = true;
    return SYX_OK;
}

/* ------------------------------------------------------------------------------------------------------ provider -- */

static void provider_free(syx_provider *p) {
    bound_unlink(&p->opened);
    bound_unlink(&p->close);
    bound_settings_free(p->config);
    free(p->cells);
    free(p);
}

static syx_status provider_start(syx_provider *p, syx_err *err) {
    static bound_cell none[BOUND_BUILTINS];
    bound_module *m = p->module;
    bound_frame frame = {.module = m, .variables = {m->cells, p->cells, NULL}, .builtins = none,
                         .config = p->config->cells, .hooks = m->hooks};
    if (!bound_link(&m->programs[BOUND_PROVIDER_OPEN], &frame, &p->opened) ||
        !bound_link(&m->programs[BOUND_PROVIDER_CLOSE], &frame, &p->close))
        return syx_fail(err, SYX_ENOMEM, "out of memory");
    const bound_op *failed = bound_run(&p->opened, NULL);
    char text[200];
    if (!failed) return SYX_OK;
    syx_fail(err, SYX_EUNAVAILABLE, "%s", bound_complaint(failed, text, sizeof text));
    bound_run_close(&p->close);
    return SYX_EUNAVAILABLE;
}

static bound_module *module_of(const syx_plugin_desc *d) {
    return (bound_module *)((char *)(uintptr_t)d - offsetof(bound_module, descriptor));
}

static syx_status provider_open(const syx_core *core, syx_hprovider host, const syx_provider_params *params,
                                syx_provider **out, syx_err *err) {
    bool told = params && SYX_HAS(params, syx_provider_params, descriptor) && params->descriptor;
    if (!told) return syx_fail(err, SYX_EINVAL, "the host did not say which provider it opens");
    syx_provider *p = calloc(1, sizeof *p);
    if (!p) return syx_fail(err, SYX_ENOMEM, "out of memory");
    bound_module *m = p->module = module_of(params->descriptor);
    p->core = core;
    p->host = host;
    p->cells = calloc(m->scope_slots[BOUND_PROVIDER] + 1, sizeof *p->cells);
    p->config = bound_settings_read(m, params->config_json, NULL, err);
    syx_status status = !p->config ? SYX_EINVAL : p->cells ? SYX_OK : syx_fail(err, SYX_ENOMEM, "out of memory");
    pthread_mutex_lock(&m->shared->lock);
    if (status == SYX_OK) status = bound_set_up(m, err);
    if (status == SYX_OK) status = provider_start(p, err);
    pthread_mutex_unlock(&m->shared->lock);
    if (status < 0) return provider_free(p), status;
    *out = p;
    return SYX_OK;
}

static void provider_close(syx_provider *p) {
    pthread_mutex_lock(&p->module->shared->lock);
    bound_run_close(&p->close);
    pthread_mutex_unlock(&p->module->shared->lock);
    provider_free(p);
}

static syx_status provider_health(syx_provider *p, uint64_t id, syx_err *err) {
    (void)p, (void)id, (void)err;
    return SYX_OK;
}

/* ------------------------------------------------------------------------------------------------------- session -- */

bool bound_session_start(syx_session *s, char *complaint, size_t size) {
    const bound_op *failed = bound_run(&s->open, s);
    s->opened = !failed;
    if (!failed) return true;
    bound_complaint(failed, complaint, size);
    bound_run_close(&s->close);
    return false;
}

void bound_session_stop(syx_session *s) {
    if (s->opened) bound_run_close(&s->close);
    s->opened = false;
    memset(s->cells, 0, s->module->scope_slots[BOUND_SESSION] * sizeof *s->cells);
}

static bool open_hooks(syx_session *s) {
    bound_module *m = s->module;
    for (unsigned i = 0; i < m->callback_count; i++) {
        const bound_callback *c = &m->callbacks[i];
        bool own = c->of_session && c->self < 0;
        s->hooks[i] = own ? bound_hook_open(m, c, s) : m->hooks[i];
        if (own && !s->hooks[i]) return false;
    }
    return true;
}

static void close_hooks(syx_session *s) {
    for (unsigned i = 0; i < s->module->callback_count; i++)
        if (s->hooks[i] && s->hooks[i]->session == s) bound_hook_close(s->hooks[i]);
}

static bool link_programs(syx_session *s) {
    const bound_program *programs = s->module->programs;
    bound_frame *f = &s->frame;
    *f = (bound_frame){.module = s->module, .hooks = s->hooks};
    f->variables[BOUND_LIBRARY] = s->module->cells;
    f->variables[BOUND_PROVIDER] = s->provider->cells;
    f->variables[BOUND_SESSION] = s->cells;
    f->builtins = s->builtins;
    f->config = s->provider->config->cells;
    f->options = s->options->cells;
    s->builtins[BOUND_RATE].u = s->rate;
    s->builtins[BOUND_SELF].p = s;
    const bound_program *work = &programs[s->module->kind == SYX_TTS ? BOUND_SPEAK : BOUND_PROCESS];
    return bound_link(&programs[BOUND_OPEN], f, &s->open) && bound_link(work, f, &s->work) &&
           bound_link(&programs[BOUND_UPDATE], f, &s->update) && bound_link(&programs[BOUND_CLOSE], f, &s->close);
}

static void session_free(syx_session *s) {
    close_hooks(s);
    bound_unlink(&s->open);
    bound_unlink(&s->work);
    bound_unlink(&s->update);
    bound_unlink(&s->close);
    bound_media_close(s);
    bound_settings_free(s->options);
    json_decref(s->latest);
    free(s->cells);
    free(s);
}

static bool takes_rate(const bound_format *f, const syx_format *wanted) {
    if (wanted->format != SYX_FMT_S16 || wanted->channels != 1) return false;
    for (uint32_t i = 0; i < f->rate_count; i++)
        if (f->rates[i] == wanted->rate) return true;
    return false;
}

/* Everything but the library's own part. */
static syx_session *session_make(syx_provider *p, syx_hsession host, const syx_session_params *params, syx_err *err) {
    syx_session *s = calloc(1, sizeof *s);
    bool tts = p->module->kind == SYX_TTS;
    if (!s) return syx_fail(err, SYX_ENOMEM, "out of memory"), NULL;
    s->provider = p;
    s->module = p->module;
    s->host = host;
    s->rate = tts ? params->out.rate : params->in.rate;
    s->cells = calloc(s->module->scope_slots[BOUND_SESSION] + 1, sizeof *s->cells);
    s->options = bound_settings_read(s->module, params->options_json, p->config, err);
    s->latest = s->options ? json_deep_copy(s->options->json) : NULL;
    bool made = s->latest && s->cells && (tts || bound_media_open(s, params)) && open_hooks(s) && link_programs(s);
    if (made) return s;
    if (s->options) syx_fail(err, SYX_ENOMEM, "out of memory");
    return session_free(s), NULL;
}

/* A filter or vad whose library has one state serves one session. */
static bool claim(bound_module *m) {
    if (!m->global_state || m->kind == SYX_TTS) return true;
    uint32_t none = 0;
    return atomic_compare_exchange_strong(&m->shared->live_sessions, &none, 1);
}

static void give_up(bound_module *m) {
    if (m->global_state && m->kind != SYX_TTS) atomic_store(&m->shared->live_sessions, 0);
}

static void session_close(syx_session *s) {
    bound_module *m = s->module;
    bound_session_stop(s);
    if (m->kind == SYX_TTS) bound_voice_close(s);
    session_free(s);
    give_up(m);
}

static syx_status session_begin(syx_session *s, const syx_session_params *params, syx_err *err) {
    char complaint[200];
    if (s->module->kind == SYX_TTS) return bound_voice_open(s, params, err);
    if (bound_session_start(s, complaint, sizeof complaint)) return SYX_OK;
    return syx_fail(err, SYX_EUNAVAILABLE, "%s", complaint);
}

static syx_status session_open(syx_provider *p, syx_hsession host, const syx_session_params *params, syx_session **out,
                               syx_err *err) {
    bound_module *m = p->module;
    if (!takes_rate(&m->format, m->kind == SYX_TTS ? &params->out : &params->in))
        return syx_fail(err, SYX_EUNSUPPORTED, "needs s16 mono at one of the rates of its capabilities");
    if (!claim(m)) return syx_fail(err, SYX_EQUOTA, "the library has one state for the process, and a session has it");
    syx_session *s = session_make(p, host, params, err);
    if (!s) return give_up(m), SYX_EINVAL;
    syx_status status = session_begin(s, params, err);
    if (status < 0) return session_close(s), status;
    *out = s;
    return status;
}

/* [ctl] New options: a tts takes them with its next clause; others tell the library now, with "update". */
static syx_status change_options(syx_session *s, syx_str json) {
    bound_settings *fresh = bound_settings_change(s->module, json, s->provider->config, s->latest, NULL);
    if (!fresh) return SYX_EINVAL;
    json_t *latest = json_deep_copy(fresh->json);
    if (!latest) return bound_settings_free(fresh), SYX_ENOMEM;
    json_decref(s->latest);
    s->latest = latest;
    if (s->module->kind == SYX_TTS) return bound_voice_options(s, fresh);
    s->frame.options = fresh->cells;
    bound_fill(&s->open, &s->frame);
    bound_fill(&s->work, &s->frame);
    bound_fill(&s->update, &s->frame);
    bound_fill(&s->close, &s->frame);
    bound_settings_free(s->options);
    s->options = fresh;
    return s->opened && bound_run(&s->update, NULL) ? SYX_EINTERNAL : SYX_OK;
}

static syx_status session_handle(syx_session *s, const syx_event *ev) {
    if (!syx_event_readable(ev)) return SYX_SKIP;
    if (ev->type == SYX_EV_CONFIG) return change_options(s, ev->json);
    return s->module->kind == SYX_TTS ? bound_voice_handle(s, ev) : SYX_SKIP;
}

static void session_cancel(syx_session *s, uint64_t generation) { syx_speaker_cancel(&s->voice.speaker, generation); }

static void session_reset(syx_session *s) {
    if (s->module->kind == SYX_TTS) return syx_speaker_reset(&s->voice.speaker);
    char unused[200];
    bound_session_stop(s);
    bound_media_reset(s);
    bound_session_start(s, unused, sizeof unused);
}

#define COMMON                                                                                              \
    .struct_size = SYX_SIZEOF(syx_plugin_vt, extension), .open = provider_open, .close = provider_close,    \
    .health = provider_health, .session_open = session_open, .session_close = session_close,                \
    .handle = session_handle, .reset = session_reset

const syx_plugin_vt *bound_table(syx_kind kind) {
    static const syx_plugin_vt media = {COMMON, .process = bound_process}, voice = {COMMON, .cancel = session_cancel};
    return kind == SYX_TTS ? &voice : &media;
}
