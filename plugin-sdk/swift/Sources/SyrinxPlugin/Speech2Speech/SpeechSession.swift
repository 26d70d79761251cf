// SPDX-License-Identifier: Apache-2.0
internal import Synchronization

/// What a speech-to-speech session over the network knows and does. A ``SpeechSession`` makes a session of it.
///
/// A value whose only I/O is through the host, so that all of a session's state is in one place and is changed by one call
/// at a time.
public protocol SpeechMachine: Sendable {
    /// Takes what the host asks.
    mutating func take(_ request: SpeechRequest) -> Status
    /// Takes what the vendor sent.
    mutating func take(_ event: NetworkEvent)
    /// Takes keys that the caller pressed. Skips them unless implemented.
    mutating func press(_ keys: String) -> Status
    /// The host cancelled a generation.
    mutating func cancel(_ generation: UInt64)
    /// Says goodbye to the vendor; nothing may be sent to the host afterwards.
    mutating func close()
}

extension SpeechMachine {
    /// Skips them.
    public mutating func press(_ keys: String) -> Status { .skip }
}

/// One conversation with a speech-to-speech vendor over the network; ready once its machine has sent READY.
///
/// The machine is behind a lock, since ``cancel(_:)`` comes from any thread; the host never calls back while it is held
/// (R3).
public final class SpeechSession<Machine: SpeechMachine>: Session {
    private let machine: Mutex<Machine>
    private var inbox: NetworkInbox

    /// Begins a session.
    ///
    /// - Parameters:
    ///   - machine: What it knows and does.
    ///   - host: The session's host.
    ///   - messageLimit: The largest WebSocket message in bytes; a larger one ends its socket.
    public init(_ machine: Machine, host: SessionHost, messageLimit: Int = 4 << 20) {
        self.machine = Mutex(machine)
        inbox = NetworkInbox(messageLimit: messageLimit, host: host)
    }

    /// The vendor has to answer first.
    public var isReady: Bool { false }

    /// Takes events of the host and of the network.
    public func handle(_ event: borrowing Event) throws(PluginError) -> Status {
        if let network = inbox.read(event) {
            machine.withLock { $0.take(network) }
            return .ok
        }
        if event.type == .dtmfIn {
            let keys = event.text
            return machine.withLock { $0.press(keys) }
        }
        guard let request = SpeechRequest(event) else { return .skip }
        return machine.withLock { $0.take(request) }
    }

    /// Lets nothing more of the answer through.
    public func cancel(_ generation: UInt64) {
        machine.withLock { $0.cancel(generation) }
    }

    /// Says goodbye to the vendor.
    public func close() {
        machine.withLock { $0.close() }
    }
}
