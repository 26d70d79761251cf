// SPDX-License-Identifier: Apache-2.0
internal import Synchronization
public import SyrinxPlugin

/// One conversation with Amazon Nova Sonic: one HTTP/2 stream, which begins with CONFIG.
///
/// It takes everything from the beginning, and keeps it until the stream stands; READY says that the vendor has accepted.
public final class AmazonNovaSession: Session {
    // `cancel` comes from any thread, hence the lock; the host never calls back while it is held (R3).
    private let call: Mutex<NovaCall>
    // Only `handle` touches it, and the host calls that one at a time.
    private var inbox = NetworkInbox()

    init(
        host: SessionHost,
        identity: NovaIdentity,
        settings: NovaSettings,
        formats: (input: AudioFormat, output: AudioFormat)
    ) {
        call = Mutex(NovaCall(host: host, identity: identity, settings: settings, formats: formats))
    }

    /// Takes audio, prompts and results, and what the vendor says.
    public func handle(_ event: borrowing Event) throws(PluginError) -> Status {
        guard let input = Input(event, &inbox) else { return .skip }
        // A typed throw does not pass `withLock`.
        let result = call.withLock { call -> Result<Status, PluginError> in
            do throws(PluginError) { return .success(try call.handle(input)) } catch { return .failure(error) }
        }
        return try result.get()
    }

    /// Drops the rest of a response: the vendor cannot be told, it goes on for itself until the caller speaks.
    public func cancel(_ generation: UInt64) {
        call.withLock { $0.cancel(generation) }
    }

    /// Ends the prompt and the session, and sends nothing more to the host.
    public func close() {
        call.withLock { $0.close() }
    }
}
