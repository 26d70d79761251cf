/* SPDX-License-Identifier: Apache-2.0
 *
 * json.hpp -- reads options. The host has validated them by the schema; bounds are repeated so that a plugin is safe
 * alone. */
#ifndef SYRINX_JSON_HPP
#define SYRINX_JSON_HPP
#include <string>
#include <string_view>

#include "../../c/syrinx_json.h"

namespace syrinx {

/// A text as the ABI lends it, valid during the call.
inline std::string_view view(syx_str s) { return s.ptr ? std::string_view(s.ptr, s.len) : std::string_view(); }
/// The other way round.
inline syx_str lend(std::string_view s) { return syx_span(s.data(), s.size()); }

/// A JSON value within a text that somebody else holds. Malformed text reads as absent; nothing is copied until asked.
class Json {
  public:
    Json() : text_(syx_span(nullptr, 0)) {}
    explicit Json(syx_str text) : text_(text) {}

    /// True for an empty text (no options given) or one well-formed object.
    bool valid() const { return syx_options_ok(text_); }
    std::string_view text() const { return view(text_); }

    /// A member of this object; reads as absent when there is none.
    Json operator[](const char *name) const {
        syx_str value;
        return syx_json_field(text_, name, &value) ? Json(value) : Json();
    }

    double number(const char *name, double low, double high, double fallback) const {
        return syx_opt_number(text_, name, low, high, fallback);
    }
    bool boolean(const char *name, bool fallback) const { return syx_opt_bool(text_, name, fallback); }

    std::string string(const char *name, std::string fallback = {}) const {
        syx_str value;
        if (!syx_json_field(text_, name, &value) || !syx_json_is(value, '"')) return fallback;
        // The decoded text is never longer than the slice.
        std::string out(value.len, '\0');
        std::size_t len = 0;
        if (!syx_json_string(value, out.data(), out.size(), &len)) return fallback;
        out.resize(len);
        return out;
    }

    /// Calls `each(Json element)` for the elements of this array, or the members' values of this object.
    template <class Each>
    void for_each(Each &&each) const {
        std::size_t cursor = 0;
        syx_str key, value;
        while (syx_json_next(text_, &cursor, &key, &value)) each(Json(value));
    }

  private:
    syx_str text_;
};

}  // namespace syrinx
#endif
