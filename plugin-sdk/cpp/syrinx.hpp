/* SPDX-License-Identifier: Apache-2.0
 *
 * syrinx.hpp -- the C++17 face of the plugin ABI: header-only, no library behind it. Nothing here is part of the ABI.
 *
 *   class Echo : public syrinx::AgentSession {
 *     public:
 *       using AgentSession::AgentSession;
 *       void prompt(const syrinx::Prompt &p) override { delta(p, p.text), done(p); }
 *   };
 *   class EchoProvider : public syrinx::Provider<Echo> {
 *     public:
 *       static constexpr const char *id = "echo", *version = "1.0.0", *name = "Echo", *vendor = "You";
 *       using Provider::Provider;
 *   };
 *   SYRINX_MODULE(EchoProvider)
 *
 * No exception leaves a plugin: every entry catches, writes the host's syx_err or refuses the call, and a request that
 * had begun gets its ERROR. README.md tells which class answers what. */
#ifndef SYRINX_HPP
#define SYRINX_HPP
#include "syrinx/error.hpp"
#include "syrinx/frame.hpp"
#include "syrinx/host.hpp"
#include "syrinx/json.hpp"
#include "syrinx/module.hpp"
#include "syrinx/network.hpp"
#include "syrinx/outbox.hpp"
#include "syrinx/provider.hpp"
#include "syrinx/session.hpp"
#include "syrinx/speaker.hpp"
#endif
