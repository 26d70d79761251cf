/* SPDX-License-Identifier: Apache-2.0
 *
 * STT "pocketsphinx": configuration and the ABI's face. */
#include <stdlib.h>
#include <unistd.h>

#include "session.h"

#define DEFAULT_MODEL "/usr/share/pocketsphinx/model/en-us"

static void provider_close(syx_provider *p) {
    if (p->pool) pool_free(p->pool);
    model_base_close(&p->base);
    spec_free(&p->spec);
    free(p);
}

static syx_status find_model(syx_provider *p, syx_str config, syx_err *err) {
    char dir[256] = DEFAULT_MODEL;
    syx_opt_string(config, "model_dir", dir, sizeof dir);
    p->base.core = p->core;
    p->base.host = p->host;
    return model_base_open(&p->base, dir[0] ? dir : DEFAULT_MODEL, err);
}

/* Compiles the provider's own model and loads its first decoder, so that the first caller does not wait for it. */
static syx_status start_pool(syx_provider *p, syx_str config, syx_err *err) {
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    uint32_t limit = (uint32_t)syx_opt_number(config, "decoders", 0, 256, 0);
    if (limit == 0) limit = 2 * (uint32_t)(cores > 0 ? cores : 1);
    p->pool = pool_create(&p->base, limit);
    if (!p->pool) return syx_fail(err, SYX_ENOMEM, "pocketsphinx: out of memory");
    model *m;
    syx_status status = pool_model(p->pool, &p->spec, &m, err);
    if (status < 0) return status;
    status = pool_warm(p->pool, m, err);
    model_release(m);
    return status;
}

static syx_status provider_open(const syx_core *core, syx_hprovider host, const syx_provider_params *params,
                                syx_provider **out, syx_err *err) {
    syx_provider *p = calloc(1, sizeof *p);
    if (!p) return syx_fail(err, SYX_ENOMEM, "pocketsphinx: out of memory");
    p->core = core;
    p->host = host;
    const spec everything = {.kind = SPEC_GENERAL};
    syx_status status = spec_read(params->config_json, &everything, &p->spec, err);
    if (status == SYX_OK) status = find_model(p, params->config_json, err);
    if (status == SYX_OK) status = start_pool(p, params->config_json, err);
    if (status < 0)
        provider_close(p);
    else
        *out = p;
    return status;
}

static syx_status provider_health(syx_provider *p, uint64_t id, syx_err *err) {
    (void)id;
    return access(p->base.lm, R_OK) == 0 ? SYX_OK
                                         : syx_fail(err, SYX_EUNAVAILABLE, "pocketsphinx: %s is gone", p->base.lm);
}

static const syx_plugin_vt vt = {
    .struct_size = SYX_SIZEOF(syx_plugin_vt, extension),
    .open = provider_open,
    .close = provider_close,
    .health = provider_health,
    .session_open = sphinx_session_open,
    .session_close = sphinx_session_close,
    .handle = sphinx_session_handle,
    .cancel = sphinx_session_cancel,
    .reset = sphinx_session_reset,
};

#define HEAD "{\"type\":\"object\",\"additionalProperties\":false,\"properties\":{"
#define SEARCHES                                                                                                      \
    "\"hints\":{\"type\":\"array\",\"maxItems\":2000,\"items\":{\"type\":\"string\"},\"description\":"                \
    "\"Phrases to expect: only their words are recognised, in any order, likely ones first\"},"                       \
    "\"grammar\":{\"type\":\"string\",\"maxLength\":65536,\"description\":\"A JSGF grammar: only its sentences\"},"   \
    "\"keyphrases\":{\"type\":\"array\",\"maxItems\":100,\"description\":\"Phrases to spot; all else is rejected\","  \
    "\"items\":{\"type\":\"object\",\"additionalProperties\":false,\"required\":[\"phrase\"],\"properties\":{"        \
    "\"phrase\":{\"type\":\"string\"},\"threshold\":{\"type\":\"number\",\"minimum\":1e-50,\"maximum\":1,"            \
    "\"default\":1e-20,\"description\":\"Smaller is more tolerant; longer phrases need smaller ones\"}}}}"

static const syx_plugin_desc pocketsphinx = {
    .struct_size = SYX_SIZEOF(syx_plugin_desc, vt),
    .kind = SYX_STT,
    .id = "pocketsphinx",
    .version = "1.0.0",
    .name = "PocketSphinx",
    .vendor = "Syrinx",
    .license = "Apache-2.0",
    .config_schema = HEAD
    "\"model_dir\":{\"type\":\"string\",\"default\":\"" DEFAULT_MODEL "\",\"description\":"
    "\"Folder with en-us, en-us.lm.bin and cmudict-en-us.dict\"},"
    "\"decoders\":{\"type\":\"integer\",\"minimum\":0,\"maximum\":256,\"default\":0,\"description\":"
    "\"Utterances decoded at once; 94 MB each with the full model, 7 MB with hints; 0 means 2 times the cores\"}," SEARCHES "}}",
    .session_schema = HEAD SEARCHES "}}",
    .caps_json = "{\"formats\":[{\"format\":\"s16\",\"rates\":[16000],\"channels\":[1]}],\"streaming\":true,"
                 "\"partials\":true,\"audio\":\"utterance\",\"languages\":[\"en\"]}",
    .vt = &vt,
};

SYX_MODULE(&pocketsphinx)
