/* SPDX-License-Identifier: Apache-2.0
 *
 * A recogniser: audio of an utterance comes in, its text goes out. This one tells how long the utterance was; replace
 * `hear` and `transcribe`. */
#include <cstdio>

#include "syrinx.hpp"

namespace {

/// Belongs to one conversation; its calls never overlap.
class Recogniser : public syrinx::SttSession {
  public:
    Recogniser(syrinx::SessionHost &host, const syrinx::SessionParams &params, std::string unit)
        : SttSession(host, params), unit_(std::move(unit)) {}

    void hear(const syrinx::Frame &frame) override {
        if (frame.generation() == 0) return;  // between two utterances
        if (frame.generation() != utterance_) samples_ = 0;
        utterance_ = frame.generation();
        samples_ += frame.size();
    }

    /// A decoder that blocks belongs into work({utterance, 0}, [=] { ... final(utterance, text); }).
    void transcribe(std::uint64_t utterance) override {
        double seconds = utterance == utterance_ ? static_cast<double>(samples_) / rate() : 0;
        char number[32];
        std::snprintf(number, sizeof number, "%.1f ", seconds);
        final(utterance, number + unit_);
    }

  private:
    std::string unit_;
    std::uint64_t utterance_ = 0, samples_ = 0;
};

/// Exists once per configuration and holds what its sessions share: the model.
class RecogniserProvider : public syrinx::Provider<Recogniser> {
  public:
    static constexpr const char *id = "@ID@", *version = "1.0.0", *name = "@NAME@", *vendor = "You";
    static constexpr const char *config_schema =
        R"({"type":"object","additionalProperties":false,"properties":{
            "unit":{"type":"string","maxLength":31,"default":"seconds","description":"The word behind the number"}}})";
    static constexpr const char *capabilities =
        R"({"formats":[{"format":"s16","rates":[8000,16000],"channels":[1]}],
            "audio":"utterance","streaming":false,"languages":["*"]})";

    RecogniserProvider(const syrinx::Host &host, const syrinx::ProviderParams &params)
        : Provider(host, params), unit_(params.config.string("unit", "seconds")) {}

    std::unique_ptr<Recogniser> open(syrinx::SessionHost &host, const syrinx::SessionParams &params) const {
        return std::make_unique<Recogniser>(host, params, unit_);
    }

  private:
    std::string unit_;
};

}  // namespace

SYRINX_MODULE(RecogniserProvider)
