// SPDX-License-Identifier: Apache-2.0

internal import SyrinxAccess
internal import SyrinxCore

/// What can be reached from elsewhere asks who is there: no listener off loopback with an open door.
enum ListenerRule {
    /// - Throws: `server.unauthenticated_listener`.
    static func check(_ access: AccessControl, host: String, admin: AdminAddress?) throws(SyrinxError) {
        if !isLoopback(host), let open = access.unauthenticatedTenants.first {
            throw SyrinxError(
                "server.unauthenticated_listener",
                "`\(host)` can be reached from elsewhere, and tenant `\(open)` asks for no key",
                fix: "give each tenant `keys` or `jwt` (`syrinx key new` makes one), or listen on 127.0.0.1",
                place: "listen")
        }
        if let admin, !isLoopback(admin.host), !access.hasOperators {
            throw SyrinxError(
                "server.unauthenticated_listener",
                "`\(admin.host)` can be reached from elsewhere, and the admin API there asks for no key",
                fix: "name keys under `access.operators`, or listen on 127.0.0.1", place: "listeners.admin_http")
        }
    }

    /// Of IPv6 it is one address: `::` means all of them.
    static func isLoopback(_ host: String) -> Bool {
        if host.contains(":") { return host == "::1" }
        return host.lowercased() == "localhost" || PeerAddress(host)?.isLoopback == true
    }
}
