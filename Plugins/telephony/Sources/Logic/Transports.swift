// SPDX-License-Identifier: Apache-2.0
public import SyrinxPlugin

/// The transport `twilio`.
public final class TwilioTransport: Provider {
    private let line: Line

    /// Checks the configuration.
    public init(config: TelephonyConfig, host: Host) throws(PluginError) {
        line = try Line(.twilio, config)
    }

    /// Begins a session for one request at the door.
    public func openSession(
        _ params: SessionParams,
        options: NoOptions,
        host: SessionHost
    ) throws(PluginError) -> TelephonySession {
        try line.open(params, host)
    }
}

/// The transport `telnyx`.
public final class TelnyxTransport: Provider {
    private let line: Line

    /// Checks the configuration.
    public init(config: TelephonyConfig, host: Host) throws(PluginError) {
        line = try Line(.telnyx, config)
    }

    /// Begins a session for one request at the door.
    public func openSession(
        _ params: SessionParams,
        options: NoOptions,
        host: SessionHost
    ) throws(PluginError) -> TelephonySession {
        try line.open(params, host)
    }
}

/// The transport `plivo`.
public final class PlivoTransport: Provider {
    private let line: Line

    /// Checks the configuration.
    public init(config: TelephonyConfig, host: Host) throws(PluginError) {
        line = try Line(.plivo, config)
    }

    /// Begins a session for one request at the door.
    public func openSession(
        _ params: SessionParams,
        options: NoOptions,
        host: SessionHost
    ) throws(PluginError) -> TelephonySession {
        try line.open(params, host)
    }
}
