// SPDX-License-Identifier: Apache-2.0

internal import SyrinxABI
internal import SyrinxCore

/// Why a request was not even begun.
struct NetworkRefusal: Error {
    var status: syx_status
    var message: String

    init(_ status: Int, _ message: String) {
        self.status = syx_status(status)
        self.message = message
    }

    /// Writes it into the plugin's memory, cut to what fits.
    func write(to error: UnsafeMutablePointer<syx_err>?) {
        guard let error, error.pointee.struct_size >= UInt32(MemoryLayout<syx_err>.size) else { return }
        error.pointee.code = status
        error.pointee.flags = 0
        error.pointee.retry_after_ms = 0
        error.pointee.vendor_code = 0
        withUnsafeMutableBytes(of: &error.pointee.msg) { memory in
            var text = message
            text.withUTF8 { bytes in
                let count = min(bytes.count, memory.count - 1)
                memory.copyBytes(from: bytes.prefix(count))
                memory[count] = 0
            }
        }
    }
}

extension NetworkFailure {
    /// The class that the plugin gets, and whether the same may succeed later.
    var status: (code: Int, isRetryable: Bool) {
        switch kind {
        case .refusedByRules: (SYX_EPERM, false)
        case .noSuchHost, .connection: (SYX_EUNAVAILABLE, true)
        case .tls: (SYX_EUNAVAILABLE, false)
        case .protocolBroken: (SYX_EINTERNAL, true)
        case .upgradeRefused: (SYX_EUNAVAILABLE, false)
        case .timeout: (SYX_EDEADLINE, true)
        case .aborted: (SYX_ESTALE, false)
        }
    }
}

/// Classes of what servers answer.
enum NetworkClass {
    /// By HTTP status (RFC 9110, 15).
    static func http(_ status: Int) -> (code: Int, isRetryable: Bool) {
        switch status {
        case 200...399: (SYX_OK, false)
        case 401, 407: (SYX_EAUTH, false)
        case 403: (SYX_EPERM, false)
        case 404, 410: (SYX_ENOTFOUND, false)
        case 402: (SYX_EQUOTA, false)
        case 429: (SYX_EQUOTA, true)
        case 408, 504: (SYX_EDEADLINE, true)
        case 409, 425, 500...: (SYX_EUNAVAILABLE, true)
        default: (SYX_EINVAL, false)
        }
    }

    /// By WebSocket close code (RFC 6455, 7.4.1 and IANA's registry).
    static func close(_ code: Int?) -> (code: Int, isRetryable: Bool) {
        switch code {
        case nil, 1000, 1005: (SYX_OK, false)
        case 1001, 1006, 1011, 1012, 1013, 1014: (SYX_EUNAVAILABLE, true)
        case 1008, 3003: (SYX_EPERM, false)
        case 3000: (SYX_EAUTH, false)
        case 1002, 1003, 1007, 1009, 1010: (SYX_EINVAL, false)
        default: (SYX_EUNAVAILABLE, true)
        }
    }

    /// `Retry-After` in seconds, or nil; dates are not read.
    static func retryAfterMilliseconds(_ headers: [(name: String, value: String)]) -> Int64? {
        func number(_ name: String) -> Double? {
            headers.first { $0.name == name }.flatMap { Double($0.value) }
        }
        guard let milliseconds = number("retry-after-ms") ?? number("retry-after").map({ $0 * 1000 }),
            milliseconds >= 0, milliseconds <= 86_400_000
        else { return nil }
        return Int64(milliseconds)
    }
}
