// SPDX-License-Identifier: Apache-2.0

internal import Synchronization
internal import SyrinxCore
internal import SyrinxHost
internal import SyrinxRuntime

extension VoiceBackend {
    /// How many providers are open, for tests.
    var openProviderCount: Int { host.openProviders.count }

    /// Opens a configuration's providers. Only failures that a plugin itself calls passing are tried again: opening the
    /// same configuration twice is harmless, since the host keeps one instance of each. `onRetry` is called before each further attempt.
    func prepare(
        _ config: Config, _ operation: String, onRetry: @escaping @Sendable () -> Void
    ) async throws(VoiceBackendError) -> PreparedProfile {
        guard gate.enter() else { throw VoiceBackendError(operation, .draining, "the backend is stopping") }
        defer { gate.leave() }
        var attempt = 0
        while true {
            do {
                return try await prepareOnce(config, operation)
            } catch {
                guard error.isRetryable, attempt < config.maxRetries else { throw error }
                attempt += 1
                onRetry()
            }
            do {
                try await Task.sleep(for: config.retryDelay)
            } catch {
                throw VoiceBackendError(operation, .contextCanceled, "the task was cancelled")
            }
        }
    }

    private func prepareOnce(_ config: Config, _ operation: String) async throws(VoiceBackendError) -> PreparedProfile {
        let host = host
        do {
            return try await SharedRuntime.blocking {
                try PreparedProfile.prepare(config.profile(named: config.provider), host: host, callbackAgent: true)
            }
        } catch let error as SyrinxError {
            throw VoiceBackendError(operation, error)
        } catch {
            throw VoiceBackendError(operation, .pipelineError, thrown: error, doing: "providers")
        }
    }
}
