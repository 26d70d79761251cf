// SPDX-License-Identifier: Apache-2.0

/// Copies a value to memory that is never freed: the host may read tables at any time, even while the process ends.
func immortal<Value>(_ value: Value) -> UnsafePointer<Value> {
    let memory = UnsafeMutablePointer<Value>.allocate(capacity: 1)
    memory.initialize(to: value)
    return UnsafePointer(memory)
}

/// Copies a text to NUL-terminated memory that is never freed.
func immortal(_ text: String) -> UnsafePointer<CChar> {
    let bytes = text.utf8CString
    let memory = UnsafeMutableBufferPointer<CChar>.allocate(capacity: bytes.count)
    _ = memory.initialize(from: bytes)
    return UnsafePointer(memory.baseAddress.unsafelyUnwrapped)
}
