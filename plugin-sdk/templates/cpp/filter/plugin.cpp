/* SPDX-License-Identifier: Apache-2.0
 *
 * An audio filter: every frame of the caller passes through it. Replace `apply`. */
#include <algorithm>
#include <cmath>

#include "syrinx.hpp"

namespace {

/// Belongs to one conversation; its calls never overlap.
class Gain : public syrinx::FilterSession {
  public:
    Gain(syrinx::SessionHost &host, const syrinx::SessionParams &params, float gain)
        : FilterSession(host, params), gain_(gain) {}

    /// The media path: no allocation, no lock, no system call.
    void apply(std::int16_t *samples, const syrinx::Frame &frame) override {
        for (std::uint32_t i = 0; i < frame.size(); i++)
            samples[i] = static_cast<std::int16_t>(std::clamp(static_cast<float>(samples[i]) * gain_, -32768.f, 32767.f));
    }

  private:
    float gain_;
};

/// Exists once per configuration and holds what its sessions share.
class GainProvider : public syrinx::Provider<Gain> {
  public:
    static constexpr const char *id = "@ID@", *version = "1.0.0", *name = "@NAME@", *vendor = "You";
    static constexpr const char *config_schema =
        R"({"type":"object","additionalProperties":false,"properties":{
            "gain_db":{"type":"number","minimum":-40,"maximum":20,"default":0,
                       "description":"How much louder the caller becomes"}}})";
    static constexpr const char *capabilities =
        R"({"formats":[{"format":"s16","rates":[8000,16000,24000,48000],"channels":[1]}]})";

    GainProvider(const syrinx::Host &host, const syrinx::ProviderParams &params)
        : Provider(host, params),
          gain_(std::pow(10.f, static_cast<float>(params.config.number("gain_db", -40, 20, 0)) / 20)) {}

    std::unique_ptr<Gain> open(syrinx::SessionHost &host, const syrinx::SessionParams &params) const {
        return std::make_unique<Gain>(host, params, gain_);
    }

  private:
    float gain_;
};

}  // namespace

SYRINX_MODULE(GainProvider)
