/* SPDX-License-Identifier: Apache-2.0
 *
 * frame.hpp -- audio as this SDK gives it to sessions: checked, 16-bit, mono, at the session's rate. */
#ifndef SYRINX_FRAME_HPP
#define SYRINX_FRAME_HPP
#include <utility>

#include "../../c/syrinx_c.h"

namespace syrinx {

/// A borrowed frame, valid during the call.
class Frame {
  public:
    explicit Frame(const syx_frame &raw) : raw_(raw) {}

    /// The samples; null for digital silence without data.
    const std::int16_t *data() const { return static_cast<const std::int16_t *>(raw_.data); }
    std::uint32_t size() const { return raw_.samples; }
    std::uint32_t rate() const { return raw_.rate; }
    /// The utterance or response that it belongs to.
    std::uint64_t generation() const { return raw_.generation; }
    /// The first sample's place since the session began.
    std::int64_t pts() const { return raw_.pts; }
    bool after_a_gap() const { return (raw_.flags & SYX_FR_DISCONT) != 0; }
    /// In dB relative to full scale, -120 for silence.
    float level() const { return syx_frame_level(&raw_); }
    const syx_frame &raw() const { return raw_; }

  private:
    const syx_frame &raw_;
};

/// A block of the host's audio memory, released when its last holder goes. Empty when the host granted none.
class Buffer {
  public:
    Buffer() = default;
    Buffer(const syx_core *core, syx_hprovider provider, std::size_t bytes)
        : core_(core), raw_(core->buf_alloc(provider, bytes)) {}
    Buffer(const Buffer &other) : core_(other.core_), raw_(other.raw_) {
        if (raw_) core_->buf_retain(raw_);
    }
    Buffer(Buffer &&other) noexcept : core_(other.core_), raw_(other.raw_) { other.raw_ = nullptr; }
    Buffer &operator=(Buffer other) noexcept {
        std::swap(core_, other.core_);
        std::swap(raw_, other.raw_);
        return *this;
    }
    ~Buffer() {
        if (raw_) core_->buf_release(raw_);
    }

    explicit operator bool() const { return raw_ != nullptr; }
    void *data(std::size_t *capacity = nullptr) const {
        std::size_t size = 0;
        void *memory = raw_ ? core_->buf_data(raw_, &size) : nullptr;
        if (capacity) *capacity = size;
        return memory;
    }
    syx_buf *raw() const { return raw_; }

    /// Keeps a frame's memory beyond the call that lent it; empty when the frame has none to retain.
    static Buffer retained(const syx_core *core, const syx_frame &frame) {
        Buffer kept;
        kept.core_ = core;
        kept.raw_ = frame.buf;
        if (kept.raw_) core->buf_retain(kept.raw_);
        return kept;
    }

  private:
    const syx_core *core_ = nullptr;
    syx_buf *raw_ = nullptr;
};

}  // namespace syrinx
#endif
