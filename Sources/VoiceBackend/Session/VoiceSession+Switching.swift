// SPDX-License-Identifier: Apache-2.0

internal import SyrinxConversation
internal import SyrinxCore
internal import SyrinxRuntime

extension VoiceSession {
    /// Goes on in the other pipeline, with the same history. That is done between two turns: an answer that is being
    /// said is heard to its end, unless the caller interrupts it. ``VoiceEvent/pipelineSwitched(to:reason:)`` tells when;
    /// a `warning` `pipeline.switch_failed`, that the other pipeline cannot be had.
    /// - Throws: ``VoiceBackendError`` `invalid_state` when the backend is no hybrid (``Config/isHybrid``),
    ///   `session_not_active` before the start and after the end.
    public func switchPipeline(to pipeline: PipelineType) async throws(VoiceBackendError) {
        let target = pipeline == .s2s ? Pipeline.s2s : .cascade
        try await change("switchPipeline", pipeline: target)
    }

    /// Goes on in another language: the caller is understood and the agent speaks in it, as far as the providers do.
    /// ``VoiceEvent/languageChanged(to:from:source:)`` follows.
    /// - Parameter language: BCP 47 tag, `de`.
    /// - Throws: ``VoiceBackendError`` `invalid_format` for what is no tag, `invalid_config` when a provider does not
    ///   speak the language, `session_not_active` before the start and after the end.
    public func setLanguage(_ language: String) async throws(VoiceBackendError) {
        try await change("setLanguage", language: language)
    }

    private func change(
        _ operation: String, pipeline: Pipeline? = nil, language: String? = nil
    ) async throws(VoiceBackendError) {
        guard state != .initial else { throw notActive(operation) }
        let refusal: SyrinxError?? = await line.perform { call in
            do throws(SyrinxError) {
                try call.change(pipeline: pipeline, language: language)
                return nil
            } catch {
                return error
            }
        }
        guard let refusal else { throw notActive(operation) }
        if let refusal { throw VoiceBackendError(operation, refusal) }
    }
}
