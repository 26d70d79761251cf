// SPDX-License-Identifier: Apache-2.0
#include "apm.hpp"

#include <cstring>
#include <stdexcept>
#include <string>

#include <webrtc/common.h>
#include <webrtc/modules/audio_processing/include/audio_processing.h>
#include <webrtc/modules/interface/module_common_types.h>

// webrtc::Config finds an option by the address of a static inside the inline function identifier<T>(). Our hidden
// visibility would give this plugin an address of its own, and the library would never see the option (0.3,
// webrtc/common.h). So the two options used here are tied to the library's own statics, which it exports.
extern "C" char webrtc_extended_filter_tag __asm__(
    "_ZZN6webrtc6Config10identifierINS_14ExtendedFilterEEEPvvE14id_placeholder");
extern "C" char webrtc_delay_agnostic_tag __asm__(
    "_ZZN6webrtc6Config10identifierINS_13DelayAgnosticEEEPvvE14id_placeholder");

namespace webrtc {
template <>
void *Config::identifier<ExtendedFilter>() {
    return &webrtc_extended_filter_tag;
}
template <>
void *Config::identifier<DelayAgnostic>() {
    return &webrtc_delay_agnostic_tag;
}
}  // namespace webrtc

namespace apm {

struct Processor::State {
    std::unique_ptr<webrtc::AudioProcessing> library;
    webrtc::AudioFrame near_frame, far_frame;
    bool echo = false;
    int echo_delay_ms = 0;
};

namespace {

void require(int status, const char *what) {
    if (status != webrtc::AudioProcessing::kNoError)
        throw std::runtime_error(std::string(what) + " refused, error " + std::to_string(status));
}

// Seen from a server the echo comes back after the playout buffer, the network and the caller's device: 100 to 500 ms
// and drifting. The delay-agnostic mode finds it; the extended filter is its precondition.
void enable_echo(webrtc::AudioProcessing &library) {
    webrtc::Config config;
    config.Set(new webrtc::ExtendedFilter(true));
    config.Set(new webrtc::DelayAgnostic(true));
    library.SetExtraOptions(config);
    require(library.echo_cancellation()->enable_drift_compensation(false), "drift compensation");
    require(library.echo_cancellation()->Enable(true), "echo cancellation");
}

void enable_gain(webrtc::AudioProcessing &library, int target_dbfs) {
    auto *gain = library.gain_control();
    require(gain->set_mode(webrtc::GainControl::kAdaptiveDigital), "gain mode");
    require(gain->set_target_level_dbfs(-target_dbfs), "gain target");
    require(gain->enable_limiter(true), "limiter");
    require(gain->Enable(true), "gain control");
}

void apply(webrtc::AudioProcessing &library, const Options &options) {
    if (options.high_pass) require(library.high_pass_filter()->Enable(true), "high-pass filter");
    if (options.echo) enable_echo(library);
    if (options.gain_control) enable_gain(library, options.gain_target_dbfs);
    if (options.noise != Suppression::off) {
        auto *noise = library.noise_suppression();
        require(noise->set_level(static_cast<webrtc::NoiseSuppression::Level>(options.noise)), "noise level");
        require(noise->Enable(true), "noise suppression");
    }
    if (options.voice) {
        auto *voice = library.voice_detection();
        require(voice->set_likelihood(static_cast<webrtc::VoiceDetection::Likelihood>(options.voice_likelihood)),
                "voice likelihood");
        require(voice->Enable(true), "voice detection");
    }
}

void prepare(webrtc::AudioFrame &frame, uint32_t rate, uint32_t block) {
    frame.sample_rate_hz_ = static_cast<int>(rate);
    frame.samples_per_channel_ = block;
    frame.num_channels_ = 1;
}

}  // namespace

Processor::Processor(uint32_t rate, const Options &options) : block_(rate / 100), state_(std::make_unique<State>()) {
    state_->library.reset(webrtc::AudioProcessing::Create());
    if (!state_->library) throw std::bad_alloc();
    auto &library = *state_->library;
    const int hz = static_cast<int>(rate);
    constexpr auto mono = webrtc::AudioProcessing::kMono;
    require(library.Initialize(hz, hz, hz, mono, mono, mono), "format");
    apply(library, options);
    prepare(state_->near_frame, rate, block_);
    prepare(state_->far_frame, rate, block_);
    state_->echo = options.echo;
    state_->echo_delay_ms = options.echo_delay_ms;
}

Processor::~Processor() = default;

bool Processor::near(int16_t *pcm, bool *voice) noexcept try {
    auto &frame = state_->near_frame;
    std::memcpy(frame.data_, pcm, block_ * sizeof *pcm);
    if (state_->echo) state_->library->set_stream_delay_ms(state_->echo_delay_ms);
    if (state_->library->ProcessStream(&frame) != webrtc::AudioProcessing::kNoError) return false;
    std::memcpy(pcm, frame.data_, block_ * sizeof *pcm);
    if (voice) *voice = state_->library->voice_detection()->stream_has_voice();
    return true;
} catch (...) {
    return false;
}

bool Processor::far(const int16_t *pcm) noexcept try {
    auto &frame = state_->far_frame;
    std::memcpy(frame.data_, pcm, block_ * sizeof *pcm);
    return state_->library->AnalyzeReverseStream(&frame) == webrtc::AudioProcessing::kNoError;
} catch (...) {
    return false;
}

void Processor::reset() noexcept try {
    state_->library->Initialize();
} catch (...) {
    // Out of memory: the old state keeps working.
}

}  // namespace apm
