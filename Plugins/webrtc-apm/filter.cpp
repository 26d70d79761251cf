// SPDX-License-Identifier: Apache-2.0
//
// Filter "webrtc-apm": high-pass, noise suppression, gain control and echo cancellation, each by configuration. The
// echo reference arrives through process() as frames with SYX_FR_ECHO_REF, before the caller's audio that holds the
// echo.
#include "providers.hpp"

namespace {

void read_noise(syx_str json, apm::Suppression &noise) {
    static constexpr const char *names[] = {"off", "low", "moderate", "high", "very_high"};
    char name[16] = "";
    syx_opt_string(json, "noise_suppression", name, sizeof name);
    for (int i = 0; i < 5; i++)
        if (std::strcmp(name, names[i]) == 0) noise = static_cast<apm::Suppression>(i - 1);
}

// The library wants every reference block, silence included: a gap would shift the echo path.
syx_status take_reference(syx_session &s, const syx_frame *in) {
    if (!s.options.echo) return SYX_SKIP;
    static constexpr int16_t silence[480] = {};
    const uint32_t block = s.processor.block();
    const auto *pcm = static_cast<const int16_t *>(in->data);
    for (uint32_t at = 0; at < in->samples; at += block)
        if (!s.processor.far(pcm ? pcm + at : silence)) return SYX_EINTERNAL;
    return SYX_OK;
}

struct Filter {
    static constexpr const char *name = "webrtc-apm";

    static apm::Options defaults() {
        apm::Options options;
        options.high_pass = true;
        options.noise = apm::Suppression::high;
        return options;
    }

    static void read(syx_str json, apm::Options &o) {
        read_noise(json, o.noise);
        o.high_pass = syx_opt_bool(json, "high_pass", o.high_pass);
        o.gain_control = syx_opt_bool(json, "gain_control", o.gain_control);
        o.gain_target_dbfs = static_cast<int>(syx_opt_number(json, "gain_target_dbfs", -31, 0, o.gain_target_dbfs));
        o.echo = syx_opt_bool(json, "echo_cancellation", o.echo);
        o.echo_delay_ms = static_cast<int>(syx_opt_number(json, "echo_delay_ms", 0, 500, o.echo_delay_ms));
    }

    static syx_status process(syx_session *s, const syx_frame *in, syx_frame *out, syx_result *result) {
        const uint32_t block = s->processor.block();
        if (!syx_frame_is_pcm(in, s->rate) || !syx_frame_fits(in, block)) return SYX_EINVAL;
        if (in->flags & SYX_FR_ECHO_REF) return take_reference(*s, in);
        syx_status status = syx_frame_copy(in, out);
        if (status < 0) return status;
        auto *pcm = static_cast<int16_t *>(out->data);
        for (uint32_t at = 0; at < in->samples; at += block)
            if (!s->processor.near(pcm + at, nullptr)) return SYX_EINTERNAL;
        syx_result_fill(result, in, 0, syx_pcm_level(pcm, in->samples));
        return SYX_OK;
    }
};

constexpr const syx_plugin_vt &vt = apm::Table<Filter>::vt;

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
