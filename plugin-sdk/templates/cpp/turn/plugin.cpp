/* SPDX-License-Identifier: Apache-2.0
 *
 * A turn detector: has the caller finished? This one trusts silence, and less so behind a word that wants another;
 * replace `complete`. An answer later than 300 ms is not waited for. */
#include "syrinx.hpp"

namespace {

bool ends_with(std::string_view text, std::string_view word) {
    return text.size() >= word.size() && text.substr(text.size() - word.size()) == word;
}

/// Belongs to one conversation; its calls never overlap.
class Judge : public syrinx::TurnSession {
  public:
    Judge(syrinx::SessionHost &host, const syrinx::SessionParams &params, double patience)
        : TurnSession(host, params), patience_(patience) {}

    double complete(std::string_view text, double silence) override {
        for (auto word : {" and", " but", " the", ","})
            if (ends_with(text, word)) return silence >= patience_ ? 1 : 0.1;
        return text.empty() ? 0 : 0.9;
    }

  private:
    double patience_;
};

/// Exists once per configuration and holds what its sessions share.
class JudgeProvider : public syrinx::Provider<Judge> {
  public:
    static constexpr const char *id = "@ID@", *version = "1.0.0", *name = "@NAME@", *vendor = "You";
    static constexpr const char *config_schema =
        R"({"type":"object","additionalProperties":false,"properties":{
            "patience":{"type":"number","minimum":0.1,"maximum":5,"default":1,
                        "description":"Seconds of silence that end even an open sentence"}}})";
    static constexpr const char *capabilities = R"({"languages":["en"]})";

    JudgeProvider(const syrinx::Host &host, const syrinx::ProviderParams &params)
        : Provider(host, params), patience_(params.config.number("patience", 0.1, 5, 1)) {}

    std::unique_ptr<Judge> open(syrinx::SessionHost &host, const syrinx::SessionParams &params) const {
        return std::make_unique<Judge>(host, params, patience_);
    }

  private:
    double patience_;
};

}  // namespace

SYRINX_MODULE(JudgeProvider)
