/* SPDX-License-Identifier: Apache-2.0
 *
 * module.hpp -- the tables that the host reads, made from classes; the guard around every entry is here. */
#ifndef SYRINX_MODULE_HPP
#define SYRINX_MODULE_HPP
#include <type_traits>

#include "provider.hpp"

namespace syrinx {
namespace detail {

/// A session and its way to the host, which outlives it.
struct SessionBox {
    SessionHost host;
    std::unique_ptr<Session> session;
};

inline SessionBox *box(syx_session *s) { return reinterpret_cast<SessionBox *>(s); }

template <class P, class = void>
struct OpensItself : std::false_type {};
template <class P>
struct OpensItself<P, std::void_t<decltype(std::declval<P &>().open(std::declval<SessionHost &>(),
                                                                    std::declval<const SessionParams &>()))>>
    : std::true_type {};

/// Needs s16 mono where this kind of session has audio: that is what its class hands on.
template <class S>
void check_formats(const SessionParams &params) {
    auto fits = [](const syx_format &f) { return f.format == SYX_FMT_S16 && f.channels == 1 && f.rate > 0; };
    if ((S::hears && !fits(params.in)) || (S::kind == SYX_TTS && !fits(params.out)))
        throw Error::unsupported("needs 16-bit mono audio");
}

template <class P>
struct Table {
    using S = typename P::SessionType;

    static syx_status open(const syx_core *core, syx_hprovider handle, const syx_provider_params *params,
                           syx_provider **out, syx_err *err) noexcept {
        return guarded(err, [&] {
            if (!core || !SYX_HAS(core, syx_core, run)) throw Error::unsupported("the host is older than ABI 1.0");
            if (!params || !out || !SYX_HAS(params, syx_provider_params, instance_name))
                throw Error::invalid("a parameter is missing");
            ProviderParams given{view(params->tenant), view(params->instance_name), view(params->data_dir),
                                 Json(params->config_json)};
            if (!given.config.valid()) throw Error::invalid("the configuration is not a JSON object");
            *out = reinterpret_cast<syx_provider *>(new P(Host(core, handle), given));
            return SYX_OK;
        });
    }

    static void close(syx_provider *p) noexcept {
        guarded(nullptr, [p] { return delete provider(p), SYX_OK; });
    }

    static syx_status health(syx_provider *p, std::uint64_t, syx_err *err) noexcept {
        return guarded(err, [p] { return p ? (provider(p)->health(), SYX_OK) : SYX_EINVAL; });
    }

    static syx_status session_open(syx_provider *p, syx_hsession handle, const syx_session_params *params,
                                   syx_session **out, syx_err *err) noexcept {
        return guarded(err, [&] {
            if (!p || !params || !out || !SYX_HAS(params, syx_session_params, deadline_ms))
                throw Error::invalid("a parameter is missing");
            SessionParams given{view(params->tenant), view(params->session), view(params->user), view(params->locale),
                                Json(params->options_json), params->in, params->out, params->max_frame_samples,
                                params->credit_ms, params->deadline_ms};
            if (!given.options.valid()) throw Error::invalid("the options are not a JSON object");
            check_formats<S>(given);
            std::unique_ptr<SessionBox> made(new SessionBox{{provider(p)->host(), handle}, nullptr});
            made->session = make(*provider(p), made->host, given);
            *out = reinterpret_cast<syx_session *>(made.release());
            return SYX_OK;
        });
    }

    static void session_close(syx_session *s) noexcept {
        guarded(nullptr, [s] {
            std::unique_ptr<SessionBox> last(box(s));
            if (last) last->session->close();
            return SYX_OK;
        });
    }

    static syx_status handle(syx_session *s, const syx_event *event) noexcept {
        if (!s || !event || !SYX_HAS(event, syx_event, audio)) return SYX_EINVAL;
        if (event->space != 0) return SYX_SKIP;
        return guarded(nullptr, [&] {
            try {
                return box(s)->session->handle(Event(*event));
            } catch (const std::exception &e) {
                // A status has no room for words; the request is refused with it.
                box(s)->host.log(SYX_LOG_ERROR, e.what());
                throw;
            }
        });
    }

    static syx_status process(syx_session *s, const syx_frame *in, syx_frame *out, syx_result *result) noexcept {
        if (!s || !in || !SYX_HAS(in, syx_frame, buf)) return SYX_EINVAL;
        return guarded(nullptr, [&] { return box(s)->session->process(*in, out, result); });
    }

    static void cancel(syx_session *s, std::uint64_t generation) noexcept {
        if (!s) return;
        box(s)->host.note_cancelled(generation);
        guarded(nullptr, [&] { return box(s)->session->cancelled(generation), SYX_OK; });
    }

    static void reset(syx_session *s) noexcept {
        if (s) guarded(nullptr, [s] { return box(s)->session->reset(), SYX_OK; });
    }

    static constexpr syx_plugin_vt functions{
        SYX_SIZEOF(syx_plugin_vt, extension), 0,      open,  close, nullptr, health, session_open, session_close, handle,
        S::processes ? process : nullptr,     cancel, reset, nullptr};

    static constexpr syx_plugin_desc descriptor{
        SYX_SIZEOF(syx_plugin_desc, vt), S::kind,         P::flags,          P::max_sessions,   P::id,
        P::version,                      P::name,         P::vendor,         P::license,        P::config_schema,
        P::session_schema,               P::capabilities, P::metrics,        &functions};

  private:
    static P *provider(syx_provider *p) { return reinterpret_cast<P *>(p); }

    static std::unique_ptr<Session> make(P &p, SessionHost &host, const SessionParams &params) {
        if constexpr (OpensItself<P>::value) return p.open(host, params);
        else return std::make_unique<S>(host, params);
    }
};

template <class... Providers>
struct Module {
    static constexpr const syx_plugin_desc *providers[] = {&Table<Providers>::descriptor...};
    static constexpr syx_module table{SYX_MAGIC,          SYX_SIZEOF(syx_module, deinit), SYX_ABI_MAJOR, SYX_ABI_MINOR,
                                      sizeof...(Providers), SYX_BUILD_INFO,               providers,     nullptr,
                                      nullptr};
};

}  // namespace detail
}  // namespace syrinx

/// SYRINX_MODULE(MyProvider, AnotherProvider): the module's one exported function.
#define SYRINX_MODULE(...)                                                                     \
    extern "C" SYX_EXPORT const syx_module *syrinx_plugin_entry_1(void) {                      \
        return &::syrinx::detail::Module<__VA_ARGS__>::table;                                  \
    }
#endif
