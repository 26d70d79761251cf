// SPDX-License-Identifier: Apache-2.0
internal import SyrinxABI

/// An error that a plugin reports to the host.
///
/// Throw it from any requirement of ``Provider`` or ``Session``; the SDK writes it into the host's `syx_err`.
public struct PluginError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The class of the error; always negative.
    public var status: Status
    /// One sentence for an operator, without secrets; longer ones are cut at 231 bytes.
    public var message: String
    /// The same call may succeed later.
    public var isRetryable: Bool
    /// The whole provider is unusable, not only this session.
    public var isFatalToProvider: Bool
    /// How long to wait before trying again, in milliseconds; 0 = not known.
    public var retryAfterMilliseconds: UInt32
    /// The vendor's own number, such as an HTTP status; 0 = none.
    public var vendorCode: Int64

    /// Makes an error.
    ///
    /// A status that is not an error becomes ``Status/internalError``.
    public init(
        _ status: Status,
        _ message: String,
        isRetryable: Bool = false,
        isFatalToProvider: Bool = false,
        retryAfterMilliseconds: UInt32 = 0,
        vendorCode: Int64 = 0
    ) {
        self.status = status.isError ? status : .internalError
        self.message = message
        self.isRetryable = isRetryable
        self.isFatalToProvider = isFatalToProvider
        self.retryAfterMilliseconds = retryAfterMilliseconds
        self.vendorCode = vendorCode
    }

    /// The input or the configuration is wrong.
    public static func invalid(_ message: String) -> PluginError {
        PluginError(.invalid, message)
    }

    /// The plugin cannot do this.
    public static func unsupported(_ message: String) -> PluginError {
        PluginError(.unsupported, message)
    }

    /// The provider cannot be reached now; trying again may help.
    public static func unavailable(_ message: String) -> PluginError {
        PluginError(.unavailable, message, isRetryable: true)
    }

    /// Any error as a plugin error; those of other types become ``Status/internalError``.
    public init(wrapping error: any Error) {
        self = error as? PluginError ?? PluginError(.internalError, String(describing: error))
    }

    /// The `SYX_ERR_` bits.
    var flags: UInt32 {
        (isRetryable ? UInt32(SYX_ERR_RETRYABLE) : 0) | (isFatalToProvider ? UInt32(SYX_ERR_FATAL_PROVIDER) : 0)
    }

    /// What an ERROR event says beside status, flags and message, as JSON; empty when there is nothing.
    var extras: String {
        var extras: [String: JSONValue] = [:]
        if retryAfterMilliseconds > 0 { extras["retry_after_ms"] = .int(Int64(retryAfterMilliseconds)) }
        if vendorCode != 0 { extras["vendor_code"] = .int(vendorCode) }
        return extras.isEmpty ? "" : JSONValue.object(extras).text
    }

    /// The status's number and the message.
    public var description: String { "\(status.rawValue): \(message)" }
}
