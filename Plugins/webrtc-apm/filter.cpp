// SPDX-License-Identifier: Apache-2.0
//
// Filter "webrtc-apm": high-pass, noise suppression, gain control and echo cancellation, each by configuration. The
// echo reference arrives through process() as frames with SYX_FR_ECHO_REF, before the caller's audio that holds the
// echo.
#include "apm.hpp"
#include "providers.hpp"
#include "syrinx_json.h"

namespace {

struct Provider {
    apm::Options options;
};

struct Session {
    Session(uint32_t hz, const apm::Options &chosen) : rate(hz), echo(chosen.echo), processor(hz, chosen) {}
    uint32_t rate;
    bool echo;
    apm::Processor processor;
};

Provider *unwrap(syx_provider *p) { return reinterpret_cast<Provider *>(p); }
Session *unwrap(syx_session *s) { return reinterpret_cast<Session *>(s); }

void read_noise(syx_str json, apm::Suppression &noise) {
    static constexpr const char *names[] = {"off", "low", "moderate", "high", "very_high"};
    char name[16] = "";
    syx_opt_string(json, "noise_suppression", name, sizeof name);
    for (int i = 0; i < 5; i++)
        if (std::strcmp(name, names[i]) == 0) noise = static_cast<apm::Suppression>(i - 1);
}

syx_status read_options(syx_str json, apm::Options &o, syx_err *err) {
    if (!syx_options_ok(json)) return syx_fail(err, SYX_EINVAL, "webrtc-apm: options are not a JSON object");
    read_noise(json, o.noise);
    o.high_pass = syx_opt_bool(json, "high_pass", o.high_pass);
    o.gain_control = syx_opt_bool(json, "gain_control", o.gain_control);
    o.gain_target_dbfs = static_cast<int>(syx_opt_number(json, "gain_target_dbfs", -31, 0, o.gain_target_dbfs));
    o.echo = syx_opt_bool(json, "echo_cancellation", o.echo);
    o.echo_delay_ms = static_cast<int>(syx_opt_number(json, "echo_delay_ms", 0, 500, o.echo_delay_ms));
    return SYX_OK;
}

syx_status provider_open(const syx_core *, syx_hprovider, const syx_provider_params *params, syx_provider **out,
                         syx_err *err) {
    return apm::guarded(err, [&] {
        apm::Options options;
        options.high_pass = true;
        options.noise = apm::Suppression::high;
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
            return syx_fail(err, SYX_EUNSUPPORTED, "webrtc-apm: needs s16 mono at 8, 16, 32 or 48 kHz");
        apm::Options options = unwrap(p)->options;
        syx_status status = read_options(params->options_json, options, err);
        if (status == SYX_OK) *out = reinterpret_cast<syx_session *>(new Session(in.rate, options));
        return status;
    });
}

void session_close(syx_session *s) { delete unwrap(s); }

syx_status session_handle(syx_session *, const syx_event *) { return SYX_SKIP; }

// The library wants every reference block, silence included: a gap would shift the echo path.
syx_status take_reference(Session &s, const syx_frame *in) {
    if (!s.echo) return SYX_SKIP;
    static constexpr int16_t silence[480] = {};
    const uint32_t block = s.processor.block();
    const auto *pcm = static_cast<const int16_t *>(in->data);
    for (uint32_t at = 0; at < in->samples; at += block)
        if (!s.processor.far(pcm ? pcm + at : silence)) return SYX_EINTERNAL;
    return SYX_OK;
}

syx_status session_process(syx_session *handle, const syx_frame *in, syx_frame *out, syx_result *result) {
    Session &s = *unwrap(handle);
    const uint32_t block = s.processor.block();
    if (!syx_frame_is_pcm(in, s.rate) || !syx_frame_fits(in, block)) return SYX_EINVAL;
    if (in->flags & SYX_FR_ECHO_REF) return take_reference(s, in);
    syx_status status = syx_frame_copy(in, out);
    if (status < 0) return status;
    auto *pcm = static_cast<int16_t *>(out->data);
    for (uint32_t at = 0; at < in->samples; at += block)
        if (!s.processor.near(pcm + at, nullptr)) return SYX_EINTERNAL;
    syx_result_fill(result, in, 0, syx_pcm_level(pcm, in->samples));
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

// One list for both schemas; DEFAULT(x) is a default in the provider's and nothing in the session's.
#define PROPERTIES(DEFAULT)                                                                                        \
    "{\"type\":\"object\",\"additionalProperties\":false,\"properties\":{"                                        \
    "\"high_pass\":{\"type\":\"boolean\"," DEFAULT("true") "\"description\":\"Removes DC and hum\"},"               \
    "\"noise_suppression\":{\"type\":\"string\",\"enum\":[\"off\",\"low\",\"moderate\",\"high\",\"very_high\"],"   \
    DEFAULT("\"high\"") "\"description\":\"Strength of noise suppression\"},"                                      \
    "\"gain_control\":{\"type\":\"boolean\"," DEFAULT("false") "\"description\":\"Automatic digital gain\"},"       \
    "\"gain_target_dbfs\":{\"type\":\"integer\",\"minimum\":-31,\"maximum\":0," DEFAULT("-3")                      \
    "\"description\":\"Level that the gain control aims at\"},"                                                    \
    "\"echo_cancellation\":{\"type\":\"boolean\"," DEFAULT("false")                                                \
    "\"description\":\"Removes the agent's own voice; needs the echo reference\"},"                                \
    "\"echo_delay_ms\":{\"type\":\"integer\",\"minimum\":0,\"maximum\":500," DEFAULT("0")                          \
    "\"description\":\"First guess of the echo's delay; the canceller then finds it by itself\"}}}"
#define WITH_DEFAULT(x) "\"default\":" x ","
#define WITHOUT_DEFAULT(x)

}  // namespace

constinit const syx_plugin_desc webrtc_filter = {
    .struct_size = SYX_SIZEOF(syx_plugin_desc, vt),
    .kind = SYX_FILTER,
    .flags = SYX_PF_RT_PROCESS,
    .max_sessions = 0,
    .id = "webrtc-apm",
    .version = "1.0.0",
    .name = "WebRTC audio processing",
    .vendor = "Syrinx",
    .license = "Apache-2.0",
    .config_schema = PROPERTIES(WITH_DEFAULT),
    .session_schema = PROPERTIES(WITHOUT_DEFAULT),
    .caps_json = R"({"formats":[{"format":"s16","rates":[8000,16000,32000,48000],"channels":[1]}],"frame_ms":)"
                 R"({"min":10,"max":60,"multiple":10},"noise_suppression":true,"gain_control":true,)"
                 R"("echo_cancellation":true})",
    .metrics_json = nullptr,
    .vt = &vt,
};
