/* SPDX-License-Identifier: Apache-2.0
 *
 * An agent: the caller's words come in, the answer goes out piece by piece. This one repeats them; replace `prompt`. */
#include "syrinx.hpp"

namespace {

/// Belongs to one conversation; its calls never overlap.
class Repeater : public syrinx::AgentSession {
  public:
    Repeater(syrinx::SessionHost &host, const syrinx::SessionParams &params, std::string prefix)
        : AgentSession(host, params), prefix_(std::move(prefix)) {}

    /// Pieces as small as they come, then done(): the speaker starts with the first. What blocks belongs into
    /// work(prompt, [=] { ... }), with copies of the texts.
    void prompt(const syrinx::Prompt &prompt) override {
        delta(prompt, prefix_);
        for (std::string_view rest = prompt.text; !rest.empty();) {
            std::size_t length = std::min(rest.find(' '), rest.size() - 1) + 1;
            if (!delta(prompt, " " + std::string(rest.substr(0, length)))) break;
            rest.remove_prefix(length);
        }
        done(prompt);
    }

  private:
    std::string prefix_;
};

/// Exists once per configuration and holds what its sessions share.
class RepeaterProvider : public syrinx::Provider<Repeater> {
  public:
    static constexpr const char *id = "@ID@", *version = "1.0.0", *name = "@NAME@", *vendor = "You";
    static constexpr const char *config_schema =
        R"({"type":"object","additionalProperties":false,"properties":{
            "prefix":{"type":"string","maxLength":127,"default":"You said:",
                      "description":"What the answer begins with"}}})";
    static constexpr const char *capabilities = R"({"streaming":true,"languages":["*"]})";

    RepeaterProvider(const syrinx::Host &host, const syrinx::ProviderParams &params)
        : Provider(host, params), prefix_(params.config.string("prefix", "You said:")) {}

    std::unique_ptr<Repeater> open(syrinx::SessionHost &host, const syrinx::SessionParams &params) const {
        return std::make_unique<Repeater>(host, params, prefix_);
    }

  private:
    std::string prefix_;
};

}  // namespace

SYRINX_MODULE(RepeaterProvider)
