/* SPDX-License-Identifier: Apache-2.0
 *
 * C: configurations and options, good and bad. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "checks.h"
#include "schema.h"
#include "scenario.h"

enum { BUDGET_MS = 15000, QUICK_MS = 2500 };

/* With a seed of the caller's the same number is tried each time, however long that takes: the check's own limit ends it. */
static int64_t budget(const ck *c) {
    if (c->o->seeded) return INT64_MAX;
    return fake_real() + (int64_t)(c->o->quick ? QUICK_MS : BUDGET_MS) * 1000000;
}

/* A refusal says why, in the caller's memory. */
static void check_error(ck *c, syx_status status, const syx_err *err, const char *input) {
    CK_NEED(c, memchr(err->msg, 0, sizeof err->msg), "an error's message does not end (for %.100s)", input);
    CK_NEED(c, fake_is_utf8(err->msg, strlen(err->msg)), "an error's message is not UTF-8 (for %.100s)", input);
    if (!err->msg[0]) ck_warn(c, "a refusal (%d) gives no reason (for %.120s)", status, input);
    if (err->msg[0] && err->code != status) ck_warn(c, "err.code is %d where open() answered %d (for %.120s)", err->code, status, input);
}

/* Opens and closes; a crash is the result of the process. */
static syx_status try_config(ck *c, const char *config) {
    syx_err err;
    syx_status status;
    syx_provider *p = fake_provider_at(c->d, config, c->o->folder, &status, &err);
    if (status < 0) check_error(c, status, &err, config);
    else if (!p) ck_fail(c, "open() answered %d and gave no provider (for %.120s)", status, config);
    ck_close(c, p);
    return status;
}

void check_config_defaults(ck *c) {
    syx_provider *p = ck_provider(c);
    fake_session *s = ck_session(c, p);
    if (s) fake_close(s);
    ck_close(c, p);
}

void check_config_examples(ck *c) {
    const json *examples = json_get(c->config_schema, "examples");
    if (!json_is(examples, JSON_ARRAY) || !examples->first) return ck_skip(c, "its schema has no examples");
    for (const json *e = examples->first; e; e = e->next) {
        text_out t = {0};
        text_json(&t, e);
        CK_NEED(c, try_config(c, t.text) >= 0, "open() refused an example of its schema: %.200s", t.text);
    }
}

static void many(ck *c, char *(*make)(ck *, const json *), const char *what) {
    size_t rounds = ck_rounds(c, 1000), done = 0, opened = 0;
    for (int64_t end = budget(c); done < rounds && fake_real() < end; done++) opened += try_config(c, make(c, c->config_schema)) >= 0;
    ck_pass(c, "%zu %s, %zu of them opened", done, what, opened);
}

void check_config_valid(ck *c) { many(c, schema_valid, "valid configurations"); }
void check_config_invalid(ck *c) { many(c, schema_invalid, "invalid configurations"); }

void check_config_broken(ck *c) {
    static const char *const texts[] = {"{\"a\":", "[]", "nonsense", "\xff\xfe", "{\"a\":1", "\"text\""};
    size_t opened = 0;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) opened += try_config(c, texts[i]) >= 0;
    if (opened) ck_warn(c, "%zu of %zu texts that are no JSON object were opened", opened, sizeof texts / sizeof *texts);
}

void check_config_huge(ck *c) {
    text_out deep = {0}, wide = {0};
    for (int i = 0; i < 20000; i++) text_add(&deep, "{\"a\":");
    text_add(&wide, "{\"a\":\"");
    for (int i = 0; i < 100000; i++) text_add(&wide, "0123456789");
    text_add(&wide, "\"}");
    try_config(c, deep.text);
    try_config(c, wide.text);
}

void check_config_enums(ck *c) {
    const json *properties = json_get(c->config_schema, "properties");
    size_t values = 0;
    for (const json *p = properties ? properties->first : NULL; p; p = p->next) {
        const json *list = json_get(p, "enum");
        for (const json *v = list ? list->first : NULL; v; v = v->next) {
            text_out t = {0};
            text_json(&t, v);
            if (try_config(c, schema_with(c->config, p->key, t.text)) < 0) ck_warn(c, "it lists %.60s for `%.60s` and refuses it", t.text, p->key);
            values++;
        }
    }
    if (values == 0) ck_skip(c, "its schema has no enum");
}

void check_config_bounds(ck *c) {
    const json *properties = json_get(c->config_schema, "properties");
    size_t values = 0;
    for (const json *p = properties ? properties->first : NULL; p; p = p->next) {
        const char *const keys[] = {"minimum", "maximum"};
        for (int i = 0; i < 2; i++) {
            const json *v = json_get(p, keys[i]);
            if (!json_is(v, JSON_NUMBER)) continue;
            if (try_config(c, schema_with(c->config, p->key, v->string)) < 0) ck_warn(c, "`%.60s` has the %s %.30s and it is refused", p->key, keys[i], v->string);
            values++;
        }
    }
    if (values == 0) ck_skip(c, "its schema bounds no number");
}

static const char canary[] = "canary-8b1f7d52c0e94c66";
static bool leaked;

static void look_for_canary(syx_str text) { leaked = leaked || (text.len >= sizeof canary - 1 && memmem(text.ptr, text.len, canary, sizeof canary - 1)); }

void check_config_secret(ck *c) {
    const char *secret = c->config_schema ? schema_secret(c->config_schema) : NULL;
    char value[64];
    syx_err err;
    if (!secret) return ck_skip(c, "its schema marks no secret");
    snprintf(value, sizeof value, "\"%s\"", canary);
    fake_set.logged = look_for_canary;
    char *config = schema_with(c->config, secret, value);
    syx_provider *p = fake_provider_at(c->d, config, c->o->folder, NULL, &err);
    if (!p && strstr(err.msg, canary)) leaked = true;
    fake_session *s = p ? fake_open(c->d, p, &c->format, c->options, &err) : NULL;
    if (s) scenario_run(c, s, NULL);
    if (s) fake_close(s);
    ck_close(c, p);
    char *broken = strdup(config);
    broken[strlen(broken) - 1] = 0;
    p = fake_provider_at(c->d, broken, c->o->folder, NULL, &err);
    if (!p && strstr(err.msg, canary)) leaked = true;
    ck_close(c, p);
    CK_NEED(c, !leaked, "the value of `%.60s` came out in a log, an error or an event", secret);
}

void check_config_refusals(ck *c) {
    static const char bad[] = "{\"no_such_key\":";
    syx_err err;
    if (try_config(c, bad) >= 0) return ck_skip(c, "it refuses no configuration");
    for (int i = 0; i < 20; i++) fake_provider_at(c->d, bad, c->o->folder, NULL, &err);
    ck_usage base = ck_usage_now();
    for (int i = 0; i < 200; i++) fake_provider_at(c->d, bad, c->o->folder, NULL, &err);
    ck_usage now = ck_usage_settled(&base);
    CK_NEED(c, now.threads <= base.threads && now.fds <= base.fds, "200 refused open() left %d threads and %d files", now.threads - base.threads, now.fds - base.fds);
    CK_NEED(c, now.heap < base.heap + 200 * 64, "200 refused open() left %zu bytes", now.heap - base.heap);
}

static size_t try_options(ck *c, char *(*make)(ck *, const json *), size_t *done) {
    syx_provider *p = ck_provider(c);
    size_t rounds = ck_rounds(c, 500), opened = 0;
    syx_err err;
    syx_status status;
    int64_t end = budget(c);
    for (*done = 0; p && *done < rounds && fake_real() < end; ++*done) {
        char *options = make(c, c->session_schema);
        fake_session *s = fake_open_begin(c->d, p, &c->format, options, &status, &err);
        if (!s) check_error(c, status, &err, options);
        if (s) fake_run(s, 0), fake_close(s), opened++;
        free(options);
    }
    ck_close(c, p);
    return opened;
}

void check_config_options(ck *c) {
    size_t done;
    if (!c->session_schema) return ck_skip(c, "its sessions take no options");
    size_t opened = try_options(c, schema_valid, &done);
    ck_pass(c, "%zu valid options, %zu of them opened", done, opened);
}

void check_config_bad_options(ck *c) {
    size_t done;
    if (!c->session_schema) return ck_skip(c, "its sessions take no options");
    size_t opened = try_options(c, schema_invalid, &done);
    ck_pass(c, "%zu invalid options, %zu of them opened", done, opened);
}

/* A helper that was busy answers later, by READY or ERROR; who waits for a vendor has taken the format. */
static bool is_refused_later(fake_session *s, syx_status status) {
    int64_t limit = fake_real() + 5000000000;
    while (status == SYX_PENDING && s->exchanges_begun == 0 && fake_real() < limit) {
        if (fake_count(s, SYX_EV_ERROR, 0) > 0) return true;
        if (fake_count(s, SYX_EV_READY, 0) > 0) return false;
        fake_run(s, 1);
    }
    return false;
}

void check_config_formats(ck *c) {
    static const syx_format odd[] = {{SYX_FMT_S16, 0, 1, 0}, {SYX_FMT_S16, 16000, 99, 0}, {77, 16000, 1, 0}, {SYX_FMT_S16, 4294967295u, 1, 0},
                                     {0, 0, 0, 0}, {SYX_FMT_OPUS, 48000, 2, 960}, {SYX_FMT_S16, 16000, 0, 0}, {SYX_FMT_S16, 16000, 1, 4294967295u}};
    syx_provider *p = ck_provider(c);
    size_t opened = 0;
    for (size_t i = 0; p && i < sizeof odd / sizeof *odd; i++) {
        syx_err err;
        syx_status status;
        fake_session *s = fake_open_begin(c->d, p, &odd[i], c->options, &status, &err);
        if (!s) check_error(c, status, &err, "a format");
        /* A speaker may take a rate of 0 for "any". */
        if (s && i < 3 && (i > 0 || c->d->kind != SYX_TTS) && !is_refused_later(s, status)) opened++;
        if (s) fake_close(s);
    }
    ck_close(c, p);
    bool audio = (1 << c->d->kind) & (CK_MEDIA | CK_TTS);
    if (opened && c->d->kind == SYX_STT) ck_warn(c, "%zu sessions opened with formats that do not exist: rate 0, 99 channels, format 77", opened);
    else if (opened && audio) ck_fail(c, "%zu sessions opened with formats that do not exist: rate 0, 99 channels, format 77", opened);
}

void check_config_two(ck *c) {
    syx_provider *a = ck_provider(c), *b = ck_provider(c);
    fake_session *s = ck_session(c, a), *t = ck_session(c, b);
    if (!s || !t) return;
    CK_NEED(c, a != b, "two open() gave one provider");
    fake_close(s);
    ck_close(c, a);
    outcome o = {0};
    scenario_run(c, t, &o);
    CK_NEED(c, o.complete && o.refused == 0, "a provider does not work on after another one was closed");
    fake_close(t);
    ck_close(c, b);
}

void check_config_reconfigure(ck *c) {
    if (!SYX_HAS(c->d->vt, syx_plugin_vt, reconfigure) || !c->d->vt->reconfigure) return ck_skip(c, "it has no reconfigure()");
    syx_provider *p = ck_provider(c);
    fake_session *s = ck_session(c, p);
    if (!s) return;
    syx_err err = {.struct_size = SYX_SIZEOF(syx_err, msg)};
    syx_status same = c->d->vt->reconfigure(p, syx_cstr(c->config), &err);
    CK_NEED(c, same >= 0 || same == SYX_EUNSUPPORTED, "it refused its own configuration: %d, %.200s", same, err.msg);
    syx_status bad = c->d->vt->reconfigure(p, syx_cstr("{\"a\":"), &err);
    if (bad >= 0) ck_warn(c, "it took a configuration that is no JSON");
    for (size_t i = 0; i < 50; i++) c->d->vt->reconfigure(p, syx_cstr(schema_valid(c, c->config_schema)), &err);
    fake_close(s);
    ck_close(c, p);
}

void check_config_health(ck *c) {
    if (!c->d->vt->health) return ck_skip(c, "it has no health()");
    syx_provider *p = ck_provider(c);
    if (!p) return;
    syx_err err = {.struct_size = SYX_SIZEOF(syx_err, msg)};
    syx_status status = c->d->vt->health(p, 4711, &err);
    CK_NEED(c, status == SYX_OK || status == SYX_PENDING, "a provider that has just been opened is not well: %d, %.200s", status, err.msg);
    for (int i = 0; status == SYX_PENDING && i < 1000 && !fake_health_came(4711); i++) nanosleep(&(struct timespec){0, 5000000}, NULL);
    CK_NEED(c, status == SYX_OK || fake_health_came(4711), "health() answered SYX_PENDING and no HEALTH event came");
    ck_close(c, p);
}

void check_config_data_dir(ck *c) {
    static const char *const dirs[] = {"", "/nonexistent/folder", "/dev/null", "relative", "\xff\xfe"};
    for (size_t i = 0; i < sizeof dirs / sizeof *dirs; i++) {
        syx_err err;
        syx_status status;
        syx_provider *p = fake_provider_at(c->d, c->config, dirs[i], &status, &err);
        if (!p) check_error(c, status, &err, "a folder that is not there");
        ck_close(c, p);
    }
}
