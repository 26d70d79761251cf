/* SPDX-License-Identifier: Apache-2.0
 *
 * A backend: where sessions run. The host carries the media, so a backend opens, counts and refuses sessions. Replace
 * `admit`. */
#include <atomic>

#include "syrinx.hpp"

namespace {

class Place;

/// Belongs to one conversation, and holds a place while it lives.
class Seat : public syrinx::BackendSession {
  public:
    Seat(syrinx::SessionHost &host, const syrinx::SessionParams &params, Place &place);
    ~Seat() override;

  private:
    Place &place_;
};

/// Exists once per configuration; two sessions may open at once, hence the atomic count.
class Place : public syrinx::Provider<Seat> {
  public:
    static constexpr const char *id = "@ID@", *version = "1.0.0", *name = "@NAME@", *vendor = "You";
    static constexpr const char *config_schema =
        R"({"type":"object","additionalProperties":false,"properties":{
            "max_sessions":{"type":"integer","minimum":1,"maximum":100000,"default":100,
                            "description":"Sessions at once"}}})";
    static constexpr const char *capabilities = R"({"media":"host","transports":["websocket","inproc"]})";

    Place(const syrinx::Host &host, const syrinx::ProviderParams &params)
        : Provider(host, params), limit_(static_cast<int>(params.config.number("max_sessions", 1, 100000, 100))) {}

    std::unique_ptr<Seat> open(syrinx::SessionHost &host, const syrinx::SessionParams &params) {
        return std::make_unique<Seat>(host, params, *this);
    }

    /// Counts and compares in one step.
    void admit() {
        if (sessions_.fetch_add(1) < limit_) return;
        sessions_.fetch_sub(1);
        throw syrinx::Error(SYX_EQUOTA, "all " + std::to_string(limit_) + " sessions are in use", SYX_ERR_RETRYABLE);
    }
    void leave() { sessions_.fetch_sub(1); }

  private:
    int limit_;
    std::atomic<int> sessions_{0};
};

Seat::Seat(syrinx::SessionHost &host, const syrinx::SessionParams &params, Place &place)
    : BackendSession(host, params), place_(place) {
    place_.admit();
}

Seat::~Seat() { place_.leave(); }

}  // namespace

SYRINX_MODULE(Place)
