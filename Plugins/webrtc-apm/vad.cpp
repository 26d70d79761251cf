// SPDX-License-Identifier: Apache-2.0
//
// VAD "webrtc": the share of a frame's 10 ms blocks that WebRTC's detector calls voice.
#include "providers.hpp"

namespace {

constexpr const char *likelihood_names[] = {"very_low", "low", "moderate", "high"};

struct Detector {
    static constexpr const char *name = "webrtc";

    static apm::Options defaults() {
        apm::Options options;
        options.voice = true;
        return options;
    }

    static void read(syx_str json, apm::Options &options) {
        char chosen[16] = "";
        syx_opt_string(json, "likelihood", chosen, sizeof chosen);
        for (int i = 0; i < 4; i++)
            if (std::strcmp(chosen, likelihood_names[i]) == 0)
                options.voice_likelihood = static_cast<apm::Likelihood>(i);
    }

    static syx_status process(syx_session *s, const syx_frame *in, syx_frame *, syx_result *result) {
        const uint32_t block = s->processor.block();
        if (!syx_frame_is_pcm(in, s->rate) || !syx_frame_fits(in, block)) return SYX_EINVAL;
        if (in->flags & SYX_FR_ECHO_REF) return SYX_SKIP;
        uint32_t voiced = 0, blocks = in->samples / block;
        int16_t pcm[480] = {};
        for (uint32_t i = 0; i < blocks; i++) {
            bool voice = false;
            if (in->data) std::memcpy(pcm, static_cast<const int16_t *>(in->data) + i * block, block * sizeof *pcm);
            if (!s->processor.near(pcm, &voice)) return SYX_EINTERNAL;
            voiced += voice;
        }
        // The detector says yes or no; 0 and 1 would claim a certainty that it does not have.
        float share = static_cast<float>(voiced) / static_cast<float>(blocks);
        syx_result_fill(result, in, 0.05f + 0.9f * share, syx_frame_level(in));
        return SYX_OK;
    }
};

constexpr const syx_plugin_vt &vt = apm::Table<Detector>::vt;

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
