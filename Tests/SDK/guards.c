/* SPDX-License-Identifier: Apache-2.0
 *
 * What a plugin on top of the C++ SDK does wrong stays in it: exceptions, requests that nobody ends, floods. Links the
 * plugin and drives it through its table.   usage: guards */
#include <stdlib.h>

#include "fake_host.h"

static int failed;
static fake_session session;
static const syx_plugin_desc *desc;

static void check(bool holds, const char *what) {
    printf("%s  %s\n", holds ? "ok  " : "FAIL", what);
    failed += !holds;
}

static syx_status request(uint16_t type, uint64_t generation, uint64_t id, const char *text) {
    syx_event ev = syx_ev(type, generation, id);
    ev.text = syx_cstr(text);
    return fake_send(&session, &ev);
}

static syx_provider *open_provider(const char *config, syx_err *err) {
    return fake_provider(desc, config, ".", err);
}

static void open_session(syx_provider *provider) {
    syx_err err;
    syx_format format = {SYX_FMT_S16, 16000, 1, 0};
    check(fake_open(&session, desc, provider, format, &err) == SYX_OK, "a session opens");
}

static void test_open(void) {
    syx_err err;
    check(!open_provider("{\"how\":\"throw\"}", &err) && err.code == SYX_EINTERNAL, "an exception in open is an error");
    check(strcmp(err.msg, "as asked") == 0, "with its words");
    check(!open_provider("{\"how\":\"fail\"}", &err) && err.code == SYX_EUNAVAILABLE && err.flags == SYX_ERR_RETRYABLE,
          "an error keeps its status and flags");
    check(!open_provider("{\"how\":\"memory\"}", &err) && err.code == SYX_ENOMEM, "no memory is told as that");
    check(!open_provider("{\"how\":\"odd\"}", &err) && err.code == SYX_EINTERNAL, "an odd exception is caught");
    check(!open_provider("[", &err) && err.code == SYX_EINVAL, "a broken configuration is refused");
    syx_provider *provider = open_provider("{}", &err);
    check(desc->vt->health(provider, 1, &err) == SYX_EUNAVAILABLE, "ill health is told");
    desc->vt->close(provider);
}

static void ends_with(syx_provider *provider, const char *text, syx_status status) {
    open_session(provider);
    check(request(SYX_EV_PROMPT, 4, 0, text) == SYX_OK, text);
    const fake_event *end = fake_settle(&session, 4, 0, FAKE_EVENTS);
    check(end && end->type == SYX_EV_ERROR && end->i0 == status, "... ends once, with its error");
    desc->vt->reset(session.session);
    fake_close(&session);
}

static void test_agent(void) {
    syx_err err;
    syx_provider *provider = open_provider("{}", &err);
    ends_with(provider, "throw", SYX_EINTERNAL);
    ends_with(provider, "fail", SYX_EUNAVAILABLE);
    ends_with(provider, "memory", SYX_ENOMEM);
    ends_with(provider, "odd", SYX_EINTERNAL);
    ends_with(provider, "late", SYX_EINTERNAL);

    open_session(provider);
    request(SYX_EV_PROMPT, 5, 0, "never");
    fake_cancel(&session, 5);
    fake_cancel(&session, 5);
    check(fake_count(&session, SYX_EV_CANCELLED, 5) == 1, "a cancelled request ends once");
    check(request(SYX_EV_PROMPT, 5, 0, "again") == SYX_ESTALE, "and its generation stays dead");
    session.room = 0;
    request(SYX_EV_PROMPT, 6, 0, "flood");
    fake_grant(&session, FAKE_EVENTS);
    check(fake_count(&session, SYX_EV_DELTA, 6) == 1024, "what has no room is bounded");
    check(fake_count(&session, SYX_EV_DONE, 6) == 1, "and its terminal is kept, once");
    uint64_t taken = 0;
    while (taken < 1000 && request(SYX_EV_PROMPT, 100 + taken, 0, "never") == SYX_OK) taken++;
    check(taken == 64, "requests that are never answered are bounded");
    fake_close(&session);
    desc->vt->close(provider);
}

static void test_speaker(void) {
    syx_err err;
    syx_provider *provider = open_provider("{}", &err);
    open_session(provider);
    request(SYX_EV_SPEAK, 1, 1, "throw");
    request(SYX_EV_SPEAK, 1, 2, "well");
    const fake_event *end = fake_settle(&session, 1, 1, FAKE_EVENTS);
    check(end && end->type == SYX_EV_ERROR, "a clause that throws ends with its error");
    end = fake_settle(&session, 1, 2, FAKE_EVENTS);
    check(end && end->type == SYX_EV_DONE, "the next is spoken");
    request(SYX_EV_SPEAK, 2, 1, "well");
    request(SYX_EV_SPEAK, 2, 2, "well");
    fake_cancel(&session, 2);
    fake_advance(&session, 20);
    check(fake_count(&session, SYX_EV_CANCELLED, 2) == 2, "cancelled clauses end at once");
    check(fake_count(&session, SYX_EV_AUDIO_OUT, 2) == 0, "and are not heard");
    session.room = 0;
    uint64_t taken = 0;
    while (taken < 1000 && request(SYX_EV_SPEAK, 3, taken + 1, "well") == SYX_OK) taken++;
    check(taken == 48, "clauses that wait are bounded");
    fake_close(&session);
    desc->vt->close(provider);
}

static void test_hostile(void) {
    syx_event none;
    memset(&none, 0, sizeof none);
    check(desc->vt->open(NULL, 0, NULL, NULL, NULL) < 0, "open without arguments is refused");
    check(desc->vt->session_open(NULL, 0, NULL, NULL, NULL) < 0, "so is session_open");
    check(desc->vt->handle(NULL, &none) < 0, "and handle");
    desc->vt->cancel(NULL, 1);
    desc->vt->session_close(NULL);
    desc->vt->close(NULL);
}

int main(void) {
    const syx_module *module = syrinx_plugin_entry_1();
    desc = module->plugins[0];
    test_open();
    test_agent();
    test_hostile();
    desc = module->plugins[1];
    test_speaker();
    check(fake_breaches == 0, "the contract is kept");
    return failed > 0;
}
