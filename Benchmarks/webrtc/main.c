/* SPDX-License-Identifier: Apache-2.0
 *
 * Many WebRTC calls at once against an echo at a WHIP door: how long does the beginning of each burst of voice take to
 * come back, and what CPU time does the server spend on it? One thread; sends on an absolute schedule. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "../loadgen/clock.h"
#include "../loadgen/process.h"
#include "../loadgen/report.h"
#include "caller.h"
#include "voice.h"

static const int64_t frame_ns = 20 * NS_PER_MS;
static const char usage_text[] =
    "usage: webrtc-load --port PORT --path /doors/NAME [options]     the server is at 127.0.0.1\n"
    "  --calls N      calls at once (100)\n"
    "  --seconds S    length of the measured window, at most 600 (20)\n"
    "  --warm S       before it (4)\n"
    "  --pid PID      the server: also report its CPU time and memory\n"
    "  --json         one JSON object instead of text\n";

static struct options {
    int port, calls, seconds, warm;
    const char *path;
    pid_t pid;
    bool json;
} options = {.calls = 100, .seconds = 20, .warm = 4};

static struct {
    struct histogram latency, late;
    uint64_t sent, received, onsets, heard, lost;
    bool measuring;
} result;

static void parse(int argc, char **argv) {
    static const struct option known[] = {
        {"port", required_argument, 0, 'p'}, {"path", required_argument, 0, 'a'},
        {"calls", required_argument, 0, 'n'}, {"seconds", required_argument, 0, 's'},
        {"warm", required_argument, 0, 'w'},  {"pid", required_argument, 0, 'i'},
        {"json", no_argument, 0, 'j'},        {0, 0, 0, 0}};
    for (int o; (o = getopt_long(argc, argv, "", known, NULL)) != -1;) {
        switch (o) {
        case 'p': options.port = atoi(optarg); break;
        case 'a': options.path = optarg; break;
        case 'n': options.calls = atoi(optarg); break;
        case 's': options.seconds = atoi(optarg); break;
        case 'w': options.warm = atoi(optarg); break;
        case 'i': options.pid = (pid_t)atoi(optarg); break;
        case 'j': options.json = true; break;
        default: options.path = NULL; optind = argc + 1; break;
        }
    }
    bool sane = options.path && options.port > 0 && options.port < 65536 && options.calls > 0 &&
                options.calls <= 2000 && options.seconds > 0 && options.seconds <= 600 && options.warm >= 0;
    if (sane && optind == argc) return;
    fputs(usage_text, stderr);
    exit(2);
}

static void say(struct caller *c, int64_t now, int64_t due) {
    size_t len;
    uint32_t at = c->frame++ % FRAMES_PER_LOOP;
    const unsigned char *packet = voice_packet(at, &len);
    if (at == VOICE_FROM) {
        if (c->onset && result.measuring) result.lost++;
        c->onset = now;
        if (result.measuring) result.onsets++;
    }
    caller_send(c, packet, len, c->frame == 1);
    if (!result.measuring) return;
    result.sent++;
    histogram_add(&result.late, now - due);
}

static void hear(struct caller *c, const unsigned char *payload, int len, uint32_t timestamp) {
    int16_t samples[5760];
    int count = opus_decode(c->decoder, payload, len, samples, 5760, 0);
    if (result.measuring) result.received++;
    /* Where the server said nothing, there was silence. */
    int32_t gap = (int32_t)(timestamp - c->last_heard) / 48 - 20;
    if (gap > 0) c->quiet_ms += (uint32_t)gap;
    c->last_heard = timestamp;
    if (count <= 0 || !voice_is_loud(samples, count)) {
        c->quiet_ms += 20;
        return;
    }
    if (c->quiet_ms >= 200 && c->onset) {
        if (result.measuring) {
            histogram_add(&result.latency, now_ns() - c->onset);
            result.heard++;
        }
        c->onset = 0;
    }
    c->quiet_ms = 0;
}

static void drain(struct caller *c) {
    unsigned char payload[MAX_PACKET];
    uint32_t timestamp;
    for (int len; (len = caller_receive(c, payload, &timestamp)) >= 0;)
        if (len > 0) hear(c, payload, len, timestamp);
}

static void connect_all(struct caller *callers) {
    char fingerprint[128];
    const char *problem;
    SSL_CTX *context = caller_context(fingerprint, sizeof fingerprint);
    for (int i = 0; i < options.calls; i++) {
        struct caller *c = &callers[i];
        c->source = 0x10000u + (uint32_t)i;
        /* Callers do not speak in chorus. */
        c->frame = (uint32_t)i * 7 % FRAMES_PER_LOOP;
        if (caller_offer(c, options.port, options.path, fingerprint, &problem) &&
            caller_connect(c, context, &problem))
            continue;
        fprintf(stderr, "webrtc-load: call %d: %s\n", i, problem);
        exit(1);
    }
}

static void wait_until(int poll, int64_t due) {
    struct epoll_event events[128];
    int64_t left = due - now_ns();
    struct timespec time = {.tv_sec = left > 0 ? left / NS_PER_S : 0, .tv_nsec = left > 0 ? left % NS_PER_S : 0};
    int n = epoll_pwait2(poll, events, 128, &time, NULL);
    for (int i = 0; i < n; i++) drain(events[i].data.ptr);
}

/* Until `end`; packet k of call i is due at began + k * 20 ms + its share of the 20 ms. */
static uint64_t run(int poll, struct caller *callers, int64_t began, uint64_t next, int64_t end) {
    uint64_t calls = (uint64_t)options.calls;
    for (;; next++) {
        int64_t due = began + (int64_t)(next / calls) * frame_ns + (int64_t)(next % calls) * frame_ns / (int64_t)calls;
        if (due >= end) return next;
        do wait_until(poll, due);
        while (now_ns() < due);
        struct caller *c = &callers[next % calls];
        say(c, now_ns(), due);
        if (next / calls % 250 == 249) caller_check(c);
    }
}

static void report(struct process_sample before, struct process_sample after, int64_t own_us, double codec_us) {
    struct report r = {.json = options.json};
    double frames = result.sent ? (double)result.sent : 1;
    report_number(&r, "calls", options.calls);
    report_times(&r, "latency", &result.latency);
    report_number(&r, "latency_p95_ms", (double)histogram_quantile(&result.latency, 0.95) / 1e6);
    report_times(&r, "sending_late", &result.late);
    report_number(&r, "packets_sent", (double)result.sent);
    report_number(&r, "packets_received", (double)result.received);
    report_number(&r, "bursts", (double)result.onsets);
    report_number(&r, "bursts_heard", (double)result.heard);
    report_number(&r, "bursts_lost", (double)result.lost);
    report_number(&r, "loadgen_cpu_percent", (double)own_us / (options.seconds * 1e4));
    report_number(&r, "codec_us_per_pair", codec_us);
    if (options.pid) {
        report_number(&r, "cpu_us_per_pair", (double)(after.cpu_us - before.cpu_us) / frames);
        report_number(&r, "cpu_percent", (double)(after.cpu_us - before.cpu_us) / (options.seconds * 1e4));
        report_number(&r, "rss_kib", (double)after.rss_kib);
    }
    report_end(&r);
}

int main(int argc, char **argv) {
    parse(argc, argv);
    voice_init();
    double codec_us = voice_codec_us();
    struct caller *callers = calloc((size_t)options.calls, sizeof *callers);
    int poll = epoll_create1(EPOLL_CLOEXEC);
    if (!callers || poll < 0) return 2;
    connect_all(callers);
    for (int i = 0; i < options.calls; i++) {
        struct epoll_event wanted = {.events = EPOLLIN, .data = {.ptr = &callers[i]}};
        epoll_ctl(poll, EPOLL_CTL_ADD, callers[i].socket, &wanted);
    }
    int64_t began = now_ns();
    uint64_t next = run(poll, callers, began, 0, began + options.warm * NS_PER_S);
    result.measuring = true;
    struct process_sample before = process_sample(options.pid);
    int64_t own = own_cpu_us();
    run(poll, callers, began, next, began + (options.warm + options.seconds) * NS_PER_S);
    struct process_sample after = process_sample(options.pid);
    report(before, after, own_cpu_us() - own, codec_us);
    for (int i = 0; i < options.calls; i++) SSL_shutdown(callers[i].ssl);
    return result.lost * 50 > result.onsets ? 1 : 0;
}
