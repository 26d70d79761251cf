// SPDX-License-Identifier: Apache-2.0
//
// What the two providers have in common. Each names its messages, reads its options and processes its frames; the rest of
// the ABI's table is made from that.
#pragma once
#include "apm.hpp"
#include "syrinx_json.h"

extern const syx_plugin_desc webrtc_vad;
extern const syx_plugin_desc webrtc_filter;

struct syx_provider {
    apm::Options options;
};

struct syx_session {
    syx_session(uint32_t hz, const apm::Options &chosen) : rate(hz), options(chosen), processor(hz, chosen) {}
    uint32_t rate;
    apm::Options options;
    apm::Processor processor;
};

namespace apm {

// `Kind` has: `name`, for messages; `defaults()`; `read(json, options)`, over what is set already; `process`.
template <class Kind>
struct Table {
    static syx_status read(syx_str json, Options &options, syx_err *err) {
        if (!syx_options_ok(json)) return syx_fail(err, SYX_EINVAL, "%s: options are not a JSON object", Kind::name);
        Kind::read(json, options);
        return SYX_OK;
    }

    static syx_status open(const syx_core *, syx_hprovider, const syx_provider_params *params, syx_provider **out,
                           syx_err *err) {
        return guarded(err, [&] {
            Options options = Kind::defaults();
            syx_status status = read(params->config_json, options, err);
            if (status == SYX_OK) *out = new syx_provider{options};
            return status;
        });
    }

    static void close(syx_provider *p) { delete p; }

    static syx_status session_open(syx_provider *p, syx_hsession, const syx_session_params *params, syx_session **out,
                                   syx_err *err) {
        return guarded(err, [&] {
            const syx_format &in = params->in;
            if (in.format != SYX_FMT_S16 || in.channels != 1 || !rate_supported(in.rate))
                return syx_fail(err, SYX_EUNSUPPORTED, "%s: needs s16 mono at 8, 16, 32 or 48 kHz", Kind::name);
            Options options = p->options;
            syx_status status = read(params->options_json, options, err);
            if (status == SYX_OK) *out = new syx_session(in.rate, options);
            return status;
        });
    }

    static void session_close(syx_session *s) { delete s; }
    static syx_status handle(syx_session *, const syx_event *) { return SYX_SKIP; }
    static void reset(syx_session *s) { s->processor.reset(); }

    static constexpr syx_plugin_vt vt = {
        .struct_size = SYX_SIZEOF(syx_plugin_vt, extension),
        .reserved = 0,
        .open = open,
        .close = close,
        .reconfigure = nullptr,
        .health = nullptr,
        .session_open = session_open,
        .session_close = session_close,
        .handle = handle,
        .process = Kind::process,
        .cancel = nullptr,
        .reset = reset,
        .extension = nullptr,
    };
};

}  // namespace apm
