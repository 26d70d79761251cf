/* SPDX-License-Identifier: Apache-2.0 */
#include "run.h"

static void report_cpu(const struct load *load, struct report *r, double window_us) {
    double cpu = (double)(load->at_end.cpu_us - load->at_start.cpu_us);
    double per_frame = load->frames ? cpu / (double)load->frames : 0;
    report_number(r, "server_cpu_percent", 100 * cpu / window_us);
    report_number(r, "cpu_us_per_frame", per_frame);
    /* 50 frames a second and session. */
    report_number(r, "sessions_per_core", per_frame > 0 ? 1e6 / (per_frame * 50) : 0);
}

static void report_memory(const struct load *load, struct report *r) {
    double sessions = load->options.sessions;
    report_number(r, "rss_before_kib", (double)load->before.rss_kib);
    report_number(r, "rss_start_kib", (double)load->at_start.rss_kib);
    report_number(r, "rss_end_kib", (double)load->at_end.rss_kib);
    report_number(r, "kib_per_session", (double)(load->at_end.rss_kib - load->before.rss_kib) / sessions);
    report_number(r, "pss_kib_per_session", (double)(load->at_end.pss_kib - load->before.pss_kib) / sessions);
    report_number(r, "threads_before", load->before.threads);
    report_number(r, "threads_end", load->at_end.threads);
}

static void report_errors(const struct load *load, struct report *r) {
    report_number(r, "opened", (double)load->opened);
    report_number(r, "refused", (double)load->refused);
    report_number(r, "dropped", (double)load->dropped);
    report_number(r, "garbled", (double)load->garbled);
    report_number(r, "stalled", (double)load->stalled);
}

static bool is_clean(const struct load *load) {
    bool all_opened = load->steady_tried == (uint32_t)load->options.sessions && load->refused == 0;
    return all_opened && load->dropped + load->garbled + load->behaviour->faults(load) == 0;
}

bool run_report(const struct load *load) {
    static const char *const names[] = {"echo", "converse", "churn"};
    struct report r = {.json = load->options.json};
    double window_us = (double)(load->window_to - load->window_from) / NS_PER_US;
    report_text(&r, "mode", names[load->options.mode]);
    report_number(&r, "sessions", load->options.sessions);
    report_number(&r, "seconds", window_us / 1e6);
    report_number(&r, "frames", (double)load->frames);
    if (load->options.pid && window_us > 0) {
        report_cpu(load, &r, window_us);
        report_memory(load, &r);
    }
    load->behaviour->report(load, &r);
    report_times(&r, "opening", &load->opening);
    /* How far the load generator itself was behind: above a few ms its own core is too small for this load. */
    report_times(&r, "sending_late", &load->sending_late);
    if (window_us > 0)
        report_number(&r, "loadgen_cpu_percent", 100 * (double)(load->own_at_end - load->own_at_start) / window_us);
    report_errors(load, &r);
    report_text(&r, "verdict", is_clean(load) ? "clean" : "wrong");
    report_end(&r);
    return is_clean(load);
}
