/* SPDX-License-Identifier: Apache-2.0
 *
 * A backend: where sessions run. The host carries the media, so a backend opens, counts and refuses sessions. Replace
 * `admit`. */
#include <stdatomic.h>
#include <stdlib.h>

#include "syrinx_c.h"
#include "syrinx_json.h"

/* A provider exists once per configuration and holds what its sessions share. */
struct syx_provider {
    const syx_core *core;
    int limit;
    atomic_int sessions;
};

/* A session belongs to one conversation. */
struct syx_session {
    syx_provider *provider;
    syx_hsession host;
};

static syx_status provider_open(const syx_core *core, syx_hprovider host, const syx_provider_params *params,
                                syx_provider **out, syx_err *err) {
    (void)host;
    if (!syx_options_ok(params->config_json)) return syx_fail(err, SYX_EINVAL, "the configuration is not an object");
    syx_provider *p = calloc(1, sizeof *p);
    if (!p) return syx_fail(err, SYX_ENOMEM, "out of memory");
    p->core = core;
    p->limit = (int)syx_opt_number(params->config_json, "max_sessions", 1, 100000, 100);
    *out = p;
    return SYX_OK;
}

static void provider_close(syx_provider *p) { free(p); }

/* Counts and compares in one step: two sessions may open at once. */
static bool admit(syx_provider *p) {
    if (atomic_fetch_add(&p->sessions, 1) < p->limit) return true;
    atomic_fetch_sub(&p->sessions, 1);
    return false;
}

static syx_status session_open(syx_provider *p, syx_hsession host, const syx_session_params *params, syx_session **out,
                               syx_err *err) {
    (void)params;
    syx_session *s = calloc(1, sizeof *s);
    if (!s) return syx_fail(err, SYX_ENOMEM, "out of memory");
    if (!admit(p)) {
        free(s);
        syx_fail(err, SYX_EQUOTA, "all %d sessions are in use", p->limit);
        if (err && SYX_HAS(err, syx_err, flags)) err->flags = SYX_ERR_RETRYABLE;
        return SYX_EQUOTA;
    }
    s->provider = p;
    s->host = host;
    *out = s;
    return SYX_OK;
}

static void session_close(syx_session *s) {
    atomic_fetch_sub(&s->provider->sessions, 1);
    free(s);
}

/* A session has nothing under way here, so it is drained at once. */
static syx_status session_handle(syx_session *s, const syx_event *ev) {
    if (!syx_event_readable(ev) || ev->type != SYX_EV_DRAIN) return SYX_SKIP;
    syx_event drained = syx_ev(SYX_EV_DRAINED, 0, 0);
    return s->provider->core->emit(s->host, &drained);
}

static const syx_plugin_vt vt = {
    .struct_size = SYX_SIZEOF(syx_plugin_vt, extension),
    .open = provider_open,
    .close = provider_close,
    .session_open = session_open,
    .session_close = session_close,
    .handle = session_handle,
};

static const syx_plugin_desc desc = {
    .struct_size = SYX_SIZEOF(syx_plugin_desc, vt),
    .kind = SYX_BACKEND,
    .id = "@ID@",
    .version = "1.0.0",
    .name = "@NAME@",
    .vendor = "You",
    .license = "Apache-2.0",
    .config_schema = "{\"type\":\"object\",\"additionalProperties\":false,\"properties\":{"
                     "\"max_sessions\":{\"type\":\"integer\",\"minimum\":1,\"maximum\":100000,\"default\":100,"
                     "\"description\":\"Sessions at once\"}}}",
    .caps_json = "{\"media\":\"host\",\"transports\":[\"websocket\",\"inproc\"]}",
    .vt = &vt,
};

SYX_MODULE(&desc)
