/* SPDX-License-Identifier: Apache-2.0
 *
 * host.hpp -- what a plugin may ask of its host. */
#ifndef SYRINX_HOST_HPP
#define SYRINX_HOST_HPP
#include <array>
#include <atomic>
#include <functional>
#include <memory>

#include "error.hpp"
#include "frame.hpp"
#include "json.hpp"

namespace syrinx {

/// An event, before it is sent or while it is borrowed from the host.
struct Event : syx_event {
    explicit Event(std::uint16_t event_type, std::uint64_t of_generation = 0, std::uint64_t with_id = 0)
        : syx_event(syx_ev(event_type, of_generation, with_id)) {}
    explicit Event(const syx_event &raw) : syx_event(raw) {}
    Event &with_text(std::string_view words) { return text = lend(words), *this; }
    Event &with_json(std::string_view object) { return json = lend(object), *this; }
    std::string_view words() const { return view(text); }
    Json extras() const { return Json(json); }
};

/// The host as a provider sees it. All functions may be called on any thread.
class Host {
  public:
    Host(const syx_core *core, syx_hprovider handle) : core_(core), handle_(handle) {}

    /// Virtual in tests: never read a clock of your own.
    std::int64_t now_ns() const { return core_->now_ns(handle_); }
    void log(std::uint32_t level, std::string_view message, std::string_view fields_json = {}) const {
        core_->log(handle_, 0, level, lend(message), lend(fields_json));
    }
    void metric(std::uint32_t index, double value) const { core_->metric(handle_, 0, index, value); }
    syx_status emit(const Event &event) const { return core_->emit_provider(handle_, &event); }
    Buffer buffer(std::size_t bytes) const { return Buffer(core_, handle_, bytes); }
    const syx_core *core() const { return core_; }
    syx_hprovider handle() const { return handle_; }

  private:
    const syx_core *core_;
    syx_hprovider handle_;
};

/// Cancelled generations, remembered without a lock: exactly, for an older one may be spoken still.
class CancelSet {
  public:
    CancelSet() {
        for (auto &slot : slots_) slot.store(UINT64_MAX, std::memory_order_relaxed);
    }
    bool contains(std::uint64_t generation) const noexcept {
        for (auto &slot : slots_)
            if (slot.load(std::memory_order_acquire) == generation) return true;
        return false;
    }
    void insert(std::uint64_t generation) noexcept {
        if (contains(generation)) return;
        slots_[next_.fetch_add(1, std::memory_order_relaxed) % slots_.size()].store(generation,
                                                                                    std::memory_order_release);
    }

  private:
    // More than a session can have under way.
    std::array<std::atomic<std::uint64_t>, 64> slots_;
    std::atomic<std::uint32_t> next_{0};
};

/// The host as a session sees it. All functions may be called on any thread until the session is closed.
class SessionHost {
  public:
    SessionHost(Host host, syx_hsession handle) : host_(host), handle_(handle) {}
    SessionHost(const SessionHost &) = delete;
    SessionHost &operator=(const SessionHost &) = delete;

    /// Sends as it is; most sessions want their outbox, which waits for room.
    syx_status emit(const Event &event) const { return core()->emit(handle_, &event); }
    void log(std::uint32_t level, std::string_view message) const {
        core()->log(host_.handle(), handle_, level, lend(message), syx_span(nullptr, 0));
    }
    void metric(std::uint32_t index, double value) const { core()->metric(host_.handle(), handle_, index, value); }
    std::int64_t now_ns() const { return host_.now_ns(); }
    /// A TIMER event with `cookie` as its id comes after `delay_ms`; 0 = refused.
    std::uint64_t timer(std::uint32_t delay_ms, std::uint64_t cookie) const {
        return core()->timer(handle_, delay_ms, cookie);
    }
    void cancel_timer(std::uint64_t timer) const { core()->timer_cancel(handle_, timer); }
    /// True once the host has cancelled this generation; cheap, to be asked between pieces of work.
    bool cancelled(std::uint64_t generation) const noexcept { return cancels_.contains(generation); }
    const Host &provider() const { return host_; }
    syx_hsession handle() const { return handle_; }

    /// Runs `work` on a worker of the host, where it may block; TASK_DONE with `cookie` follows. The tasks of a session
    /// run one after another, and its close waits for them. What `work` throws is logged.
    /// Returns SYX_EAGAIN when 64 wait, SYX_ECLOSED when the session is closing; it will not run then.
    syx_status run(std::uint64_t cookie, std::function<void()> work) {
        auto task = std::make_unique<Task>(Task{this, std::move(work)});
        syx_status status = core()->run(handle_, &Task::start, task.get(), cookie);
        if (status >= 0) task.release();
        return status;
    }

    /// For the SDK: notes a cancelled generation.
    void note_cancelled(std::uint64_t generation) noexcept { cancels_.insert(generation); }

  private:
    struct Task {
        SessionHost *host;
        std::function<void()> work;

        static void start(void *arg) {
            std::unique_ptr<Task> task(static_cast<Task *>(arg));
            detail::guarded(nullptr, [&task] {
                try {
                    task->work();
                } catch (const std::exception &e) {
                    task->host->log(SYX_LOG_ERROR, e.what());
                }
                return SYX_OK;
            });
        }
    };

    const syx_core *core() const { return host_.core(); }

    Host host_;
    syx_hsession handle_;
    CancelSet cancels_;
};

}  // namespace syrinx
#endif
