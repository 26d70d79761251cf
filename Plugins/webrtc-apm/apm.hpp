// SPDX-License-Identifier: Apache-2.0
//
// One instance of WebRTC's AudioProcessing behind the few calls that the two providers need. Only apm.cpp sees the
// library's headers.
#pragma once
#include <cstdint>
#include <cstring>
#include <exception>
#include <memory>
#include <new>

#include "syrinx_c.h"

namespace apm {

enum class Suppression { off = -1, low, moderate, high, very_high };
enum class Likelihood { very_low, low, moderate, high };

struct Options {
    bool high_pass = false;
    Suppression noise = Suppression::off;
    bool gain_control = false;
    int gain_target_dbfs = -3;
    bool echo = false;
    int echo_delay_ms = 0;
    bool voice = false;
    Likelihood voice_likelihood = Likelihood::moderate;
};

class Processor {
public:
    // Throws std::runtime_error when the library refuses a setting.
    Processor(uint32_t rate, const Options &options);
    ~Processor();

    // Samples of 10 ms: what the library takes at a time.
    uint32_t block() const noexcept { return block_; }

    // Processes one block in place. `voice` (may be null) tells whether the block holds speech.
    bool near(int16_t *pcm, bool *voice) noexcept;
    // Takes one block of what the far end heard.
    bool far(const int16_t *pcm) noexcept;
    // Back to the beginning of a stream, settings kept.
    void reset() noexcept;

private:
    struct State;
    uint32_t block_;
    std::unique_ptr<State> state_;
};

inline bool rate_supported(uint32_t rate) noexcept {
    return rate == 8000 || rate == 16000 || rate == 32000 || rate == 48000;
}

// Runs `body` so that no exception crosses the ABI (rule R5).
template <class Body>
syx_status guarded(syx_err *err, Body &&body) noexcept {
    try {
        return body();
    } catch (const std::bad_alloc &) {
        return syx_fail(err, SYX_ENOMEM, "webrtc: out of memory");
    } catch (const std::exception &e) {
        return syx_fail(err, SYX_EINTERNAL, "webrtc: %s", e.what());
    } catch (...) {
        return syx_fail(err, SYX_EINTERNAL, "webrtc: unknown failure");
    }
}

}  // namespace apm
