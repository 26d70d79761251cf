/* SPDX-License-Identifier: Apache-2.0
 *
 * A speaker: clauses come in, audio goes out. This one sings a tone for each word; replace `speak`. */
#include <cmath>

#include "syrinx.hpp"

namespace {

/// Belongs to one conversation.
class Singer : public syrinx::TtsSession {
  public:
    Singer(syrinx::SessionHost &host, const syrinx::SessionParams &params, double pitch)
        : TtsSession(host, params), pitch_(pitch) {}

    /// Runs on a worker and may block; 60 ms a letter, in steps of 20, so that it stops as soon as nobody listens.
    void speak(const syrinx::Clause &clause, Voice &voice) override {
        std::vector<std::int16_t> step(out_rate() / 50);
        for (std::size_t at = 0; at < clause.text.size();) {
            std::size_t letters = std::min(clause.text.find(' ', at), clause.text.size()) - at;
            voice.mark(at);
            std::size_t steps = (letters + 1) * 3;
            for (std::size_t n = 0; n < steps; n++) {
                sing(step, pitch_ * (1 + static_cast<double>(letters % 5) / 8), n, steps - 1);
                if (!voice.write(step.data(), step.size())) return;
            }
            at += letters + 1;
        }
    }

  private:
    void sing(std::vector<std::int16_t> &step, double hz, std::size_t n, std::size_t steps) const {
        for (std::size_t i = 0; i < step.size(); i++) {
            auto at = static_cast<double>(n * step.size() + i), end = static_cast<double>(steps * step.size());
            double fade = at < end ? 1 - at / end : 0;
            step[i] = static_cast<std::int16_t>(8000 * fade * std::sin(2 * 3.14159265358979 * hz * at / out_rate()));
        }
    }

    double pitch_;
};

/// Exists once per configuration and holds what its sessions share: the model, the voices.
class SingerProvider : public syrinx::Provider<Singer> {
  public:
    static constexpr const char *id = "@ID@", *version = "1.0.0", *name = "@NAME@", *vendor = "You";
    static constexpr const char *config_schema =
        R"({"type":"object","additionalProperties":false,"properties":{
            "pitch":{"type":"number","minimum":80,"maximum":1000,"default":220,
                     "description":"Of the lowest tone, in Hz"}}})";
    static constexpr const char *capabilities =
        R"({"formats":[{"format":"s16","rates":[8000,16000,24000,48000],"channels":[1]}],
            "streaming":true,"marks":"word","languages":["*"]})";

    SingerProvider(const syrinx::Host &host, const syrinx::ProviderParams &params)
        : Provider(host, params), pitch_(params.config.number("pitch", 80, 1000, 220)) {}

    std::unique_ptr<Singer> open(syrinx::SessionHost &host, const syrinx::SessionParams &params) const {
        return std::make_unique<Singer>(host, params, pitch_);
    }

  private:
    double pitch_;
};

}  // namespace

SYRINX_MODULE(SingerProvider)
