// SPDX-License-Identifier: Apache-2.0

package import SyrinxAudio
package import SyrinxCore
package import SyrinxHost

/// Speaks text through a synthesiser plugin, without a server: for test callers.
package struct Speaker: Sendable {
    /// No text takes longer; an engine that hangs must not hang the command.
    private static let limit = Duration.seconds(60)

    private let provider: ProviderInstance
    private let host: PluginHost

    /// Blocks while voices load.
    /// - Throws: `config.provider_reference`, `plugin.not_found`, `provider.*`.
    package init(host: PluginHost, provider name: String) throws(SyrinxError) {
        self.host = host
        provider = try host.provider(.tts, try ProviderReference(name), configuration: .object([:]))
    }

    /// Speaks one text to its end. Without a voice or a rate (Hz), the provider's own.
    ///
    /// Throws `plugin.config_invalid` for an unknown voice, `provider.*`.
    package func speak(_ text: String, voice: String? = nil, rate: Int? = nil) async throws(SyrinxError) -> WAVAudio {
        let options: JSONValue = voice.map { ["voice": .string($0)] } ?? [:]
        let native = provider.descriptor.capabilities.rate(preferring: rate ?? 16_000)
        let parameters = StageParameters(
            session: "say", options: try host.sessionOptions(options, for: provider.descriptor),
            inputRate: native, outputRate: native)
        let executor = QueueExecutor()
        let request = SpeechRequest()
        let result = await withCheckedContinuation { continuation in
            executor.execute { [provider] in
                request.begin(text, provider, parameters, executor) { continuation.resume(returning: $0) }
            }
            _ = executor.schedule(after: Self.limit) {
                request.finish(
                    .failure(
                        SyrinxError(
                            "provider.timeout", "the speech was not finished within \(Self.limit)",
                            place: provider.descriptor.reference)))
            }
        }
        let samples = try result.get()
        let wanted = rate ?? native
        return WAVAudio(rate: wanted, samples: CallerLine.convert(samples, from: native, to: wanted))
    }
}

/// One text on its way through the plugin. Everything happens on the executor.
private final class SpeechRequest: @unchecked Sendable {
    private static let generation: UInt64 = 1

    private var session: StageSession?
    private var samples: [Int16] = []
    private var done: ((Result<[Int16], SyrinxError>) -> Void)?

    func begin(
        _ text: String, _ provider: ProviderInstance, _ parameters: StageParameters, _ executor: QueueExecutor,
        _ done: @escaping (Result<[Int16], SyrinxError>) -> Void
    ) {
        self.done = done
        do {
            let session = try provider.openSession(parameters, executor: executor) { [weak self] in self?.receive($0) }
            self.session = session
            let status = session.send(.speak(clause: 1, text: text, json: "", last: true), generation: Self.generation)
            guard status < 0 else { return }
            finish(.failure(SyrinxError("provider.failed", "the plugin refused the text (status \(status))")))
        } catch {
            finish(.failure(error))
        }
    }

    private func receive(_ event: StageEvent) {
        switch event.kind {
        case .audio(_, let audio):
            samples += audio
            // Nothing is played: the plugin may go on at once.
            session?.giveBack(audio.count)
        case .done: finish(.success(samples))
        case .cancelled: finish(.failure(SyrinxError("provider.failed", "the plugin cancelled the speech")))
        case .failed(_, let code, let message, let retryable):
            finish(.failure(SyrinxError(code, message, retryable: retryable)))
        default: break
        }
    }

    /// The first outcome counts. The answer comes when the plugin's session is closed.
    func finish(_ result: Result<[Int16], SyrinxError>) {
        guard let done else { return }
        self.done = nil
        let answer = Answer(result, done)
        guard let session else { return answer.give() }
        self.session = nil
        session.close { answer.give() }
    }

    private struct Answer: @unchecked Sendable {
        // Unchecked: made and given on the request's executor, where the session says that it is closed.

        let result: Result<[Int16], SyrinxError>
        let done: (Result<[Int16], SyrinxError>) -> Void

        init(_ result: Result<[Int16], SyrinxError>, _ done: @escaping (Result<[Int16], SyrinxError>) -> Void) {
            self.result = result
            self.done = done
        }

        func give() { done(result) }
    }
}
