/* SPDX-License-Identifier: Apache-2.0
 *
 * error.hpp -- errors as exceptions inside a plugin, as status and message outside of it. */
#ifndef SYRINX_ERROR_HPP
#define SYRINX_ERROR_HPP
#include <exception>
#include <new>
#include <string>
#include <utility>

#include "../../c/syrinx_c.h"

namespace syrinx {

/// What a plugin throws when a call fails: one of the SYX_E… codes, a sentence for people, and SYX_ERR_ flags.
class Error : public std::exception {
  public:
    Error(syx_status status, std::string message, std::uint32_t flags = 0)
        : status_(status < 0 ? status : SYX_EINTERNAL), flags_(flags), message_(std::move(message)) {}

    /// A configuration or an option that cannot work.
    static Error invalid(std::string message) { return {SYX_EINVAL, std::move(message)}; }
    /// Something that this plugin does not do.
    static Error unsupported(std::string message) { return {SYX_EUNSUPPORTED, std::move(message)}; }
    /// Something that may work later.
    static Error unavailable(std::string message) { return {SYX_EUNAVAILABLE, std::move(message), SYX_ERR_RETRYABLE}; }

    syx_status status() const noexcept { return status_; }
    std::uint32_t flags() const noexcept { return flags_; }
    const char *what() const noexcept override { return message_.c_str(); }

  private:
    syx_status status_;
    std::uint32_t flags_;
    std::string message_;
};

namespace detail {

/// Hands the exception that is being handled to `take(status, flags, message)`, which must not throw.
template <class Take>
syx_status explain(Take &&take) noexcept {
    try {
        throw;
    } catch (const Error &e) {
        return take(e.status(), e.flags(), e.what()), e.status();
    } catch (const std::bad_alloc &) {
        return take(SYX_ENOMEM, static_cast<std::uint32_t>(SYX_ERR_RETRYABLE), "out of memory"), SYX_ENOMEM;
    } catch (const std::exception &e) {
        return take(SYX_EINTERNAL, 0u, e.what()), SYX_EINTERNAL;
    } catch (...) {
        return take(SYX_EINTERNAL, 0u, "an exception that is no std::exception"), SYX_EINTERNAL;
    }
}

/// Runs `body` and answers its status; what it throws goes into *err, which may be null.
template <class Body>
syx_status guarded(syx_err *err, Body &&body) noexcept {
    try {
        return body();
    } catch (...) {
        return explain([err](syx_status status, std::uint32_t flags, const char *message) noexcept {
            syx_fail(err, status, "%s", message);
            if (err && SYX_HAS(err, syx_err, flags)) err->flags = flags;
        });
    }
}

}  // namespace detail
}  // namespace syrinx
#endif
