/* SPDX-License-Identifier: Apache-2.0
 *
 * speaker.hpp -- a TTS session: clauses are spoken in order on a worker, audio over credit waits in its clause, and each
 * clause ends once. */
#ifndef SYRINX_SPEAKER_HPP
#define SYRINX_SPEAKER_HPP
#include <cstring>

#include "session.hpp"

namespace syrinx {

/// A piece of text to speak.
struct Clause {
    std::uint64_t generation = 0, id = 0;
    std::string text, language, voice;
};

namespace detail {
/// A clause, what was made of it, and how much of that was sent.
struct SpokenClause {
    enum class State { waiting, running, finished };
    struct Mark {
        std::size_t text, sample;
    };
    Clause clause;
    State state = State::waiting;
    std::vector<std::int16_t> pcm;
    std::deque<Mark> marks;
    std::size_t sent = 0;
    syx_status outcome = SYX_OK;
    std::uint32_t flags = 0;
    std::string message;
};
}  // namespace detail

/// Speaks. Derive and write speak().
class TtsSession : public Session {
  public:
    static constexpr syx_kind kind = SYX_TTS;
    static constexpr bool processes = false, hears = false;
    /// Clauses that may wait; further ones are refused. And the bytes of one.
    static constexpr std::size_t clauses = 48, clause_bytes = 4096;

    TtsSession(SessionHost &host, const SessionParams &params)
        : Session(host, params), out_rate_(params.out.rate), piece_(params.out.rate / 50) {
        if (params.max_frame_samples > 0) piece_ = std::min(piece_, params.max_frame_samples);
        piece_ = std::max(piece_, 1u);
    }

    /// Where speak() puts its audio.
    class Voice {
      public:
        /// Takes 16-bit mono samples at the session's rate; false = stop, nobody listens any more.
        bool write(const std::int16_t *samples, std::size_t count) { return session_.write(item_, samples, count); }
        /// The word at this byte of the text begins with the next sample; makes exact what an interrupted caller heard.
        void mark(std::size_t text_offset) { session_.mark(item_, text_offset); }

      private:
        friend class TtsSession;
        Voice(TtsSession &session, detail::SpokenClause &item) : session_(session), item_(item) {}
        TtsSession &session_;
        detail::SpokenClause &item_;
    };

    /// [work] Speaks a clause; may block. What it throws ends the clause as failed.
    virtual void speak(const Clause &clause, Voice &voice) = 0;

    syx_status handle(const Event &event) override {
        switch (event.type) {
            case SYX_EV_SPEAK: return take(event);
            case SYX_EV_DRAIN: draining_ = true; [[fallthrough]];
            case SYX_EV_WRITABLE:
            case SYX_EV_TIMER:
            case SYX_EV_TASK_DONE: break;
            default: return SYX_SKIP;
        }
        std::lock_guard<std::mutex> hold(lock_);
        pump();
        return SYX_OK;
    }

    /// The worker sees the flag at its next write; the timer brings us to [ctl] at once, for clauses that none holds.
    void cancelled(std::uint64_t) override { host().timer(0, 0); }

    void reset() override {
        std::lock_guard<std::mutex> hold(lock_);
        for (auto &item : items_) host().note_cancelled(item->clause.generation);
        pump();
    }

    void close() override {
        std::lock_guard<std::mutex> hold(lock_);
        items_.clear();
    }

  protected:
    /// Of the audio that goes out.
    std::uint32_t out_rate() const { return out_rate_; }

  private:
    using Item = detail::SpokenClause;

    syx_status take(const Event &event) {
        if (event.text.len > clause_bytes) throw Error::invalid("a clause is longer than 4096 bytes");
        if (host().cancelled(event.generation)) return SYX_ESTALE;
        auto item = std::make_unique<Item>();
        item->clause = {event.generation, event.id, std::string(event.words()), event.extras().string("language"),
                        event.extras().string("voice")};
        std::lock_guard<std::mutex> hold(lock_);
        if (items_.size() >= clauses) throw Error(SYX_EQUOTA, "too many clauses wait", SYX_ERR_RETRYABLE);
        items_.push_back(std::move(item));
        pump();
        return SYX_OK;
    }

    bool write(Item &item, const std::int16_t *samples, std::size_t count);
    void mark(Item &item, std::size_t text_offset);
    void work();
    void pump();
    void start_next();
    bool send(Item &item);
    syx_status send_frame(Item &item, std::size_t count);
    bool send_end(Item &item);
    bool is_stale(const Item &item) const;

    std::uint32_t out_rate_, piece_;
    // Held for list work and emit (which never blocks), never while speaking.
    std::mutex lock_;
    std::deque<std::unique_ptr<Item>> items_;
    bool busy_ = false, draining_ = false;
    std::int64_t pts_ = 0;
};

}  // namespace syrinx
#include "speaker_queue.hpp"
#endif
