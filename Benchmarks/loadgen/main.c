/* SPDX-License-Identifier: Apache-2.0
 *
 * loadgen: callers for a WebSocket voice server, from one core. See Benchmarks/README.md. */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "load.h"
#include "run.h"
#include "speech.h"

static void fail(const char *what) {
    perror(what);
    exit(2);
}

/* As many sockets as the system grants; and timers without the kernel's 50 us of slack. */
static void prepare_process(void) {
    struct rlimit files;
    if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
        files.rlim_cur = files.rlim_max;
        setrlimit(RLIMIT_NOFILE, &files);
    }
    prctl(PR_SET_TIMERSLACK, 1);
}

static struct target make_target(const struct options *o) {
    struct target target = {.host = o->host, .path = o->path, .port = o->port};
    target.address.sin_family = AF_INET;
    target.address.sin_port = htons((uint16_t)o->port);
    if (inet_pton(AF_INET, o->host, &target.address.sin_addr) != 1) fail("host is not an IPv4 address");
    return target;
}

int main(int argc, char **argv) {
    struct load *load = calloc(1, sizeof *load);
    if (!load) fail("memory");
    load->options = options_parse(argc, argv);
    load->behaviour = load->options.mode == MODE_CONVERSE ? &talk_behaviour : &echo_behaviour;
    load->target = make_target(&load->options);
    prepare_process();
    load->epoll = epoll_create1(EPOLL_CLOEXEC);
    if (load->epoll < 0) fail("epoll");
    if (speech_init(load->options.rate) || !run_prepare(load)) fail("memory");
    run(load);
    bool clean = run_report(load);
    free(load->sessions);
    free(load);
    return clean ? 0 : 1;
}
