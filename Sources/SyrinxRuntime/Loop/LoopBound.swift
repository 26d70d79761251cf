// SPDX-License-Identifier: Apache-2.0

/// Carries a loop-bound object through a closure that comes back to the same loop.
package struct LoopBound<Value>: @unchecked Sendable {
    package let value: Value

    package init(_ value: Value) { self.value = value }
}
