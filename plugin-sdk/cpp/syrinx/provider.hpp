/* SPDX-License-Identifier: Apache-2.0
 *
 * provider.hpp -- what the sessions of one configuration share. */
#ifndef SYRINX_PROVIDER_HPP
#define SYRINX_PROVIDER_HPP
#include "session.hpp"

namespace syrinx {

/// What a provider is opened with; texts are valid only while it opens.
struct ProviderParams {
    std::string_view tenant, instance_name;
    /// The plugin's own folder: models, voices; read-only.
    std::string_view data_dir;
    Json config;
};

/// Derive with your session's class, and say who you are:
///
///   static constexpr const char *id = "my-vad", *version = "1.0.0", *name = "My VAD", *vendor = "Me";
///
/// The constants below may be given as well. The session is made with (SessionHost &, const SessionParams &); when it
/// needs its provider, write `std::unique_ptr<S> open(SessionHost &, const SessionParams &)` in your class.
/// Sessions of one provider run beside each other: what they share must bear that.
template <class S>
class Provider {
  public:
    using SessionType = S;
    static constexpr const char *license = "Apache-2.0";
    /// JSON Schema of the configuration and of a session's options; null = takes no options.
    static constexpr const char *config_schema =
        "{\"type\":\"object\",\"additionalProperties\":false,\"properties\":{}}";
    static constexpr const char *session_schema = nullptr;
    static constexpr const char *capabilities = "{}";
    static constexpr const char *metrics = nullptr;
    static constexpr std::uint32_t flags = S::processes ? SYX_PF_RT_PROCESS : 0;
    static constexpr std::uint32_t max_sessions = 0;

    Provider(const Host &host, const ProviderParams &) : host_(host) {}
    virtual ~Provider() = default;
    Provider(const Provider &) = delete;
    Provider &operator=(const Provider &) = delete;

    /// Throws when the provider cannot work.
    virtual void health() {}

    const Host &host() const { return host_; }

  private:
    Host host_;
};

}  // namespace syrinx
#endif
