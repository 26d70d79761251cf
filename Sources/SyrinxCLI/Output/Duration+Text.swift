// SPDX-License-Identifier: Apache-2.0

internal import Foundation
internal import SyrinxCore

extension Duration {
    /// `1.8 s`, for people.
    var formatted: String { String(format: "%.1f s", milliseconds / 1000) }
}
