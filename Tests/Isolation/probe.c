/* SPDX-License-Identifier: Apache-2.0
 *
 * A plugin that does what a test asks of it: an agent that obeys its prompts, and a detector of nothing. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "probe.h"

static void pause_ms(long ms) {
    struct timespec t = {ms / 1000, ms % 1000 * 1000000};
    nanosleep(&t, NULL);
}

syx_status probe_say(syx_session *s, uint16_t type, uint64_t id, const char *text) {
    syx_event event = {.struct_size = SYX_SIZEOF(syx_event, audio), .type = type, .id = id, .generation = 7,
        .text = {text, strlen(text)}};
    return s->core->emit(s->host, &event);
}

/* Until the host has no room; WRITABLE goes on. */
static void go_on(syx_session *s) {
    while (s->next < s->end && probe_say(s, SYX_EV_DELTA, s->next, "x") == SYX_OK) s->next++;
    if (s->next == s->end && s->end && probe_say(s, SYX_EV_DONE, 0, "") == SYX_OK) s->end = s->next = 0;
}

static void start_timers(syx_session *s) {
    int started = 0;
    for (uint64_t i = 0; i < 65; i++)
        if ((s->timers[i] = s->core->timer(s->host, 1000, i))) started++;
    char text[24];
    snprintf(text, sizeof text, "%d", started);
    probe_say(s, SYX_EV_DONE, 0, text);
}

static void cancel_timers(syx_session *s) {
    for (uint64_t i = 0; i < 64; i += 2) s->core->timer_cancel(s->host, s->timers[i]);
    probe_say(s, SYX_EV_DONE, 1, "");
}

/* Of all sessions. */
static _Atomic int tasks_run;

static void count_task(void *unused) {
    (void)unused;
    atomic_fetch_add(&tasks_run, 1);
}

static void task(void *argument) {
    syx_session *s = argument;
    if (atomic_fetch_add(&s->running, 1) > 0) atomic_fetch_add(&s->overlaps, 1);
    pause_ms(2);
    atomic_fetch_sub(&s->running, 1);
    count_task(NULL);
}

static void start_tasks(syx_session *s, int count) {
    /* Until one is refused: a worker that takes its first one late makes room again, for one further on. */
    int taken = 0;
    while (taken < count && s->core->run(s->host, task, s, (uint64_t)taken) == SYX_OK) taken++;
    char text[24];
    snprintf(text, sizeof text, "%d", taken);
    probe_say(s, SYX_EV_DELTA, 0, text);
}

static void obey(syx_session *s, const syx_event *event) {
    char order[64] = "";
    size_t length = event->text.len < sizeof order - 1 ? event->text.len : sizeof order - 1;
    memcpy(order, event->text.ptr, length);
    int number = 0;
    if (sscanf(order, "emit %d", &number) == 1) {
        s->end = (uint64_t)number;
        s->next = 0;
        go_on(s);
    } else if (sscanf(order, "tasks %d", &number) == 1) {
        start_tasks(s, number);
    } else if (sscanf(order, "sleep %d", &number) == 1) {
        pause_ms(number);
        probe_say(s, SYX_EV_DONE, 0, "");
    } else if (strcmp(order, "ran") == 0) {
        snprintf(order, sizeof order, "%d", atomic_load(&tasks_run));
        probe_say(s, SYX_EV_DONE, 0, order);
    } else if (strcmp(order, "timers") == 0) {
        start_timers(s);
    } else if (strcmp(order, "cancel") == 0) {
        cancel_timers(s);
    } else if (probe_obey_io(s, order) == SYX_SKIP) {
        probe_say(s, SYX_EV_DONE, 0, order);
    }
}

static syx_status session_handle(syx_session *s, const syx_event *event) {
    char text[48];
    switch (event->type) {
    case SYX_EV_PROMPT: obey(s, event); return SYX_OK;
    case SYX_EV_WRITABLE: go_on(s); return SYX_OK;
    case SYX_EV_TIMER: probe_say(s, SYX_EV_DELTA, event->id, "timer"); return SYX_OK;
    case SYX_EV_TASK_DONE:
        snprintf(text, sizeof text, "task, %d overlaps", atomic_load(&s->overlaps));
        probe_say(s, SYX_EV_DELTA, event->id, text);
        return SYX_OK;
    default: return probe_io_event(s, event);
    }
}

static syx_status session_open(syx_provider *p, syx_hsession host, const syx_session_params *params, syx_session **out,
    syx_err *error) {
    int ms = 0;
    char options[32] = "";
    memcpy(options, params->options_json.ptr, params->options_json.len < 31 ? params->options_json.len : 31);
    if (sscanf(options, "late %d", &ms) == 1 || sscanf(options, "refuse %d", &ms) == 1) pause_ms(ms);
    if (options[0] == 'r') {
        if (strcmp(options, "refuse after run") == 0) p->core->run(host, count_task, NULL, 0);
        error->code = SYX_EQUOTA;
        strcpy(error->msg, "no more");
        return SYX_EQUOTA;
    }
    syx_session *s = calloc(1, sizeof *s);
    if (!s) return SYX_ENOMEM;
    s->core = p->core;
    s->provider = p->host;
    s->sessions = &p->sessions;
    ++*s->sessions;
    s->host = host;
    *out = s;
    return SYX_OK;
}

static void session_close(syx_session *s) {
    /* A task of this session that still runs would use what is freed here. */
    if (atomic_load(&s->running) != 0) abort();
    if (s->says_goodbye) probe_goodbye(s);
    --*s->sessions;
    memset(s, 0xee, sizeof *s);
    free(s);
}

static syx_status open(const syx_core *core, syx_hprovider host, const syx_provider_params *params, syx_provider **out,
    syx_err *error) {
    (void)params, (void)error;
    *out = calloc(1, sizeof **out);
    if (!*out) return SYX_ENOMEM;
    (*out)->core = core;
    (*out)->host = host;
    return SYX_OK;
}

static void close(syx_provider *p) {
    if (p->sessions != 0) abort();
    free(p);
}

static syx_status process(syx_session *s, const syx_frame *in, syx_frame *out, syx_result *result) {
    (void)s, (void)out;
    result->pts = in->pts;
    return SYX_OK;
}

static syx_status init(const syx_core *core, syx_err *error) {
    (void)error;
    /* Before there is a provider, and with handles of none: none of it may cost the helper its life. */
    syx_str text = {"init", 4}, none = {NULL, 0};
    core->log(0, 0, SYX_LOG_INFO, text, none);
    core->log(12345, 0, SYX_LOG_INFO, text, none);
    core->metric(0, 0, 0, 1);
    core->metric(1 << 20, 0, 0, 1);
    return SYX_OK;
}

static void cancel(syx_session *s, uint64_t generation) { probe_say(s, SYX_EV_CANCELLED, generation, ""); }

static void reset(syx_session *s) { (void)s; }

static const syx_plugin_vt vt = {.struct_size = SYX_SIZEOF(syx_plugin_vt, reset), .open = open, .close = close,
    .session_open = session_open, .session_close = session_close, .handle = session_handle, .process = process,
    .cancel = cancel, .reset = reset};

#define DESC(its_name, its_kind)                                                                                          \
    static const syx_plugin_desc its_name = {.struct_size = SYX_SIZEOF(syx_plugin_desc, vt), .kind = its_kind,            \
        .id = "probe", .version = "1.0.0", .name = "Probe", .vendor = "Syrinx", .license = "Apache-2.0",              \
        .config_schema = "{}", .caps_json = "{}", .vt = &vt}
DESC(agent, SYX_AGENT);
DESC(vad, SYX_VAD);
static const syx_plugin_desc *const plugins[] = {&agent, &vad};
static const syx_module module = {.magic = SYX_MAGIC, .struct_size = SYX_SIZEOF(syx_module, init),
    .abi_major = SYX_ABI_MAJOR, .abi_minor = SYX_ABI_MINOR, .n_plugins = 2, .build_info = "test", .plugins = plugins,
    .init = init};

const syx_module *syrinx_plugin_entry_1(void) { return &module; }
