// SPDX-License-Identifier: Apache-2.0

internal import Foundation

enum OpenAIClock {
    /// Since 1970.
    static var seconds: Int64 { Int64(Date().timeIntervalSince1970) }
}
