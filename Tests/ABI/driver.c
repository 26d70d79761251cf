/* SPDX-License-Identifier: Apache-2.0
 *
 * A host of one minor, and of no other: each struct that it gives a plugin ends where that minor's struct ended, and
 * behind that end lies a page that cannot be touched. A plugin that reads or writes a field which its host does not
 * have ends this process.
 *
 *   driver PLUGIN.SO KIND/ID syx_core=128 syx_frame=72 ...     sizes of the minor, from its golden file
 *
 * Compiled against that minor's header; with -DNEXT against the one after the newest (see following.py). */
#include <dlfcn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "syrinx_plugin.h"

enum { PAGE = 4096, RATE = 16000, SAMPLES = 320, FRAMES = 25, TASKS = 8 };

static char **size_words;
static int events, terminals, hints;
static struct {
    void (*fn)(void *);
    void *argument;
} tasks[TASKS];
static int task_count;

static int fail(const char *what) {
    printf("  %s\n", what);
    exit(1);
}

static uint32_t size_of(const char *type) {
    size_t length = strlen(type);
    for (char **word = size_words; *word; word++)
        if (strncmp(*word, type, length) == 0 && (*word)[length] == '=') return (uint32_t)atoi(*word + length + 1);
    return fail(type), 0;
}

/* A copy that ends at the end of a page; the next one is closed. `size` of the value is this host's knowledge. */
static void *give(const char *type, const void *value) {
    uint32_t size = size_of(type), room = (size + 7) / 8 * 8;
    char *pages = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (pages == MAP_FAILED || mprotect(pages + PAGE, PAGE, PROT_NONE) != 0) fail("no memory");
    char *place = pages + PAGE - room;
    memset(pages, 0xa5, PAGE);
    memcpy(place, value, size);
    return place;
}
#define GIVE(type, value) ((type *)give(#type, value))

/* --------------------------------------------------------------------------------------------------- host tables -- */

static syx_status emit(syx_hsession session, const syx_event *event) {
    (void)session;
    events++;
    terminals += event->type == SYX_EV_DONE || event->type == SYX_EV_FINAL || event->type == SYX_EV_TURN_END;
    return SYX_OK;
}
static const void *service(syx_hprovider provider, const char *id) { return (void)provider, (void)id, NULL; }
static int64_t now_ns(syx_hprovider provider) { return (void)provider, 0; }
static void write_log(syx_hprovider provider, syx_hsession session, uint32_t level, syx_str text, syx_str fields) {
    (void)provider, (void)session, (void)level, (void)text, (void)fields;
}
static void metric(syx_hprovider provider, syx_hsession session, uint32_t index, double value) {
    (void)provider, (void)session, (void)index, (void)value;
}
static uint64_t timer(syx_hsession session, uint32_t delay_ms, uint64_t cookie) {
    return (void)session, (void)delay_ms, (void)cookie, 1;
}
static void timer_cancel(syx_hsession session, uint64_t id) { (void)session, (void)id; }
static syx_status run(syx_hsession session, void (*fn)(void *), void *argument, uint64_t cookie) {
    (void)session, (void)cookie;
    if (task_count == TASKS) return SYX_EAGAIN;
    tasks[task_count].fn = fn;
    tasks[task_count++].argument = argument;
    return SYX_OK;
}
#ifdef NEXT
static void hint(syx_hsession session, uint32_t value) { (void)session, hints += value == 7; }
#endif

static const syx_core *make_core(void) {
    syx_core core = {
        .struct_size = size_of("syx_core"),
        .abi_minor = SYX_ABI_MINOR,
        .host_name = "driver",
        .host_version = "1",
        .service = service,
        .emit = emit,
        .emit_provider = emit,
        .now_ns = now_ns,
        .log = write_log,
        .metric = metric,
        .timer = timer,
        .timer_cancel = timer_cancel,
        .run = run,
#ifdef NEXT
        .hint = hint,
#endif
    };
    return GIVE(syx_core, &core);
}

/* ------------------------------------------------------------------------------------------------------ sessions -- */

static syx_err *make_err(void) {
    syx_err err = {.struct_size = size_of("syx_err")};
    return GIVE(syx_err, &err);
}

static syx_provider *open_provider(const syx_plugin_desc *desc) {
    syx_provider_params params = {.struct_size = size_of("syx_provider_params"), .descriptor = desc};
    params.config_json = (syx_str){"{}", 2};
    syx_provider *provider = NULL;
    if (desc->vt->open(make_core(), 1, GIVE(syx_provider_params, &params), &provider, make_err()) < 0 || !provider)
        fail("open failed");
    return provider;
}

static syx_session *open_session(const syx_plugin_desc *desc, syx_provider *provider) {
    syx_session_params params = {.struct_size = size_of("syx_session_params"), .max_frame_samples = SAMPLES};
    params.in = params.out = (syx_format){SYX_FMT_S16, RATE, 1, SAMPLES};
    params.credit_ms = 10000;
    syx_session *session = NULL;
    if (desc->vt->session_open(provider, 1, GIVE(syx_session_params, &params), &session, make_err()) < 0 || !session)
        fail("session_open failed");
    return session;
}

static syx_status send(const syx_plugin_vt *vt, syx_session *session, uint16_t type) {
    syx_event event = {.struct_size = size_of("syx_event"), .type = type, .generation = 1, .id = 1};
    event.text = (syx_str){"hello", 5};
    return vt->handle ? vt->handle(session, GIVE(syx_event, &event)) : SYX_SKIP;
}

static syx_frame *make_frame(void *data) {
    syx_frame frame = {.struct_size = size_of("syx_frame"), .format = SYX_FMT_S16, .rate = RATE, .channels = 1};
    frame.samples = SAMPLES;
    frame.bytes = SAMPLES * 2;
    frame.data = data;
    return GIVE(syx_frame, &frame);
}

static void play(const syx_plugin_vt *vt, syx_session *session, bool filters) {
    static int16_t in[SAMPLES], out[SAMPLES];
    for (int i = 0; i < SAMPLES; i++) in[i] = (int16_t)(i % 16 * 1000);
    for (int i = 0; i < FRAMES; i++) {
        syx_result empty = {.struct_size = size_of("syx_result"), .probability = -1};
        syx_result *result = GIVE(syx_result, &empty);
        syx_frame *written = filters ? make_frame(out) : NULL;
        if (vt->process(session, make_frame(in), written, result) != SYX_OK) fail("process failed");
        if (!(result->probability >= 0 && result->probability <= 1)) fail("process gave no probability");
    }
}

static void ask(const syx_plugin_vt *vt, syx_session *session, syx_kind kind) {
    uint16_t type = kind == SYX_STT     ? SYX_EV_END_OF_INPUT
                    : kind == SYX_AGENT ? SYX_EV_PROMPT
                    : kind == SYX_TTS   ? SYX_EV_SPEAK
                                        : SYX_EV_TRANSCRIPT;
    if (send(vt, session, type) < 0) fail("the request is refused");
    for (int i = 0; i < task_count; i++) tasks[i].fn(tasks[i].argument);
    if (terminals != 1) fail("the request has no end, or several");
}

static void converse(const syx_plugin_desc *desc) {
    syx_provider *provider = open_provider(desc);
    syx_session *session = open_session(desc, provider);
    const syx_plugin_vt *vt = desc->vt;
    if (desc->kind == SYX_VAD || desc->kind == SYX_FILTER)
        play(vt, session, desc->kind == SYX_FILTER);
    else if (desc->kind != SYX_BACKEND)
        ask(vt, session, desc->kind);
    if (send(vt, session, 9999) < 0) fail("an unknown event is refused, not skipped");
    if (SYX_HAS(vt, syx_plugin_vt, cancel) && vt->cancel) vt->cancel(session, 1);
    vt->session_close(session);
    vt->close(provider);
}

int main(int argc, char **argv) {
    void *image = argc > 2 ? dlopen(argv[1], RTLD_NOW | RTLD_LOCAL) : NULL;
    const syx_module *(*entry)(void) = NULL;
    if (image) *(void **)&entry = dlsym(image, "syrinx_plugin_entry_1");
    if (!entry) return fail(argc > 2 ? dlerror() : "usage: driver PLUGIN.SO ID size=...");
    size_words = argv + 3;
    const syx_module *module = entry();
    if (module->magic != SYX_MAGIC || module->abi_major != SYX_ABI_MAJOR) fail("another ABI");
    if (!SYX_HAS(module, syx_module, plugins)) fail("the module's table is too short");
    uint32_t tried = 0;
    for (uint32_t i = 0; i < module->n_plugins; i++) {
        if (strcmp(module->plugins[i]->id, argv[2]) != 0) continue;
        terminals = task_count = 0;
        converse(module->plugins[i]);
        tried++;
    }
    printf("providers=%u hints=%d\n", tried, hints);
    return tried ? 0 : fail("no such provider");
}
