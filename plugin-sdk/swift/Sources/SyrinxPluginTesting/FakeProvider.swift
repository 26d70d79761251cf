// SPDX-License-Identifier: Apache-2.0
internal import SyrinxABI
public import SyrinxPlugin

/// A provider that a ``FakeHost`` opened.
///
/// Close it, or the host keeps it for ever.
public final class FakeProvider: @unchecked Sendable {
    // Unchecked: the provider's functions may be called from any thread, one session at a time.
    let host: FakeHost
    let functions: UnsafePointer<syx_plugin_vt>
    private let handle: UInt64
    private let provider: OpaquePointer

    init(host: FakeHost, functions: UnsafePointer<syx_plugin_vt>, config: String) throws(PluginError) {
        self.host = host
        self.functions = functions
        let handle = FakeCore.register(host)
        self.handle = handle
        var result: OpaquePointer?
        var error = syx_err()
        error.struct_size = UInt32(MemoryLayout<syx_err>.size)
        let status = config.withLentText { text in
            var params = syx_provider_params()
            params.struct_size = UInt32(MemoryLayout<syx_provider_params>.size)
            params.config_json = text
            return functions.pointee.open(FakeCore.table, handle, &params, &result, &error)
        }
        guard status >= 0, let result else {
            FakeCore.unregister(handle)
            throw PluginError(Status(rawValue: status), error.message)
        }
        provider = result
    }

    /// Opens a session.
    ///
    /// - Parameters:
    ///   - options: The session's options as JSON.
    ///   - input: The format of the audio that it gets.
    ///   - output: The format of the audio that it sends.
    ///   - queueLimit: How many events it may send before ``Status/again``.
    ///   - secrets: See ``FakeSession/secrets``; for a plugin that signs as soon as it is opened.
    /// - Returns: The session; close it before the provider.
    /// - Throws: What the plugin reported.
    public func openSession(
        options: String = "{}",
        input: AudioFormat = AudioFormat(sampleRate: 16_000),
        output: AudioFormat = AudioFormat(sampleRate: 16_000),
        queueLimit: Int = .max,
        secrets: [String: String] = [:]
    ) throws(PluginError) -> FakeSession {
        let session = FakeSession(provider: self, queueLimit: queueLimit)
        session.secrets = secrets
        var result: OpaquePointer?
        var error = syx_err()
        error.struct_size = UInt32(MemoryLayout<syx_err>.size)
        let status = options.withLentText { text in
            var params = syx_session_params()
            params.struct_size = UInt32(MemoryLayout<syx_session_params>.size)
            params.options_json = text
            params.in = input.raw
            params.out = output.raw
            return functions.pointee.session_open(provider, session.handle, &params, &result, &error)
        }
        guard status >= 0, let result else {
            FakeCore.unregister(session.handle)
            throw PluginError(Status(rawValue: status), error.message)
        }
        session.attach(result)
        session.pump()
        return session
    }

    /// Probes the provider's health.
    public func health() -> Status {
        Status(rawValue: functions.pointee.health?(provider, 1, nil) ?? 0)
    }

    /// Closes the provider; its sessions must be closed already.
    public func close() {
        functions.pointee.close(provider)
        FakeCore.unregister(handle)
    }
}

extension syx_err {
    fileprivate var message: String {
        withUnsafeBytes(of: msg) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }
}

extension String {
    func withLentText<Result>(_ body: (syx_str) -> Result) -> Result {
        var copy = self
        return copy.withUTF8 { bytes in
            let start = UnsafeRawPointer(bytes.baseAddress)?.assumingMemoryBound(to: CChar.self)
            return body(syx_str(ptr: start, len: bytes.count))
        }
    }
}
