// SPDX-License-Identifier: Apache-2.0

internal import SyrinxABI
package import SyrinxCore

/// What a plugin learns when a session begins.
package struct StageParameters: Sendable {
    package var tenant: String
    package var session: String
    package var user: String
    package var locale: String
    /// Valid by the descriptor's session schema, defaults filled in.
    package var options: JSONValue
    /// Hz, 16-bit mono.
    package var inputRate: Int
    package var outputRate: Int
    /// Audio that a plugin may send ahead of playout.
    package var credit: Duration
    /// How long an answer is waited for.
    package var deadline = Duration.seconds(5)
    /// Gets the requests that the plugin makes; nil = nobody traces.
    package var trace: (any SessionTrace)?

    package init(
        tenant: String = "default", session: String, user: String = "", locale: String = "en",
        options: JSONValue = .object([:]), inputRate: Int, outputRate: Int, credit: Duration = .seconds(5)
    ) {
        self.tenant = tenant
        self.session = session
        self.user = user
        self.locale = locale
        self.options = options
        self.inputRate = inputRate
        self.outputRate = outputRate
        self.credit = credit
    }

    func withRaw<Result>(_ body: (UnsafePointer<syx_session_params>) -> Result) -> Result {
        Lent.strings([tenant, session, user, locale, options.text, trace?.traceparent ?? ""]) { text in
            var raw = syx_session_params()
            raw.struct_size = UInt32(MemoryLayout<syx_session_params>.size)
            raw.max_frame_samples = UInt32(clamping: inputRate * 60 / 1000)
            (raw.tenant, raw.session, raw.user, raw.locale, raw.options_json) = (
                text[0], text[1], text[2], text[3], text[4]
            )
            raw.traceparent = text[5]
            raw.in = Self.format(inputRate)
            raw.out = Self.format(outputRate)
            raw.credit_ms = UInt32(clamping: credit.nanoseconds / 1_000_000)
            raw.deadline_ms = UInt32(clamping: deadline.nanoseconds / 1_000_000)
            return body(&raw)
        }
    }

    private static func format(_ rate: Int) -> syx_format {
        syx_format(format: UInt32(SYX_FMT_S16), rate: UInt32(clamping: rate), channels: 1, samples: 0)
    }
}

/// Lends Swift strings to C for the length of one call.
enum Lent {
    static func strings<Result>(_ strings: [String], _ body: ([syx_str]) -> Result) -> Result {
        var bytes: [UInt8] = []
        for string in strings { bytes.append(contentsOf: string.utf8) }
        return bytes.withUnsafeBytes { memory in
            var offset = 0
            let lent = strings.map { string -> syx_str in
                defer { offset += string.utf8.count }
                let start = memory.baseAddress.map { ($0 + offset).assumingMemoryBound(to: CChar.self) }
                return syx_str(ptr: start, len: string.utf8.count)
            }
            return body(lent)
        }
    }
}
