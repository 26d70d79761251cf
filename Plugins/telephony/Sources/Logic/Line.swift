// SPDX-License-Identifier: Apache-2.0
internal import SyrinxPlugin

#if canImport(Glibc)
internal import Glibc
#else
internal import Musl
#endif

/// A dialect with its operator's configuration: what all calls of one provider share.
struct Line: Sendable {
    let dialect: Dialect
    let config: TelephonyConfig
    /// Seconds since 1970, for tickets that run out.
    var clock: @Sendable () -> Int64 = { Int64(time(nil)) }

    init(_ dialect: Dialect, _ config: TelephonyConfig) throws(PluginError) {
        self.dialect = dialect
        self.config = config
        guard config.verifies else {
            guard config.allowUnsigned == true else {
                throw .invalid("verify: false lets in whoever finds the door; say allow_unsigned: true to mean that")
            }
            return
        }
        guard let secret = config.secret(dialect), !secret.isEmpty else {
            throw .invalid("'\(dialect.secretName)' is missing: without it nobody's call can be told from a stranger's")
        }
    }

    /// The codec of what is sent.
    var codec: G711 { config.encoding == "PCMA" ? .aLaw : .muLaw }

    func open(_ params: SessionParams, _ host: SessionHost) throws(PluginError) -> TelephonySession {
        for format in [params.input, params.output]
        where format.encoding != .int16 || format.channels != 1 || format.sampleRate != Dialect.sampleRate {
            throw .unsupported("\(dialect.name) sends and takes 8000 Hz mono: set the door's rate to 8000")
        }
        return TelephonySession(line: self, host: host)
    }
}
