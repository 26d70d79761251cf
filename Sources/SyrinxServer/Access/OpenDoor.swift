// SPDX-License-Identifier: Apache-2.0

internal import SyrinxAccess
internal import SyrinxCore

/// A tenant without keys trusts whoever is on this machine; a browser on it runs pages of strangers. So what asks
/// without a key must have called this machine by its own name (else: DNS rebinding), and be no page of another site.
enum OpenDoor {
    /// - Throws: `auth.origin`.
    static func check(_ grant: Grant, _ visit: Visit) throws(SyrinxError) {
        if grant.source == .open { try check(visit) }
    }

    /// - Throws: `auth.origin`.
    static func check(_ visit: Visit) throws(SyrinxError) {
        guard visit.peer != nil else { return }
        let origin = visit.origin.map(authority)
        guard isHere(visit.host ?? "localhost"), origin.map(isHere) ?? true else {
            throw SyrinxError(
                "auth.origin", "a server without keys answers no page of another site",
                fix: "call it as localhost or 127.0.0.1, or give the tenant keys")
        }
    }

    /// `https://example.org:8443` = `example.org:8443`; the opaque origin `null` is nowhere.
    private static func authority(_ origin: String) -> String {
        guard let scheme = origin.firstRange(of: "://") else { return "" }
        return String(origin[scheme.upperBound...])
    }

    private static func isHere(_ authority: String) -> Bool {
        if authority.hasPrefix("[") { return authority.hasPrefix("[::1]") }
        return ListenerRule.isLoopback(String(authority.prefix { $0 != ":" }))
    }
}
