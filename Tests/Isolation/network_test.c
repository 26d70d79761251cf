/* SPDX-License-Identifier: Apache-2.0
 *
 * The I/O services through a helper: ids, flow both ways, ends, and what is left when a helper dies. */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "network.h"

static live l;
static syx_provider *provider;
static syx_session *session;
static size_t answers; /* DELTAs of the probe so far */

static bool begin(bool offered) {
    record_clear();
    net_clear(offered);
    answers = 0;
    l = (live){.options = {.sessions = 4}};
    bool ready = live_start(&l, helper_program, probe_module, "probe");
    provider = ready ? live_provider(&l, SYX_AGENT, "{}") : NULL;
    session = NULL;
    ready = provider && live_session(&l, SYX_AGENT, provider, 1, "", &session) >= 0;
    EXPECT(ready);
    return ready;
}

static void end(void) {
    if (session) close_session(&l, session);
    if (provider) live_kind(&l, SYX_AGENT)->vt->close(provider);
    live_end(&l);
}

static seen_event next_answer(void) {
    EXPECT(wait_event(1, SYX_EV_DELTA, answers + 1, LONG_MS));
    return find_event(1, SYX_EV_DELTA, answers++);
}

static seen_event order(const char *text) {
    send_event(&l, session, SYX_EV_PROMPT, 0, text);
    return next_answer();
}

static syx_status bring(uint16_t type, uint64_t id, int64_t i0, const void *bytes, size_t count) {
    syx_event event = {.struct_size = SYX_SIZEOF(syx_event, audio), .type = type, .id = id, .i0 = i0,
        .text = {bytes, count}};
    syx_status status;
    do status = live_kind(&l, SYX_AGENT)->vt->handle(session, &event);
    while (status == SYX_EAGAIN);
    return status;
}

static bool says(seen_event event, const char *text) {
    bool same = strncmp(event.text, text, strlen(text)) == 0;
    if (!same) printf("  said '%s', not '%s'\n", event.text, text);
    return same;
}

static void services(void) {
    if (begin(false)) {
        EXPECT(order("services").id == 0);
        EXPECT(says(order("begin https://a.example/x"), "-2 "));
    }
    end();
    if (begin(true)) EXPECT(order("services").id == 7);
    EXPECT(says(order("prewarm"), "0 "));
    EXPECT(syrinx_helper_settle(l.helper, LONG_MS));
    EXPECT(net.prewarms == 1);
    end();
}

/* Bodies of all sizes arrive whole; what comes back does, too; the id is the plugin's. */
static void requests(void) {
    static const unsigned sizes[] = {0, 1, 65536, 65537, 3000000};
    static char data[16384];
    memset(data, 'd', sizeof data);
    if (!begin(true)) return;
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        char text[64];
        snprintf(text, sizeof text, "begin https://a.example/%u %u", sizes[i], sizes[i]);
        seen_event begun = order(text);
        EXPECT(begun.id != 0 && says(begun, "0 begun"));
        net_exchange x = net_wait(i);
        EXPECT(x.id && x.body_bytes == sizes[i] && x.generation == 7 && !x.socket);
        EXPECT(strcmp(x.headers, "Authorization: Bearer ${secret:key}\n") == 0);
        unsigned char *sent = malloc(sizes[i] + 1);
        for (size_t k = 0; k < sizes[i]; k++) sent[k] = (unsigned char)(k * 31 + (k >> 8));
        EXPECT(x.body_sum == net_sum(0, sent, sizes[i]));
        free(sent);
        EXPECT(bring(SYX_EV_HTTP_HEAD, x.id, 200, "", 0) == SYX_OK);
        seen_event head = next_answer();
        EXPECT(says(head, "event 32 200") && head.id == begun.id);
        for (int k = 0; k < 200; k++) EXPECT(bring(SYX_EV_HTTP_DATA, x.id, 0, data, sizeof data) == SYX_OK);
        EXPECT(bring(SYX_EV_HTTP_DONE, x.id, 0, "fine", 4) == SYX_OK);
        char ends[64];
        snprintf(ends, sizeof ends, "end 0 %llu ", (unsigned long long)(i + 1) * 200 * sizeof data);
        EXPECT(says(next_answer(), ends));
        /* It is over: nothing of it is passed on. */
        EXPECT(bring(SYX_EV_HTTP_DATA, x.id, 0, "x", 1) == SYX_SKIP);
    }
    EXPECT(syrinx_helper_alive(l.helper));
    end();
}

static void refusals(void) {
    if (!begin(true)) return;
    for (int i = 0; i < 200; i++) {
        seen_event begun = order(i % 2 ? "begin https://a.example/refuse" : "begin wss://a.example/refuse 0");
        seen_event ended = next_answer();
        EXPECT(says(ended, "end -4 0 0 not there") && ended.id == begun.id);
    }
    EXPECT(says(order("sign four 100000"), "0 signed"));
    EXPECT(syrinx_helper_settle(l.helper, LONG_MS));
    EXPECT(net.signatures == 1 && net.signed_bytes == 100000 && net.cookie == 77);
    EXPECT(bring(SYX_EV_DIGEST, 77, 0, "0123456789abcdef0123456789abcdef", 32) == SYX_OK);
    EXPECT(says(next_answer(), "event 39 0"));
    EXPECT(says(order("sign1 four"), "0 signed"));
    EXPECT(syrinx_helper_settle(l.helper, LONG_MS));
    EXPECT(net.signatures == 2 && net.algorithm == 1 && net.cookie == 78);
    order("sign unknown 0");
    EXPECT(says(next_answer(), "event 39 -3"));
    end();
}

/* The plugin is told to wait at the window, the host gets all of it in order, and then it may go on. */
static void flow(void) {
    if (!begin(true)) return;
    order("begin wss://a.example/socket");
    net_exchange x = net_wait(0);
    record_lock();
    net.full = true;
    record_unlock();
    seen_event full = order("fill");
    EXPECT(full.id * 16384 > SYX_IO_WINDOW && full.id * 16384 <= SYX_IO_WINDOW + 16384);
    EXPECT(says(order("send 1"), "-7 "));
    order("close 1000");
    EXPECT(says(order("send 1"), "-12 "));
    EXPECT(syrinx_helper_settle(l.helper, LONG_MS));
    EXPECT(net_wait(0).sent_bytes == 0 && !net_wait(0).ended);
    record_lock();
    net.full = false;
    record_unlock();
    EXPECT(bring(SYX_EV_IO_WRITABLE, x.id, 0, "", 0) == SYX_OK);
    x = net_wait_end(0);
    char sum[64];
    snprintf(sum, sizeof sum, "-7 %llu", (unsigned long long)x.sent_sum);
    EXPECT(says(full, sum) && x.sent_bytes == full.id * 16384 && x.code == 1000 && strcmp(x.reason, "bye") == 0);
    EXPECT(says(next_answer(), "event 38"));
    EXPECT(bring(SYX_EV_WS_CLOSED, x.id, 0, "bye", 3) == SYX_OK);
    EXPECT(says(next_answer(), "end 0 "));
    end();
}

/* Far more than the ring holds in one message: parts of one, and the last of them says so. */
static void large(void) {
    if (!begin(true)) return;
    order("begin wss://a.example/socket");
    EXPECT(says(order("send 4000000"), "0 sent"));
    net_exchange x = net_wait_sent(0, 4000000);
    EXPECT(x.sent_bytes == 4000000 && x.calls == 62 && x.last_flags == SYX_WS_BINARY);
    EXPECT(says(order("send 5000000"), "-1 "));
    EXPECT(says(order("pause"), "0 "));
    order("close 0");
    EXPECT(net_wait_end(0).code == 0 && net_wait(0).reads == 0);
    order("stream https://a.example/upload");
    EXPECT(says(order("body"), "0 sent") && says(order("body"), "-1 "));
    x = net_wait_sent(1, 3);
    EXPECT(x.body_bytes == 3 && (x.flags & SYX_REQ_STREAM_BODY) && x.last_flags == 1);
    /* Nothing but the end comes after an abort, and it is the plugin's own doing. */
    order("abort");
    EXPECT(net_wait_end(1).ended);
    EXPECT(bring(SYX_EV_HTTP_HEAD, x.id, 200, "", 0) == SYX_OK);
    EXPECT(bring(SYX_EV_HTTP_DONE, x.id, 0, "", 0) == SYX_OK);
    EXPECT(says(next_answer(), "end -8 "));
    end();
}

/* 64 at once, not one more; all places come back with their ends, and with the session. */
static void places(void) {
    if (!begin(true)) return;
    for (int round = 0; round < 3; round++) {
        size_t first = (size_t)round * 64;
        for (int i = 0; i < 64; i++) EXPECT(order("begin https://a.example/x").id != 0);
        EXPECT(says(order("begin https://a.example/x"), "-6 "));
        for (size_t i = 0; round < 2 && i < 64; i++) {
            EXPECT(bring(SYX_EV_HTTP_DONE, net_wait(first + i).id, 0, "", 0) == SYX_OK);
            next_answer();
        }
    }
    close_session(&l, session);
    answers = 0;
    syx_status status = live_session(&l, SYX_AGENT, provider, 1, "", &session);
    EXPECT(status >= 0);
    record_clear();
    EXPECT(order("begin https://a.example/again").id != 0);
    EXPECT(strstr(net_wait(192).url, "again"));
    EXPECT(syrinx_helper_alive(l.helper));
    end();
}

static bool wait_closed(int count) {
    bool reached = false;
    for (int64_t until = now_ns() + (int64_t)LONG_MS * 1000000; !reached && now_ns() < until;) {
        record_lock();
        reached = l.witness.closed >= count;
        record_unlock();
        if (!reached) nanosleep(&(struct timespec){0, 200000}, NULL);
    }
    return reached;
}

/* What a plugin says in its session_close is heard before the host is told that the session is closed, however long it
 * takes; the host's call does not wait for it. A helper that dies instead leaves the end to the host. */
static void goodbye(void) {
    if (!begin(true)) return;
    for (size_t i = 0; i < 3; i++) {
        order("polite");
        order("begin wss://a.example/socket");
        net_wait(i);
        bool busy = i > 0, dies = i == 2;
        if (busy) send_event(&l, session, SYX_EV_PROMPT, 0, "sleep 2000");
        close_session(&l, session);
        session = NULL;
        record_lock();
        EXPECT(!busy || (!net.exchanges[i].ended && l.witness.closed == (int)i));
        record_unlock();
        if (dies) syrinx_helper_kill(l.helper);
        EXPECT(wait_closed((int)i + 1));
        record_lock();
        net_exchange x = net.exchanges[i];
        EXPECT(l.witness.closed == (int)i + 1);
        record_unlock();
        if (dies) EXPECT(!x.ended);
        else EXPECT(x.sent_bytes == 100 && x.code == 1001 && strcmp(x.reason, "bye") == 0);
        if (!dies) EXPECT(live_session(&l, SYX_AGENT, provider, 1, "", &session) >= 0);
    }
    end();
}

/* A caller's socket, taken at the session's door: both sides use the host's id, beside sockets of the plugin's own. */
static void door(void) {
    if (!begin(true)) return;
    EXPECT(bring(SYX_EV_WS_DATA, 5, 0, "x", 1) == SYX_SKIP);
    EXPECT(order("begin wss://a.example/socket").id >= (uint64_t)1 << 32);
    net_adopt(1, 5);
    EXPECT(bring(SYX_EV_WS_OPEN, 5, 0, "", 0) == SYX_OK);
    seen_event opened = next_answer();
    EXPECT(says(opened, "event 35") && opened.id == 5);
    record_lock();
    net.full = true;
    record_unlock();
    EXPECT(order("fill").id > 0);
    record_lock();
    net.full = false;
    record_unlock();
    EXPECT(bring(SYX_EV_IO_WRITABLE, 5, 0, "", 0) == SYX_OK);
    EXPECT(says(next_answer(), "event 38"));
    EXPECT(net_wait_sent(1, SYX_IO_WINDOW).sent_bytes > SYX_IO_WINDOW && net_wait(0).sent_bytes == 0);
    EXPECT(bring(SYX_EV_WS_DATA, 5, 0, "hello", 5) == SYX_OK);
    EXPECT(bring(SYX_EV_WS_CLOSED, 5, 0, "bye", 3) == SYX_OK);
    EXPECT(says(next_answer(), "end 0 5 "));
    EXPECT(says(order("send 1"), "-12 "));
    end();
}

/* A caller whose plugin dies is told so, and not cut off. */
static void door_of_the_dead(void) {
    if (!begin(true)) return;
    net_adopt(1, 3);
    EXPECT(bring(SYX_EV_WS_OPEN, 3, 0, "", 0) == SYX_OK);
    next_answer();
    kill(syrinx_helper_pid(l.helper), SIGKILL);
    EXPECT(wait_lost(&l.witness, LONG_MS));
    EXPECT(net_wait_end(0).code == 1011);
    end();
}

/* Killed in the middle: what it had begun is ended at the host. */
static void killed(void) {
    if (!begin(true)) return;
    order("begin wss://a.example/socket");
    order("begin https://a.example/x 500000");
    net_wait(1);
    record_lock();
    net.full = true;
    record_unlock();
    kill(syrinx_helper_pid(l.helper), SIGKILL);
    EXPECT(wait_lost(&l.witness, LONG_MS));
    EXPECT(net_wait_end(0).ended && net_wait_end(1).ended);
    EXPECT(bring(SYX_EV_HTTP_DATA, net_wait(1).id, 0, "x", 1) == SYX_SKIP);
    end();
}

void test_network(void) {
    services();
    requests();
    refusals();
    flow();
    large();
    places();
    goodbye();
    door();
    door_of_the_dead();
    killed();
}
