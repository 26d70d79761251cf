// SPDX-License-Identifier: Apache-2.0
//
// VAD "webrtc": the share of a frame's 10 ms blocks that WebRTC's detector calls voice.
#include "apm.hpp"
#include "providers.hpp"
#include "syrinx_json.h"

namespace {

constexpr const char *likelihood_names[] = {"very_low", "low", "moderate", "high"};

struct Provider {
    apm::Options options;
};

struct Session {
    Session(uint32_t hz, const apm::Options &options) : rate(hz), processor(hz, options) {}
    uint32_t rate;
    apm::Processor processor;
};

Provider *unwrap(syx_provider *p) { return reinterpret_cast<Provider *>(p); }
Session *unwrap(syx_session *s) { return reinterpret_cast<Session *>(s); }

syx_status read_options(syx_str json, apm::Options &options, syx_err *err) {
    if (!syx_options_ok(json)) return syx_fail(err, SYX_EINVAL, "webrtc: options are not a JSON object");
    char name[16] = "";
    syx_opt_string(json, "likelihood", name, sizeof name);
    for (int i = 0; i < 4; i++)
        if (std::strcmp(name, likelihood_names[i]) == 0) options.voice_likelihood = static_cast<apm::Likelihood>(i);
    return SYX_OK;
}

syx_status provider_open(const syx_core *, syx_hprovider, const syx_provider_params *params, syx_provider **out,
                         syx_err *err) {
    return apm::guarded(err, [&] {
        apm::Options options;
        options.voice = true;
        syx_status status = read_options(params->config_json, options, err);
        if (status == SYX_OK) *out = reinterpret_cast<syx_provider *>(new Provider{options});
        return status;
    });
}

void provider_close(syx_provider *p) { delete unwrap(p); }

syx_status provider_health(syx_provider *, uint64_t, syx_err *) { return SYX_OK; }

syx_status session_open(syx_provider *p, syx_hsession, const syx_session_params *params, syx_session **out,
                        syx_err *err) {
    return apm::guarded(err, [&] {
        const syx_format &in = params->in;
        if (in.format != SYX_FMT_S16 || in.channels != 1 || !apm::rate_supported(in.rate))
            return syx_fail(err, SYX_EUNSUPPORTED, "webrtc: needs s16 mono at 8, 16, 32 or 48 kHz");
        apm::Options options = unwrap(p)->options;
        syx_status status = read_options(params->options_json, options, err);
        if (status == SYX_OK) *out = reinterpret_cast<syx_session *>(new Session(in.rate, options));
        return status;
    });
}

void session_close(syx_session *s) { delete unwrap(s); }

syx_status session_handle(syx_session *, const syx_event *) { return SYX_SKIP; }

syx_status session_process(syx_session *handle, const syx_frame *in, syx_frame *, syx_result *result) {
    Session &s = *unwrap(handle);
    const uint32_t block = s.processor.block();
    if (!syx_frame_is_pcm(in, s.rate) || !syx_frame_fits(in, block)) return SYX_EINVAL;
    if (in->flags & SYX_FR_ECHO_REF) return SYX_SKIP;
    uint32_t voiced = 0, blocks = in->samples / block;
    int16_t pcm[480] = {};
    for (uint32_t i = 0; i < blocks; i++) {
        bool voice = false;
        if (in->data) std::memcpy(pcm, static_cast<const int16_t *>(in->data) + i * block, block * sizeof *pcm);
        if (!s.processor.near(pcm, &voice)) return SYX_EINTERNAL;
        voiced += voice;
    }
    // The detector says yes or no; 0 and 1 would claim a certainty that it does not have.
    float share = static_cast<float>(voiced) / static_cast<float>(blocks);
    syx_result_fill(result, in, 0.05f + 0.9f * share, syx_frame_level(in));
    return SYX_OK;
}

void session_reset(syx_session *s) { unwrap(s)->processor.reset(); }

constexpr syx_plugin_vt vt = {
    .struct_size = SYX_SIZEOF(syx_plugin_vt, extension),
    .reserved = 0,
    .open = provider_open,
    .close = provider_close,
    .reconfigure = nullptr,
    .health = provider_health,
    .session_open = session_open,
    .session_close = session_close,
    .handle = session_handle,
    .process = session_process,
    .cancel = nullptr,
    .reset = session_reset,
    .extension = nullptr,
};

}  // namespace

constinit const syx_plugin_desc webrtc_vad = {
    .struct_size = SYX_SIZEOF(syx_plugin_desc, vt),
    .kind = SYX_VAD,
    .flags = SYX_PF_RT_PROCESS,
    .max_sessions = 0,
    .id = "webrtc",
    .version = "1.0.0",
    .name = "WebRTC VAD",
    .vendor = "Syrinx",
    .license = "Apache-2.0",
    .config_schema =
        R"({"type":"object","additionalProperties":false,"properties":{"likelihood":{"type":"string",)"
        R"("enum":["very_low","low","moderate","high"],"default":"moderate",)"
        R"("description":"How readily a frame counts as speech: high also accepts noise, very_low misses quiet speech"}}})",
    .session_schema =
        R"({"type":"object","additionalProperties":false,"properties":{"likelihood":{"type":"string",)"
        R"("enum":["very_low","low","moderate","high"],"description":"Overrides the provider's likelihood"}}})",
    .caps_json = R"({"formats":[{"format":"s16","rates":[8000,16000,32000,48000],"channels":[1]}],"frame_ms":)"
                 R"({"min":10,"max":60,"multiple":10},"hangover_ms":140})",
    .metrics_json = nullptr,
    .vt = &vt,
};
