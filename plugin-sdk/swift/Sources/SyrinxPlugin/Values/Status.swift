// SPDX-License-Identifier: Apache-2.0
internal import SyrinxABI

/// What a call across the ABI answered: zero is success, positive is success with a meaning, negative is an error.
public struct Status: RawRepresentable, Hashable, Sendable {
    /// The `syx_status` on the wire.
    public let rawValue: Int32

    /// Wraps a number from the other side; unknown numbers are kept as they are.
    public init(rawValue: Int32) {
        self.rawValue = rawValue
    }

    /// True for every negative status.
    public var isError: Bool { rawValue < 0 }

    /// Done.
    public static let ok = Status(SYX_OK)
    /// Accepted; the result arrives as an event.
    public static let pending = Status(SYX_PENDING)
    /// Nothing to do for this input.
    public static let skip = Status(SYX_SKIP)
    /// The argument or the event is malformed.
    public static let invalid = Status(SYX_EINVAL)
    /// Not supported by this side.
    public static let unsupported = Status(SYX_EUNSUPPORTED)
    /// No such thing.
    public static let notFound = Status(SYX_ENOTFOUND)
    /// Not permitted.
    public static let notPermitted = Status(SYX_EPERM)
    /// The credentials were refused.
    public static let unauthenticated = Status(SYX_EAUTH)
    /// A quota of the provider is used up.
    public static let quotaExceeded = Status(SYX_EQUOTA)
    /// Over credit: wait for ``EventType/writable``, then send again.
    public static let again = Status(SYX_EAGAIN)
    /// The generation was cancelled: stop working on it.
    public static let stale = Status(SYX_ESTALE)
    /// The deadline passed.
    public static let deadlineExceeded = Status(SYX_EDEADLINE)
    /// The provider cannot be reached now.
    public static let unavailable = Status(SYX_EUNAVAILABLE)
    /// A defect or an unexpected answer.
    public static let internalError = Status(SYX_EINTERNAL)
    /// The session or the provider behind the handle is gone.
    public static let closed = Status(SYX_ECLOSED)
    /// Out of memory.
    public static let outOfMemory = Status(SYX_ENOMEM)

    private init(_ constant: Int) {
        self.init(rawValue: Int32(truncatingIfNeeded: constant))
    }
}
