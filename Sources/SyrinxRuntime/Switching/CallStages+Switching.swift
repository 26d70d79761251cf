// SPDX-License-Identifier: Apache-2.0

internal import SyrinxConversation
internal import SyrinxCore
internal import SyrinxHost

/// Another pipeline's stages in the place of those at work. Filters, VAD and voice are of both.
extension CallStages {
    /// Recogniser and agent in the place of the speech-to-speech model; all of them, or the model stays.
    mutating func leaveSpeaker() throws(SyrinxError) {
        guard let opener, let speaker, opener.setup.prepared.hasCascade(ownAgent: opener.setup.agent != nil) else {
            throw SyrinxError("pipeline.unavailable", "the profile has no cascade")
        }
        do {
            try openCascade(opener)
        } catch {
            leaveCascade()
            throw error
        }
        for stage in speaker.sessions { stage.close {} }
        self.speaker = nil
        sttIsNew = true
    }

    /// A model that may take over once it is ready.
    func openIncoming(
        onFailure: (PreparedProfile.Stage, SyrinxError) -> Void
    ) throws(SyrinxError) -> SpeechToSpeech {
        guard let opener,
            let incoming = try openSpeechToSpeech(opener.setup.prepared, opener, inputRate, onFailure: onFailure)
        else { throw SyrinxError("pipeline.unavailable", "the profile has no speech-to-speech model") }
        return incoming
    }

    /// It takes the place of recogniser and agent.
    mutating func use(_ incoming: SpeechToSpeech) {
        leaveCascade()
        speaker = incoming
    }

    /// The application's own agent stays: it may be wanted again.
    private mutating func leaveCascade() {
        for stage in [stt, turn, agentStage].compactMap(\.self) { stage.close {} }
        if agentStage != nil { agent = nil }
        (stt, turn) = (nil, nil)
        sttTakesUtterancesOnly = false
        chains[.stt] = nil
        chains[.agent] = nil
    }
}
