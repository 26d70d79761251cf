// SPDX-License-Identifier: Apache-2.0

internal import SyrinxCore

/// Where a connection goes, and under which rules its address was judged: what requests may share one by.
struct Target: Hashable, Sendable {
    let isSecure: Bool
    let host: String
    let port: Int
    let addresses: AddressRules

    init(_ url: NetworkURL, _ rules: EgressRules) {
        isSecure = url.scheme.isSecure
        host = url.host
        port = url.port
        addresses = rules.addresses
    }
}

/// A connection that is ready for requests.
enum Connection: Sendable {
    case http1(HTTP1Connection)
    case http2(HTTP2Connection)
}
