// SPDX-License-Identifier: Apache-2.0

internal import SyrinxABI
internal import SyrinxCore

/// The caller's memory for a plugin's error.
struct PluginFailure {
    var raw: syx_err

    init() {
        raw = syx_err()
        raw.struct_size = UInt32(MemoryLayout<syx_err>.size)
    }

    /// The plugin's answer as an error of ours; `place` is the plugin.
    func error(_ status: syx_status, doing step: String, place: String) -> SyrinxError {
        let text = withUnsafeBytes(of: raw.msg) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
        let code = ProviderErrorClass(status: status).code
        let retryable = raw.flags & UInt32(SYX_ERR_RETRYABLE) != 0
        return SyrinxError(
            code, text.isEmpty ? "\(step) answered \(status)" : "\(step): \(text)", place: place, retryable: retryable)
    }
}

/// Provider-neutral error classes, from the plugin's status word.
package enum ProviderErrorClass: String, Sendable {
    case authentication, authorization, invalidRequest = "invalid_request", notFound = "not_found", quota, timeout,
        connectivity, cancelled, closed, unsupported, memory, pluginFault = "plugin_fault"

    package init(status: Int32) {
        switch Int(status) {
        case SYX_EAUTH: self = .authentication
        case SYX_EPERM: self = .authorization
        case SYX_EINVAL: self = .invalidRequest
        case SYX_ENOTFOUND: self = .notFound
        case SYX_EQUOTA: self = .quota
        case SYX_EDEADLINE: self = .timeout
        case SYX_EUNAVAILABLE, SYX_EAGAIN: self = .connectivity
        case SYX_ESTALE: self = .cancelled
        case SYX_ECLOSED: self = .closed
        case SYX_EUNSUPPORTED: self = .unsupported
        case SYX_ENOMEM: self = .memory
        default: self = .pluginFault
        }
    }

    package var code: String { "provider.\(rawValue)" }
}
