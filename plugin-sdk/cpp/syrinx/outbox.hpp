/* SPDX-License-Identifier: Apache-2.0
 *
 * outbox.hpp -- order, room and terminals: what the host cannot take yet (SYX_EAGAIN) is kept and sent on WRITABLE, and
 * every request that was accepted ends exactly once. */
#ifndef SYRINX_OUTBOX_HPP
#define SYRINX_OUTBOX_HPP
#include <algorithm>
#include <deque>
#include <mutex>
#include <vector>

#include "host.hpp"

namespace syrinx {

/// What one event answers: a generation, and a clause's number where there is one.
struct RequestKey {
    std::uint64_t generation = 0, id = 0;
    bool operator==(const RequestKey &other) const { return generation == other.generation && id == other.id; }
};

/// A session's way out. Every function may be called on any thread.
class Outbox {
  public:
    /// Events that may wait; further ones answer SYX_EAGAIN. Terminals are kept beyond it: there are few requests.
    static constexpr std::size_t capacity = 1024;
    static constexpr std::size_t requests = 64;

    explicit Outbox(SessionHost &host) : host_(host) {}

    /// Accepts a request, which from now on must end; throws when too many are under way.
    void begin(RequestKey key) {
        std::lock_guard<std::mutex> hold(lock_);
        if (open_.size() >= requests) throw Error(SYX_EQUOTA, "too many requests are under way", SYX_ERR_RETRYABLE);
        open_.push_back(key);
    }

    /// Sends or keeps an event that ends nothing.
    syx_status send(const Event &event) {
        std::lock_guard<std::mutex> hold(lock_);
        if (closed_) return SYX_ECLOSED;
        if (event.generation && host_.cancelled(event.generation)) return SYX_ESTALE;
        syx_status status = waiting_.empty() ? deliver(event) : SYX_EAGAIN;
        if (status != SYX_EAGAIN || waiting_.size() >= capacity) return status;
        waiting_.emplace_back(event);
        return SYX_OK;
    }

    /// Ends a request with this event; does nothing when it has ended already, by cancellation for example.
    void finish(const Event &event) {
        std::lock_guard<std::mutex> hold(lock_);
        if (forget({event.generation, event.id})) end(event);
    }

    /// Ends a request that failed.
    void fail(RequestKey key, syx_status status, std::uint32_t flags, std::string_view message) {
        Event event(SYX_EV_ERROR, key.generation, key.id);
        event.i0 = status;
        event.i1 = flags;
        finish(event.with_text(message));
    }

    /// The same, with the exception that is being handled.
    void fail_with_current_exception(RequestKey key) noexcept {
        detail::explain([&](syx_status status, std::uint32_t flags, const char *message) noexcept {
            detail::guarded(nullptr, [&] { return fail(key, status, flags, message), SYX_OK; });
        });
    }

    /// Drops what waits of this generation; each of its requests ends as cancelled.
    void cancel(std::uint64_t generation) {
        std::lock_guard<std::mutex> hold(lock_);
        std::deque<Kept> kept;
        for (auto &event : waiting_) {
            if (event.key.generation != generation) kept.push_back(std::move(event));
            else if (ends(event.raw.type)) kept.emplace_back(cancelled(event.key));
        }
        waiting_.swap(kept);
        std::vector<RequestKey> ended;
        for (auto &key : open_)
            if (key.generation == generation) ended.push_back(key);
        for (auto &key : ended) {
            forget(key);
            end(cancelled(key));
        }
        flush_locked();
    }

    /// Sends what waits, as far as there is room.
    void flush() {
        std::lock_guard<std::mutex> hold(lock_);
        flush_locked();
    }

    /// Back to the beginning, without a word about what was under way.
    void reset() {
        std::lock_guard<std::mutex> hold(lock_);
        waiting_.clear();
        open_.clear();
    }

    /// Nothing is sent any more.
    void close() {
        std::lock_guard<std::mutex> hold(lock_);
        closed_ = true;
        waiting_.clear();
        open_.clear();
    }

    bool idle() {
        std::lock_guard<std::mutex> hold(lock_);
        return open_.empty() && waiting_.empty();
    }

  private:
    /// An event with its texts, as long as it waits.
    struct Kept {
        explicit Kept(const Event &event)
            : raw(event), key{event.generation, event.id}, text(event.words()), json(view(event.json)) {}
        Event raw;
        RequestKey key;
        std::string text, json;
    };

    static bool ends(std::uint16_t type) {
        return type == SYX_EV_DONE || type == SYX_EV_FINAL || type == SYX_EV_CANCELLED || type == SYX_EV_ERROR;
    }
    static Event cancelled(RequestKey key) { return Event(SYX_EV_CANCELLED, key.generation, key.id); }

    bool forget(RequestKey key) {
        auto found = std::find(open_.begin(), open_.end(), key);
        if (found == open_.end()) return false;
        open_.erase(found);
        return true;
    }

    void end(const Event &event) {
        if (closed_) return;
        if (!waiting_.empty() || deliver(event) == SYX_EAGAIN) waiting_.emplace_back(event);
    }

    /// A terminal that comes too late for its generation is told as cancelled.
    syx_status deliver(const Event &event) {
        syx_status status = host_.emit(event);
        if (status != SYX_ESTALE || !ends(event.type) || event.type == SYX_EV_CANCELLED) return status;
        return host_.emit(cancelled({event.generation, event.id}));
    }

    void flush_locked() {
        while (!waiting_.empty() && !closed_) {
            Kept &first = waiting_.front();
            if (deliver(first.raw.with_text(first.text).with_json(first.json)) == SYX_EAGAIN) return;
            waiting_.pop_front();
        }
    }

    SessionHost &host_;
    // Held while emitting, so that order and "nothing after close" hold; the host never calls back (R3).
    std::mutex lock_;
    std::deque<Kept> waiting_;
    std::vector<RequestKey> open_;
    bool closed_ = false;
};

}  // namespace syrinx
#endif
