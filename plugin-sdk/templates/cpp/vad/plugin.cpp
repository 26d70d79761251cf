/* SPDX-License-Identifier: Apache-2.0
 *
 * A voice activity detector: how likely is speech in each frame? Replace `probability`. */
#include <cmath>

#include "syrinx.hpp"

namespace {

/// Belongs to one conversation; its calls never overlap.
class Detector : public syrinx::VadSession {
  public:
    Detector(syrinx::SessionHost &host, const syrinx::SessionParams &params, float threshold)
        : VadSession(host, params), threshold_(threshold) {}

    /// 0.5 at the threshold, 0.73 at 3 dB above it. The media path: no allocation, no lock, no system call.
    float probability(const syrinx::Frame &frame) override {
        return 1 / (1 + std::exp((threshold_ - frame.level()) / 3));
    }

  private:
    float threshold_;
};

/// Exists once per configuration and holds what its sessions share.
class DetectorProvider : public syrinx::Provider<Detector> {
  public:
    static constexpr const char *id = "@ID@", *version = "1.0.0", *name = "@NAME@", *vendor = "You";
    static constexpr const char *config_schema =
        R"({"type":"object","additionalProperties":false,"properties":{
            "threshold_dbfs":{"type":"number","minimum":-90,"maximum":0,"default":-40,
                              "description":"Level at which the probability of speech is 0.5"}}})";
    static constexpr const char *capabilities =
        R"({"formats":[{"format":"s16","rates":[8000,16000,24000,48000],"channels":[1]}]})";

    DetectorProvider(const syrinx::Host &host, const syrinx::ProviderParams &params)
        : Provider(host, params),
          threshold_(static_cast<float>(params.config.number("threshold_dbfs", -90, 0, -40))) {}

    std::unique_ptr<Detector> open(syrinx::SessionHost &host, const syrinx::SessionParams &params) const {
        return std::make_unique<Detector>(host, params, threshold_);
    }

  private:
    float threshold_;
};

}  // namespace

SYRINX_MODULE(DetectorProvider)
