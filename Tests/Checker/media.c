/* SPDX-License-Identifier: Apache-2.0
 *
 * A filter that halves the level, or with -DVAD a detector; with one fault. */
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <xmmintrin.h>

#include "fault.h"
#include "syrinx_c.h"
#include "syrinx_json.h"

struct syx_provider {
    pthread_t thread;
    pthread_mutex_t lock;
    int stop;
    char *scratch;
};
struct syx_session {
    syx_provider *provider;
    uint32_t rate;
    int16_t last;
    char *scratch;
    size_t frames;
};

static int16_t global_last;
static _Thread_local int16_t thread_last;


static void *wait_for_ever(void *arg) {
    (void)arg;
    for (;;) pause();
    return NULL;
}

__attribute__((constructor)) static void loaded(void) {
    pthread_t t;
    if (FAULT_IS(constructor_thread)) pthread_create(&t, NULL, wait_for_ever, NULL);
    if (FAULT_IS(constructor_signal)) signal(SIGPIPE, SIG_IGN);
}

static int depth(const char *text) { return *text == '{' || *text == '"' || *text == 'a' || *text == ':' ? 1 + depth(text + 1) : 0; }

/* Not a tail call, so that its depth is the stack's. */
__attribute__((noinline)) static int deep(const char *text) {
    volatile char room[4096];
    room[0] = *text;
    return *text ? room[0] + deep(text + 1) : depth(text);
}

static void refuse_badly(syx_str config) {
    syx_str value;
    if (FAULT_IS(invalid_crash) && syx_json_field(config, "no_such_key", &value)) fault_crash();
    if (FAULT_IS(refusal_leak) && !syx_options_ok(config)) *(volatile char *)malloc(500) = 1;
    if (FAULT_IS(recursion) && config.len > 60000 && config.len < 200000) deep(config.ptr);
}

static void do_badly(const syx_core *core, syx_hprovider host, syx_str config) {
    char text[200];
    syx_str value;
    if (FAULT_IS(exit_crash)) atexit(fault_crash);
    if (FAULT_IS(exit_hang)) atexit(fault_hang);
    if (FAULT_IS(provider_fd)) (void)!open("/dev/null", O_RDONLY);
    if (FAULT_IS(starts_process)) (void)!system("true");
    if (FAULT_IS(writes_file)) close(open("left-behind", O_WRONLY | O_CREAT, 0600));
    if (FAULT_IS(opens_socket)) close(socket(AF_INET, SOCK_STREAM, 0));
    if (FAULT_IS(working_folder)) (void)!chdir("/tmp");
    if (FAULT_IS(ends_process)) exit(0);
    if (FAULT_IS(aborts)) abort();
    if (FAULT_IS(writes_output)) puts("here I am");
    if (FAULT_IS(secret) && syx_json_field(config, "key", &value)) {
        snprintf(text, sizeof text, "opened with %.*s", (int)value.len, value.ptr);
        core->log(host, 0, SYX_LOG_INFO, syx_cstr(text), syx_span(NULL, 0));
    }
}

static syx_status provider_open(const syx_core *core, syx_hprovider host, const syx_provider_params *params,
                                syx_provider **out, syx_err *err) {
    refuse_badly(params->config_json);
    if (FAULT_IS(exact_size) && params->struct_size != SYX_SIZEOF(syx_provider_params, descriptor))
        return syx_fail(err, SYX_EINVAL, "another host");
    if (FAULT_IS(default_refused)) return syx_fail(err, SYX_EINVAL, "not in the mood");
    if (!syx_options_ok(params->config_json)) return syx_fail(err, SYX_EINVAL, "configuration is not a JSON object");
    if (FAULT_IS(reads_behind)) {
        volatile char byte = ((const volatile char *)params)[params->struct_size + 8];
        (void)byte;
    }
    if (FAULT_IS(no_services) && *(const uint32_t *)core->service(host, SYX_SERVICE_AUDIO_1) == 0) return SYX_EINTERNAL;
    do_badly(core, host, params->config_json);
    syx_provider *p = calloc(1, sizeof *p);
    if (FAULT_IS(unchecked_provider)) fault_touch(p);
    if (!p) return syx_fail(err, SYX_ENOMEM, "out of memory");
    pthread_mutex_init(&p->lock, NULL);
    if (FAULT_IS(thread_left)) pthread_create(&p->thread, NULL, wait_for_ever, NULL);
    *out = p;
    return SYX_OK;
}

static void provider_close(syx_provider *p) {
    pthread_mutex_destroy(&p->lock);
    free(p);
}

static syx_status session_open(syx_provider *p, syx_hsession host, const syx_session_params *params, syx_session **out,
                               syx_err *err) {
    (void)host;
    bool ok = params->in.format == SYX_FMT_S16 && params->in.channels == 1 && params->in.rate >= 8000 && params->in.rate <= 48000;
    if (FAULT_IS(rate_zero)) ok = params->in.format == SYX_FMT_S16;
    if (FAULT_IS(rate_listed) && params->in.rate == 48000) ok = false;
    if (!ok) return syx_fail(err, SYX_EUNSUPPORTED, "needs s16 mono at 8 to 48 kHz");
    if (FAULT_IS(hangs)) wait_for_ever(NULL);
    syx_session *s = calloc(1, sizeof *s);
    char *scratch = malloc(64);
    if (FAULT_IS(unchecked)) fault_touch(s);
    if (!s || !scratch) {
        free(s), free(scratch);
        return syx_fail(err, SYX_ENOMEM, "out of memory");
    }
    s->provider = p;
    s->scratch = scratch;
    s->rate = params->in.rate;
    *out = s;
    return SYX_OK;
}

static void session_close(syx_session *s) {
    if (FAULT_IS(neighbour)) s->provider->stop = 1;
    free(s->scratch);
    if (!FAULT_IS(session_leak)) free(s);
}

static syx_status session_handle(syx_session *s, const syx_event *ev) {
    (void)s;
    if (FAULT_IS(event_crash) && ev->audio && ev->audio->samples > 0 && !ev->audio->data) fault_crash();
    return FAULT_IS(unknown_event) ? SYX_EINVAL : SYX_SKIP;
}

static void break_rt_rules(syx_session *s) {
    if (FAULT_IS(rt_malloc)) {
        char *p = malloc(100);
        if (p) p[0] = 1;
        s->scratch[0] = p ? p[0] : 0;
        free(p);
    }
    if (FAULT_IS(rt_lock)) pthread_mutex_lock(&s->provider->lock), pthread_mutex_unlock(&s->provider->lock);
    if (FAULT_IS(rt_syscall)) syscall(SYS_getppid);
    if (FAULT_IS(flush_to_zero)) _MM_SET_FLUSH_ZERO_MODE(_MM_FLUSH_ZERO_ON);
}

/* A one-pole low pass: with a state, so that mixed up sessions are heard. */
static void halve(syx_session *s, const int16_t *in, int16_t *out, uint32_t n) {
    int16_t *last = FAULT_IS(hidden_global) ? &global_last : FAULT_IS(thread_local) ? &thread_last : &s->last;
    for (uint32_t i = 0; i < n; i++) {
        *last = (int16_t)((*last + in[i]) / 2);
        out[i] = *last;
        if (FAULT_IS(in_place) && i + 1 < n) out[i + 1] = 0;
    }
    if (FAULT_IS(overrun)) out[n] = 7;
    if (FAULT_IS(writes_in)) ((int16_t *)(uintptr_t)in)[0] ^= 1;
}

static syx_status session_process(syx_session *s, const syx_frame *in, syx_frame *out, syx_result *result) {
    if (!FAULT_IS(bad_frame) && !syx_frame_is_pcm(in, s->rate)) return SYX_EINVAL;
    if (FAULT_IS(discont) && (in->flags & SYX_FR_DISCONT)) return SYX_EINVAL;
    if ((in->flags & SYX_FR_ECHO_REF) && FAULT_IS(echo) && out && out->data) memset(out->data, 0, 4);
    if (in->flags & SYX_FR_ECHO_REF) return SYX_SKIP;
    break_rt_rules(s);
    s->frames++;
    float level = FAULT_IS(bad_frame) ? syx_pcm_level(in->data, in->samples) : syx_frame_level(in);
    if (FAULT_IS(neighbour) && s->provider->stop) return SYX_EINTERNAL;
#ifndef VAD
    static const int16_t silence[16000];
    const int16_t *from = in->data ? in->data : silence;
    if (!out || !out->data || (!FAULT_IS(small_out) && out->bytes < in->samples * 2u) || (!in->data && in->samples > 16000)) return SYX_EINVAL;
    if (FAULT_IS(bad_frame)) from = in->data;
    halve(s, from, out->data, in->samples);
    out->bytes = in->samples * 2u;
#else
    (void)out, (void)halve;
#endif
    if (FAULT_IS(result)) *result = (syx_result){.struct_size = sizeof *result, .probability = 0.5f, .pts = in->pts};
    else syx_result_fill(result, in, FAULT_IS(probability) ? 2.0f : level > -40 ? 1.0f : 0.0f, level);
    return SYX_OK;
}

static void session_reset(syx_session *s) {
    if (!FAULT_IS(no_reset)) s->last = 0;
}

static const void *extension(syx_provider *p, const char *id) {
    (void)id;
    return FAULT_IS(extension) ? p : NULL;
}

static const syx_plugin_vt vt = {
    .struct_size = SYX_SIZEOF(syx_plugin_vt, extension),
    .open = provider_open,
    .close = provider_close,
    .session_open = session_open,
    .session_close = session_close,
    .handle = session_handle,
    .process = session_process,
    .reset = session_reset,
    .extension = extension,
};

static const syx_plugin_desc desc = {
    .struct_size = FAULT_IS(short_descriptor) ? 24 : SYX_SIZEOF(syx_plugin_desc, vt),
#ifdef VAD
    .kind = SYX_VAD,
#else
    .kind = SYX_FILTER,
#endif
    .flags = SYX_PF_RT_PROCESS,
    .id = "case",
    .version = "1.0.0",
    .name = "Case",
    .vendor = "Tests",
    .license = "Apache-2.0",
    .config_schema = FAULT_IS(schema) ? "{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"nonsense\"}}}"
                                      : "{\"type\":\"object\",\"additionalProperties\":false,\"properties\":{\"key\":{\"type\":\"string\","
                                        "\"x-secret\":true,\"default\":\"none\"},\"level\":{\"type\":\"number\",\"minimum\":0,\"maximum\":1}}}",
    .caps_json = FAULT_IS(caps) ? "{\"formats\":[{\"format\":\"mp3\"}]}" : "{\"formats\":[{\"format\":\"s16\",\"rates\":[8000,16000,48000],\"channels\":[1]}]}",
    .vt = &vt,
};

static const syx_plugin_desc *const plugins[] = {&desc, &desc};

static const syx_module table = {
    .magic = FAULT_IS(magic) ? 0x12345678 : SYX_MAGIC,
    .struct_size = SYX_SIZEOF(syx_module, deinit),
    .abi_major = FAULT_IS(major) ? 2 : SYX_ABI_MAJOR,
    .abi_minor = SYX_ABI_MINOR,
    .n_plugins = FAULT_IS(duplicate) ? 2 : 1,
    .build_info = SYX_BUILD_INFO,
    .plugins = plugins,
};

const syx_module *syrinx_plugin_entry_1(void) {
    static syx_module copies[2];
    static unsigned calls;
    if (!FAULT_IS(impure)) return &table;
    copies[0] = copies[1] = table;
    return &copies[calls++ % 2];
}

#ifdef EXPORTS_MORE
SYX_EXPORT int another_symbol(void);
int another_symbol(void) { return 1; }
#endif
#ifdef EXPORTS_UNIQUE
__asm__(".section .data\n.globl one_for_all\n.type one_for_all, @gnu_unique_object\n.size one_for_all, 4\none_for_all: .long 1\n.text\n");
#endif
#ifdef UNRESOLVED
extern int from_the_host(void);
SYX_EXPORT int asks_the_host(void);
int asks_the_host(void) { return from_the_host(); }
#endif
