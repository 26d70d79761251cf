// SPDX-License-Identifier: Apache-2.0

internal import SyrinxConversation
internal import SyrinxCore
internal import SyrinxHost

/// Pipelines in which one model hears, thinks and speaks.
extension PreparedProfile {
    var isSpeechToSpeech: Bool { profile.conversation.pipeline == .s2s }

    /// Everything is there that a session needs when the model is lost.
    func hasCascade(ownAgent: Bool) -> Bool { stt != nil && (agent != nil || ownAgent) && tts != nil && vad != nil }

    static func checkSpeechToSpeech(_ profile: Profile) throws(SyrinxError) {
        guard profile.s2s == nil else { return }
        throw SyrinxError(
            "profile.incomplete", "a pipeline of type `s2s` needs s2s", fix: "name a provider for it",
            place: "profile \(profile.name)")
    }

    /// A session may go on in the other pipeline where the profile has both. An agent of the application's own counts.
    mutating func adoptHybrid() {
        let hasBoth = s2s != nil && stt != nil && tts != nil && vad != nil
        let isHybrid = hasBoth && profile.conversation.pipeline != .loopback
        profile.conversation.hybrid = isHybrid ? profile.hybrid : nil
    }

    /// The model ends turns by itself, and says what is to be said where there is no other voice.
    mutating func adoptPipeline() {
        guard isSpeechToSpeech else { return }
        profile.conversation.turnMode = .s2s
        profile.conversation.hasSynthesiser = tts != nil
    }
}
