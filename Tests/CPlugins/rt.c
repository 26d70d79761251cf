/* SPDX-License-Identifier: Apache-2.0 */
#include "rt.h"

rt rt_open(const char *plugin, const char *id, const char *config, uint32_t rate, uint32_t samples) {
    char path[512];
    syx_err err;
    rt r = {.rate = rate};
    r.desc = fake_find(fake_load(plugins_dir, plugin, path, sizeof path), id);
    r.provider = fake_provider(r.desc, config, &err);
    if (r.provider) r.session = fake_open(r.desc, r.provider, &(syx_format){SYX_FMT_S16, rate, 1, samples}, "", &err);
    CHECK(r.session != NULL, "%s opens: %s", id, err.msg);
    if (!r.session) exit(1);
    return r;
}

void rt_close(rt *r) {
    fake_close(r->session);
    r->desc->vt->close(r->provider);
}

syx_status rt_frame(rt *r, int16_t *pcm, uint32_t samples, uint32_t flags, syx_result *result) {
    syx_frame in = {.struct_size = SYX_SIZEOF(syx_frame, buf), .format = SYX_FMT_S16, .rate = r->rate, .channels = 1};
    in.samples = samples;
    in.flags = flags;
    in.bytes = samples * 2u;
    in.data = pcm;
    syx_frame out = in;
    result->struct_size = SYX_SIZEOF(syx_result, pts);
    bool filter = r->desc->kind == SYX_FILTER;
    return r->desc->vt->process(r->session->session, &in, filter ? &out : NULL, result);
}

static int compare(const void *a, const void *b) {
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return x < y ? -1 : x > y;
}

double rt_cost(rt *r, clip c, uint32_t samples) {
    enum { BATCH = 10 };
    size_t batches = c.samples / samples / BATCH;
    int64_t *ns = calloc(batches + 1, sizeof *ns);
    syx_result result;
    for (size_t b = 0; b < batches; b++) {
        int64_t start = fake_now();
        for (size_t i = 0; i < BATCH; i++) rt_frame(r, c.pcm + (b * BATCH + i) * samples, samples, 0, &result);
        ns[b] = fake_now() - start;
    }
    qsort(ns, batches, sizeof *ns, compare);
    double median = (double)ns[batches / 2] / BATCH;
    free(ns);
    return median;
}
