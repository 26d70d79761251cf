// SPDX-License-Identifier: Apache-2.0
internal import Synchronization
public import SyrinxPlugin

/// One conversation over one WebSocket.
///
/// All state is in a ``RealtimeMachine`` behind a lock, since `cancel` comes from any thread; the host never calls back
/// while it is held (R3).
public final class RealtimeSession: Session {
    private let machine: Mutex<RealtimeMachine>
    private var inbox: NetworkInbox

    init(config: RealtimeConfig, locale: String, host: SessionHost) throws(PluginError) {
        let socket = try host.openWebSocket(Self.request(config))
        inbox = NetworkInbox(host: host)
        machine = Mutex(RealtimeMachine(config: config, locale: locale, socket: socket, host: host))
    }

    /// The vendor has to take the configuration first.
    public var isReady: Bool { false }

    /// Takes events of the host and of the network.
    public func handle(_ event: borrowing Event) throws(PluginError) -> Status {
        if let network = inbox.read(event) {
            machine.withLock { $0.take(network) }
            return .ok
        }
        guard let request = SpeechRequest(event) else { return .skip }
        return machine.withLock { $0.take(request) }
    }

    /// Stops the response at the vendor.
    public func cancel(_ generation: UInt64) {
        machine.withLock { $0.cancel(generation) }
    }

    /// Says goodbye to the vendor.
    public func close() {
        machine.withLock { $0.close() }
    }

    private static func request(_ config: RealtimeConfig) -> NetworkRequest {
        var request = NetworkRequest(url: config.address)
        if let key = config.apiKey { request.headers.append(("Authorization", "Bearer " + key)) }
        if let organization = config.organization { request.headers.append(("OpenAI-Organization", organization)) }
        if let project = config.project { request.headers.append(("OpenAI-Project", project)) }
        return request
    }
}
