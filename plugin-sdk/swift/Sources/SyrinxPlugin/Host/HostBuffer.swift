// SPDX-License-Identifier: Apache-2.0
internal import SyrinxABI

/// A block of the host's audio memory, given back when the last reference goes.
///
/// Not Sendable on purpose: the memory has no lock.
public final class HostBuffer {
    private let host: Host
    private let buffer: OpaquePointer
    private let memory: UnsafeMutableRawBufferPointer

    init?(host: Host, byteCount: Int) {
        guard byteCount > 0, let buffer = host.core.pointee.buf_alloc?(host.handle, byteCount) else { return nil }
        var capacity = 0
        guard let start = host.core.pointee.buf_data?(buffer, &capacity), capacity >= byteCount else {
            host.core.pointee.buf_release?(buffer)
            return nil
        }
        self.host = host
        self.buffer = buffer
        memory = UnsafeMutableRawBufferPointer(start: start, count: byteCount)
    }

    deinit {
        host.core.pointee.buf_release?(buffer)
    }

    /// The length in bytes.
    public var byteCount: Int { memory.count }

    /// Lends the memory for writing and reading; valid only inside `body`.
    public func withBytes<Result>(_ body: (UnsafeMutableRawBufferPointer) -> Result) -> Result {
        body(memory)
    }
}
