/* SPDX-License-Identifier: Apache-2.0
 *
 * session.hpp -- one class for each kind of session; derive from the one that fits. The speaker is in speaker.hpp. */
#ifndef SYRINX_SESSION_HPP
#define SYRINX_SESSION_HPP
#include "outbox.hpp"

namespace syrinx {

/// What a session is opened with; texts are valid only while it opens.
struct SessionParams {
    std::string_view tenant, session, user, locale;
    Json options;
    syx_format in, out;
    std::uint32_t max_frame_samples, credit_ms, deadline_ms;
};

/// What every session has. Calls into one session never overlap, on varying threads; only cancelled() does.
class Session {
  public:
    Session(SessionHost &host, const SessionParams &params) : host_(host), rate_(params.in.rate) {}
    virtual ~Session() = default;
    Session(const Session &) = delete;
    Session &operator=(const Session &) = delete;

    /// Every event. The kinds' classes answer theirs; override it for more, and call the base for the rest.
    virtual syx_status handle(const Event &event) {
        (void)event;
        return SYX_SKIP;
    }
    /// [rt] A frame, with room for the result where the kind has one.
    virtual syx_status process(const syx_frame &in, syx_frame *out, syx_result *result) {
        (void)in, (void)out, (void)result;
        return SYX_EUNSUPPORTED;
    }
    /// [any] This generation is not wanted any more; `host().cancelled()` says so already.
    virtual void cancelled(std::uint64_t generation) { (void)generation; }
    /// Back to the state after opening.
    virtual void reset() {}
    /// The last call: nothing may be sent afterwards.
    virtual void close() {}

  protected:
    SessionHost &host() const { return host_; }
    /// Of the audio that comes in.
    std::uint32_t rate() const { return rate_; }

  private:
    SessionHost &host_;
    std::uint32_t rate_;
};

/// Says how likely speech is in each frame.
class VadSession : public Session {
  public:
    using Session::Session;
    static constexpr syx_kind kind = SYX_VAD;
    static constexpr bool processes = true, hears = true;

    /// [rt] Speech, 0 to 1: no allocation, no lock, no system call.
    virtual float probability(const Frame &frame) = 0;

    syx_status process(const syx_frame &in, syx_frame *, syx_result *result) final {
        if (!syx_frame_is_pcm(&in, rate())) return SYX_EINVAL;
        if (in.flags & SYX_FR_ECHO_REF) return SYX_SKIP;
        Frame frame(in);
        syx_result_fill(result, &in, probability(frame), frame.level());
        return SYX_OK;
    }
};

/// Changes every frame of the caller.
class FilterSession : public Session {
  public:
    using Session::Session;
    static constexpr syx_kind kind = SYX_FILTER;
    static constexpr bool processes = true, hears = true;

    /// [rt] Changes the samples in place: no allocation, no lock, no system call.
    virtual void apply(std::int16_t *samples, const Frame &frame) = 0;
    /// [rt] What the agent plays, for echo cancellers.
    virtual void echo_reference(const Frame &frame) { (void)frame; }

    syx_status process(const syx_frame &in, syx_frame *out, syx_result *result) final {
        if (!syx_frame_is_pcm(&in, rate())) return SYX_EINVAL;
        if (in.flags & SYX_FR_ECHO_REF) return echo_reference(Frame(in)), SYX_OK;
        syx_status status = syx_frame_copy(&in, out);
        if (status < 0) return status;
        apply(static_cast<std::int16_t *>(out->data), Frame(in));
        syx_result_fill(result, &in, 0, syx_frame_level(out));
        return SYX_OK;
    }
};

/// What agents, recognisers and turn detectors have in common: an outbox, and requests that end once.
class RequestSession : public Session {
  public:
    RequestSession(SessionHost &host, const SessionParams &params) : Session(host, params), outbox_(host) {}

    void cancelled(std::uint64_t generation) override { outbox_.cancel(generation); }
    void reset() override { outbox_.reset(); }
    void close() override { outbox_.close(); }

    syx_status handle(const Event &event) override {
        if (event.type == SYX_EV_WRITABLE) return outbox_.flush(), SYX_OK;
        if (event.type == SYX_EV_DRAIN) draining_ = true;
        if (!draining_) return SYX_SKIP;
        if (outbox_.idle()) {
            draining_ = false;
            outbox_.send(Event(SYX_EV_DRAINED));
        }
        return event.type == SYX_EV_DRAIN ? SYX_OK : SYX_SKIP;
    }

  protected:
    Outbox &outbox() { return outbox_; }

    /// Runs blocking work for a request on a worker; what it throws ends the request as failed. The work may send and
    /// finish; a request that it leaves open is finished by somebody else.
    void work(RequestKey key, std::function<void()> body) {
        syx_status status = host().run(0, [this, key, body = std::move(body)] {
            try {
                body();
            } catch (...) {
                outbox_.fail_with_current_exception(key);
            }
        });
        if (status < 0) throw Error(status, "the host takes no more work", SYX_ERR_RETRYABLE);
    }

    /// Accepts a request, then runs `answer`; what it throws ends the request as failed.
    template <class Answer>
    syx_status accept(RequestKey key, Answer &&answer) {
        if (host().cancelled(key.generation)) return SYX_ESTALE;
        outbox_.begin(key);
        try {
            answer();
        } catch (...) {
            outbox_.fail_with_current_exception(key);
        }
        return SYX_OK;
    }

  private:
    Outbox outbox_;
    bool draining_ = false;
};

/// Turns an utterance into text.
class SttSession : public RequestSession {
  public:
    using RequestSession::RequestSession;
    static constexpr syx_kind kind = SYX_STT;
    static constexpr bool processes = false, hears = true;

    /// Audio; the frame's generation is its utterance, 0 between two.
    virtual void hear(const Frame &frame) = 0;
    /// The utterance is complete: call final() for it, now or later, from any thread.
    virtual void transcribe(std::uint64_t utterance) = 0;

    syx_status handle(const Event &event) override {
        if (event.type == SYX_EV_AUDIO_IN) {
            if (!syx_frame_is_pcm(event.audio, rate())) return SYX_EINVAL;
            syx_frame frame = *event.audio;
            frame.generation = event.generation;
            return hear(Frame(frame)), SYX_OK;
        }
        if (event.type != SYX_EV_END_OF_INPUT) return RequestSession::handle(event);
        return accept({event.generation, 0}, [&] { transcribe(event.generation); });
    }

  protected:
    void partial(std::uint64_t utterance, std::string_view text, std::size_t stable_bytes = 0) {
        Event event(SYX_EV_PARTIAL, utterance);
        event.i0 = static_cast<std::int64_t>(stable_bytes);
        outbox().send(event.with_text(text));
    }
    void final(std::uint64_t utterance, std::string_view text, double confidence = 1) {
        Event event(SYX_EV_FINAL, utterance);
        event.f0 = confidence;
        outbox().finish(event.with_text(text));
    }
};

/// What the caller said; texts are valid during the call.
struct Prompt {
    std::uint64_t generation, id;
    std::string_view text;
    /// history, tools, language.
    Json extras;
    operator RequestKey() const { return {generation, id}; }
};

/// Answers the caller.
class AgentSession : public RequestSession {
  public:
    using RequestSession::RequestSession;
    static constexpr syx_kind kind = SYX_AGENT;
    static constexpr bool processes = false, hears = false;

    /// Answer with delta(), as small as the pieces come, then done(), now or later, from any thread.
    virtual void prompt(const Prompt &prompt) = 0;
    /// What a tool answered to call_tool(); a negative status is an error.
    virtual void tool_result(std::uint64_t call, syx_status status, std::string_view text) {
        (void)call, (void)status, (void)text;
    }

    syx_status handle(const Event &event) override {
        if (event.type == SYX_EV_TOOL_RESULT)
            return tool_result(event.id, static_cast<syx_status>(event.i0), event.words()), SYX_OK;
        if (event.type != SYX_EV_PROMPT) return RequestSession::handle(event);
        if (!syx_utf8_valid(event.text)) return SYX_EINVAL;
        Prompt request{event.generation, event.id, event.words(), event.extras()};
        return accept(request, [&] { prompt(request); });
    }

  protected:
    /// False when nobody listens any more.
    bool delta(RequestKey key, std::string_view text) {
        return outbox().send(Event(SYX_EV_DELTA, key.generation).with_text(text)) >= 0;
    }
    void call_tool(RequestKey key, std::uint64_t call, std::string_view name, std::string_view arguments) {
        outbox().send(Event(SYX_EV_TOOL_CALL, key.generation, call).with_text(name).with_json(arguments));
    }
    void done(RequestKey key, bool hang_up = false) {
        Event event(SYX_EV_DONE, key.generation, key.id);
        event.flags = hang_up ? SYX_DONE_HANGUP : 0;
        outbox().finish(event);
    }
};

/// Says whether the caller has finished.
class TurnSession : public RequestSession {
  public:
    using RequestSession::RequestSession;
    static constexpr syx_kind kind = SYX_TURN;
    static constexpr bool processes = false, hears = false;

    /// The probability, 0 to 1, that the turn is complete; `silence` in seconds so far.
    virtual double complete(std::string_view text, double silence) = 0;

    syx_status handle(const Event &event) override {
        if (event.type != SYX_EV_TRANSCRIPT) return RequestSession::handle(event);
        Event verdict(SYX_EV_TURN_END, event.generation);
        verdict.f0 = complete(event.words(), event.f0);
        return outbox().send(verdict);
    }
};

/// A place where sessions run; the host carries the media.
class BackendSession : public RequestSession {
  public:
    using RequestSession::RequestSession;
    static constexpr syx_kind kind = SYX_BACKEND;
    static constexpr bool processes = false, hears = false;
};

}  // namespace syrinx
#endif
