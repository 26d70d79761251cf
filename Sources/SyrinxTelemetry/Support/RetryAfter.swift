// SPDX-License-Identifier: Apache-2.0

/// The header `Retry-After` in seconds (RFC 9110, 10.2.3). Dates are not read: the back-off serves as well.
package enum RetryAfter {
    package static func parse(_ header: String?) -> Duration? {
        guard let header, (1...9).contains(header.utf8.count), header.utf8.allSatisfy(ASCII.isDigit),
            let seconds = Int64(header)
        else { return nil }
        return .seconds(seconds)
    }
}
