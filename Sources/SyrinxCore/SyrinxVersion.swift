// SPDX-License-Identifier: Apache-2.0

/// The version of this build.
package enum SyrinxVersion {
    package static let current = "0.1.0"
}
