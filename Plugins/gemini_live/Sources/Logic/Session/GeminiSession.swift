// SPDX-License-Identifier: Apache-2.0
internal import Synchronization
public import SyrinxPlugin

/// One conversation, over one WebSocket after another when the vendor renews connections.
///
/// All state is in a ``GeminiMachine`` behind a lock, since `cancel` comes from any thread; the host never calls back
/// while it is held (R3).
public final class GeminiSession: Session {
    private let machine: Mutex<GeminiMachine>
    private var inbox: NetworkInbox

    init(config: GeminiConfig, inputRate: UInt32, host: SessionHost) throws(PluginError) {
        let socket = try host.openWebSocket(Self.request(config))
        inbox = NetworkInbox(host: host)
        machine = Mutex(GeminiMachine(config: config, inputRate: inputRate, socket: socket, host: host))
    }

    /// The vendor has to take the setup first.
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

    /// Lets nothing more of the answer through; the vendor has no message that would stop it.
    public func cancel(_ generation: UInt64) {
        machine.withLock { $0.cancel(generation) }
    }

    /// Says goodbye to the vendor.
    public func close() {
        machine.withLock { $0.close() }
    }

    static func request(_ config: GeminiConfig) -> NetworkRequest {
        var request = NetworkRequest(url: config.address)
        if let key = config.apiKey { request.headers.append(("x-goog-api-key", key)) }
        return request
    }
}
