/* SPDX-License-Identifier: Apache-2.0
 *
 * speaker_queue.hpp -- the clause queue of TtsSession; included by speaker.hpp. */
#ifndef SYRINX_SPEAKER_QUEUE_HPP
#define SYRINX_SPEAKER_QUEUE_HPP
#include "speaker.hpp"

namespace syrinx {

inline bool TtsSession::is_stale(const Item &item) const {
    return item.outcome == SYX_ESTALE || host().cancelled(item.clause.generation);
}

inline bool TtsSession::write(Item &item, const std::int16_t *samples, std::size_t count) {
    std::lock_guard<std::mutex> hold(lock_);
    if (is_stale(item) || item.outcome < 0) return false;
    item.pcm.insert(item.pcm.end(), samples, samples + count);
    if (items_.front().get() == &item) send(item);
    return item.outcome >= 0;
}

inline void TtsSession::mark(Item &item, std::size_t text_offset) {
    std::lock_guard<std::mutex> hold(lock_);
    item.marks.push_back({text_offset, item.pcm.size()});
}

/// On a worker: speaks the first clause that waits.
inline void TtsSession::work() {
    Item *item = nullptr;
    {
        std::lock_guard<std::mutex> hold(lock_);
        for (auto &candidate : items_)
            if (!item && candidate->state == Item::State::waiting) item = candidate.get();
        if (item) item->state = Item::State::running;
    }
    if (item) {
        Voice voice(*this, *item);
        syx_status outcome = SYX_OK;
        std::uint32_t flags = 0;
        std::string message;
        try {
            speak(item->clause, voice);
        } catch (...) {
            outcome = detail::explain([&](syx_status, std::uint32_t with, const char *what) noexcept {
                flags = with;
                detail::guarded(nullptr, [&] { return message = what, SYX_OK; });
            });
        }
        std::lock_guard<std::mutex> hold(lock_);
        item->state = Item::State::finished;
        if (item->outcome >= 0) {
            item->outcome = outcome;
            item->flags = flags;
            item->message = std::move(message);
        }
    }
    std::lock_guard<std::mutex> hold(lock_);
    busy_ = false;
    pump();
}

/// Sends what there is, ends what has ended, starts what comes next. The lock is held.
inline void TtsSession::pump() {
    for (auto item = items_.begin(); item != items_.end();) {
        bool ended = is_stale(**item) && (*item)->state != Item::State::running;
        if (ended && !send_end(**item)) return;
        item = ended ? items_.erase(item) : item + 1;
    }
    while (!items_.empty() && send(*items_.front()) && items_.front()->state == Item::State::finished) {
        if (!send_end(*items_.front())) break;
        items_.pop_front();
    }
    start_next();
    if (draining_ && items_.empty()) draining_ = host().emit(Event(SYX_EV_DRAINED)) == SYX_EAGAIN;
}

/// Little finished audio waits before the next clause is begun: a barge-in wastes little, and memory is bounded.
inline void TtsSession::start_next() {
    std::size_t unsent = 0;
    bool some = false;
    for (auto &item : items_) {
        unsent += item->pcm.size() - item->sent;
        some = some || item->state == Item::State::waiting;
    }
    if (busy_ || !some || unsent > 2u * out_rate_) return;
    busy_ = true;
    if (host().run(0, [this] { work(); }) >= 0) return;
    busy_ = false;
    host().timer(20, 0);
}

/// Each mark before the audio it points at; false when the host has no room.
inline bool TtsSession::send(Item &item) {
    for (;;) {
        if (!item.marks.empty() && item.marks.front().sample <= item.sent) {
            Event event(SYX_EV_MARK, item.clause.generation, item.clause.id);
            event.i0 = static_cast<std::int64_t>(item.marks.front().text);
            event.i1 = static_cast<std::int64_t>(item.marks.front().sample);
            if (host().emit(event) == SYX_EAGAIN) return false;
            item.marks.pop_front();
            continue;
        }
        std::size_t rest = item.pcm.size() - item.sent;
        if (rest == 0 || (rest < piece_ && item.state != Item::State::finished)) return true;
        std::size_t count = std::min<std::size_t>(rest, piece_);
        syx_status status = send_frame(item, count);
        if (status == SYX_EAGAIN) return false;
        if (status < 0) {  // stale, closed or refused: nobody will hear the rest
            item.outcome = status;
            item.sent = item.pcm.size();
            return true;
        }
        item.sent += count;
        pts_ += static_cast<std::int64_t>(count);
    }
}

inline syx_status TtsSession::send_frame(Item &item, std::size_t count) {
    syx_frame frame;
    std::memset(&frame, 0, sizeof frame);
    frame.struct_size = SYX_SIZEOF(syx_frame, buf);
    frame.format = SYX_FMT_S16;
    frame.rate = out_rate_;
    frame.channels = 1;
    frame.samples = static_cast<std::uint32_t>(count);
    frame.generation = item.clause.generation;
    frame.pts = pts_;
    frame.t_ns = host().now_ns();
    frame.bytes = count * sizeof(std::int16_t);
    frame.data = item.pcm.data() + item.sent;
    Event event(SYX_EV_AUDIO_OUT, item.clause.generation, item.clause.id);
    event.t_ns = frame.t_ns;
    event.audio = &frame;
    return host().emit(event);
}

/// The clause's one terminal; false when the host has no room.
inline bool TtsSession::send_end(Item &item) {
    bool failed = item.outcome < 0 && !is_stale(item);
    auto type = is_stale(item) ? SYX_EV_CANCELLED : failed ? SYX_EV_ERROR : SYX_EV_DONE;
    Event event(static_cast<std::uint16_t>(type), item.clause.generation, item.clause.id);
    if (failed) {
        event.i0 = item.outcome;
        event.i1 = item.flags;
        event.with_text(item.message.empty() ? std::string_view("speech synthesis failed") : item.message);
    }
    syx_status status = host().emit(event);
    // Cancelled just now.
    if (status == SYX_ESTALE && type != SYX_EV_CANCELLED)
        status = host().emit(Event(SYX_EV_CANCELLED, item.clause.generation, item.clause.id));
    return status != SYX_EAGAIN;
}

}  // namespace syrinx
#endif
