// SPDX-License-Identifier: Apache-2.0

internal import SyrinxConversation
internal import SyrinxHost

/// A helper process has died, and with it stages of this session. They begin anew in another helper; what they owed is
/// asked for again: the caller's audio is replayed, the prompt repeated, the rest of the speech spoken (conversation.md
/// 7.7). A stage that cannot be had again refuses its requests, and the conversation goes on without them.
extension CallSession {
    /// So much of the caller's audio is kept for a recogniser that may be lost.
    static let replaySeconds = 15

    /// - Returns: whether a stage was lost.
    func recoverStages() -> Bool {
        let lost = stages.replaceLost()
        for stage in lost {
            onWarning("\(stage.kind.name): its helper process is gone; \(stage.isReplaced ? "another goes on" : "none is left")")
            resume(stage)
        }
        return !lost.isEmpty
    }

    private func resume(_ stage: CallStages.Lost) {
        switch stage.kind {
        case .stt:
            for utterance in requests.utterances { replay(utterance, isReplaced: stage.isReplaced) }
        case .agent: askAgain(isReplaced: stage.isReplaced)
        case .tts:
            guard let voice = requests.voice else { return }
            submit(
                .speechFailed(
                    generation: voice, clause: 0, code: "provider.connectivity", retryable: stage.isReplaced))
        default: break
        }
    }

    private func replay(_ utterance: OpenRequests.Utterance, isReplaced: Bool) {
        guard isReplaced else {
            requests.forgetUtterance(utterance.number)
            return submit(.transcriptionFailed(utterance: utterance.number, code: "provider.connectivity"))
        }
        replayAudio(from: utterance.start, to: utterance.end, utterance: utterance.number)
        if utterance.end != nil { stages.stt?.send(.endOfInput, generation: utterance.number) }
    }

    private func askAgain(isReplaced: Bool) {
        guard let generation = requests.answering else { return }
        if isReplaced, let prompt = requests.prompt, stages.agent?.prompt(prompt) == nil { return }
        requests.answerEnded(generation)
        submit(.agentFailed(generation: generation, code: "provider.connectivity"))
    }
}
