// SPDX-License-Identifier: Apache-2.0

/// One configured provider of a plugin: what its sessions share, such as a model, a cache, credentials.
///
/// The host calls a provider from varying threads, and may open two sessions at once: hence `Sendable`. No requirement
/// may block or take longer than 5 ms, except `init`, which may load models.
public protocol Provider: AnyObject, Sendable {
    /// What the host's configuration for this provider decodes to; valid by the schema before it arrives here.
    associatedtype Config: Decodable & Sendable = NoOptions
    /// What a session's options decode to.
    associatedtype Options: Decodable & Sendable = NoOptions
    /// The type of its sessions; conformance to a refined protocol such as ``AnalysingSession`` is found from it.
    associatedtype SessionType: Session

    /// Makes the provider. May take up to 30 s; the host calls it off the media threads.
    init(config: Config, host: Host) throws(PluginError)

    /// Begins a session.
    ///
    /// - Parameters:
    ///   - params: Who talks, in which formats and limits.
    ///   - options: The session's own options.
    ///   - host: The host's services for this session.
    /// - Returns: The session, which the host closes before the provider.
    /// - Throws: ``PluginError`` when the options or the formats do not suit.
    func openSession(_ params: SessionParams, options: Options, host: SessionHost) throws(PluginError) -> SessionType

    /// Answers a health probe at once: returns when healthy, throws what is wrong. Healthy unless implemented.
    func health() throws(PluginError)

    /// Ends the provider; no session is left. Does nothing unless implemented.
    func close()
}

extension Provider {
    /// Healthy.
    public func health() throws(PluginError) {}
    /// Nothing to end.
    public func close() {}
}
