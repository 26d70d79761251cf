/* SPDX-License-Identifier: Apache-2.0
 *
 * network.hpp -- the host's I/O services: HTTP and WebSocket clients. They answer at once; what comes back are events
 * for Session::handle: HTTP_HEAD ... IO_WRITABLE with the id of the request. */
#ifndef SYRINX_NETWORK_HPP
#define SYRINX_NETWORK_HPP
#include <map>
#include <string>

#include "../../c/syrinx_net.h"
#include "host.hpp"

namespace syrinx {

/// An HTTP request, or the upgrade to a WebSocket.
struct Request {
    std::string url, method, headers, body;
    /// The response or utterance that it belongs to: it ends when that is cancelled. 0 = of none.
    std::uint64_t generation = 0;
    /// SYX_REQ_..., and milliseconds; 0 = the host's defaults.
    std::uint32_t flags = 0, connect_ms = 0, silence_ms = 0;

    explicit Request(std::string_view to) : url(to) {}
    /// `${secret:NAME}` in a value stands for a secret: write what the configuration says. Throws on a line break.
    Request &header(std::string_view name, std::string_view value) {
        if (name.empty() || name.find_first_of("\r\n") != name.npos || value.find_first_of("\r\n") != value.npos)
            throw Error(SYX_EINVAL, "a header has a line break, or no name");
        headers.append(name).append(": ").append(value).append("\n");
        return *this;
    }
};

/// The services as a session uses them. All functions may be called on any thread until the session is closed.
class Network {
  public:
    explicit Network(const SessionHost &host)
        : tables_(syx_net_find(host.provider().core(), host.provider().handle())), session_(host.handle()) {}

    /// False: the host has none, or lets this plugin reach nothing.
    bool available() const { return tables_.http && tables_.ws; }

    /// Throws Error when the host refuses it at once.
    std::uint64_t start(const Request &request) const { return begin(request, tables_.http ? tables_.http->start : nullptr); }
    /// SYX_EAGAIN: nothing was taken, wait for IO_WRITABLE.
    syx_status send_body(std::uint64_t id, std::string_view bytes, bool last) const {
        return tables_.http ? tables_.http->send(session_, id, bytes.data(), bytes.size(), last) : SYX_EUNSUPPORTED;
    }
    void abort(std::uint64_t id) const {
        if (tables_.http) tables_.http->abort(session_, id);
    }

    std::uint64_t open(const Request &request) const { return begin(request, tables_.ws ? tables_.ws->open : nullptr); }
    syx_status send_text(std::uint64_t id, std::string_view text) const { return send(id, 0, text); }
    syx_status send_binary(std::uint64_t id, std::string_view bytes) const { return send(id, SYX_WS_BINARY, bytes); }
    /// Sends what waits, then closes; 0 cuts.
    void close(std::uint64_t id, std::uint16_t code = 1000, std::string_view reason = {}) const {
        if (tables_.ws) tables_.ws->close(session_, id, code, lend(reason));
    }

    /// DIGEST with this cookie follows.
    syx_status hmac_sha256(std::string_view key, std::string_view bytes, std::uint64_t cookie) const {
        if (!tables_.secret) return SYX_EUNSUPPORTED;
        return tables_.secret->hmac_sha256(session_, lend(key), bytes.data(), bytes.size(), cookie);
    }

  private:
    using Begin = std::uint64_t (*)(syx_hsession, const syx_request *, syx_err *);

    std::uint64_t begin(const Request &request, Begin function) const {
        if (!function) throw Error(SYX_EUNSUPPORTED, "the host lets this plugin reach no network");
        syx_request raw = syx_request_to(request.url.c_str(), nullptr, request.generation);
        raw.flags = request.flags;
        raw.connect_ms = request.connect_ms;
        raw.silence_ms = request.silence_ms;
        raw.method = lend(request.method);
        raw.headers = lend(request.headers);
        raw.body = lend(request.body);
        syx_err error{};
        error.struct_size = SYX_SIZEOF(syx_err, msg);
        std::uint64_t id = function(session_, &raw, &error);
        if (!id) throw Error(error.code < 0 ? error.code : SYX_EINTERNAL, error.msg, error.flags);
        return id;
    }
    syx_status send(std::uint64_t id, std::uint32_t flags, std::string_view bytes) const {
        return tables_.ws ? tables_.ws->send(session_, id, flags, bytes.data(), bytes.size()) : SYX_EUNSUPPORTED;
    }

    syx_net tables_;
    syx_hsession session_;
};

/// Puts the pieces of WebSocket messages together.
class Messages {
  public:
    explicit Messages(std::size_t limit = std::size_t{4} << 20) : limit_(limit) {}

    /// True when the event completes a message; `message` then holds it. Throws Error when it is too large.
    bool add(const Event &event, std::string &message) {
        std::string &sofar = parts_[event.id];
        if (sofar.size() + event.text.len > limit_) throw Error(SYX_EINTERNAL, "the other side sent too large a message");
        sofar.append(event.words());
        if (event.flags & SYX_WS_PART) return false;
        message = std::move(sofar);
        parts_.erase(event.id);
        return true;
    }
    /// The socket has ended.
    void forget(std::uint64_t id) { parts_.erase(id); }

  private:
    std::size_t limit_;
    std::map<std::uint64_t, std::string> parts_;
};

}  // namespace syrinx
#endif
