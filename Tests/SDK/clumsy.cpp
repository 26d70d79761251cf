/* SPDX-License-Identifier: Apache-2.0
 *
 * An agent and a speaker that do what plugins should not, as the text says, on top of the C++ SDK. */
#include "syrinx.hpp"

namespace {

void misbehave(std::string_view how) {
    if (how == "throw") throw std::runtime_error("as asked");
    if (how == "fail") throw syrinx::Error::unavailable("not today");
    if (how == "memory") throw std::bad_alloc();
    if (how == "odd") throw 7;
}

class Agent : public syrinx::AgentSession {
  public:
    using AgentSession::AgentSession;

    void prompt(const syrinx::Prompt &prompt) override {
        misbehave(prompt.text);
        if (prompt.text == "late") return work(prompt, [] { misbehave("throw"); });
        if (prompt.text == "never") return;
        for (int i = 0; prompt.text == "flood" && i < 3000; i++) delta(prompt, "x");
        done(prompt);
        done(prompt);
    }
    void reset() override {
        AgentSession::reset();
        misbehave("odd");
    }
};

class AgentProvider : public syrinx::Provider<Agent> {
  public:
    static constexpr const char *id = "clumsy-agent", *version = "1.0.0", *name = "Clumsy", *vendor = "Syrinx";

    AgentProvider(const syrinx::Host &host, const syrinx::ProviderParams &params) : Provider(host, params) {
        misbehave(params.config.string("how"));
    }
    void health() override { misbehave("fail"); }
};

class Speaker : public syrinx::TtsSession {
  public:
    using TtsSession::TtsSession;

    void speak(const syrinx::Clause &clause, Voice &voice) override {
        std::int16_t pcm[320] = {1};
        voice.write(pcm, 320);
        misbehave(clause.text);
        // Deaf: goes on after it was told to stop.
        for (int i = 0; i < 100; i++) voice.write(pcm, 320);
    }
};

class SpeakerProvider : public syrinx::Provider<Speaker> {
  public:
    static constexpr const char *id = "clumsy-speaker", *version = "1.0.0", *name = "Clumsy", *vendor = "Syrinx";
    using Provider::Provider;
};

}  // namespace

SYRINX_MODULE(AgentProvider, SpeakerProvider)
