// SPDX-License-Identifier: Apache-2.0

internal import SyrinxConversation
internal import SyrinxCore
internal import SyrinxHost

/// The profiles that every installation has, without keys and without network.
package enum BuiltInProfiles {
    package static var all: [Profile] { [standard, echo, mock] }

    /// The embedded cascade: a spoken conversation with Debian's engines.
    package static var standard: Profile {
        var profile = Profile(name: "default", about: "embedded cascade: pocketsphinx, the demo script, flite")
        profile.conversation.greeting =
            "Hello, this is Syrinx. I can book a table, tell the time, or count. What would you like?"
        profile.conversation.fallbackLine = "Sorry, something went wrong. Please say that again."
        // Open microphones: the caller's echo canceller needs a moment to learn the room.
        profile.conversation.interruption.aecWarmUp = .seconds(3)
        profile.backend = plan(.backend, "local")
        profile.filters = [plan(.filter, "webrtc-apm")]
        profile.vad = plan(.vad, "webrtc")
        profile.stt = plan(.stt, "pocketsphinx")
        profile.turn = plan(.turn, "lexical")
        profile.agent = plan(.agent, "script")
        profile.tts = plan(.tts, "flite")
        return profile
    }

    /// The caller's frames come back one for one: what moving a frame costs.
    package static var echo: Profile {
        var profile = Profile(name: "echo", about: "the caller's frames come back as they are; for measuring load")
        profile.conversation.pipeline = .loopback
        profile.conversation.timeouts.idle = .seconds(3600)
        profile.vad = plan(.vad, "energy")
        profile.clientMayChooseVAD = true
        return profile
    }

    /// A conversation in which no provider takes time: what turn taking costs.
    package static var mock: Profile {
        var profile = Profile(name: "mock", about: "scripted providers of zero delay; for measuring conversations")
        profile.conversation.speech.minSilence = .milliseconds(200)
        profile.conversation.endpointing.minDelay = .zero
        profile.conversation.endpointing.danglingExtra = .zero
        profile.conversation.interruption.minDuration = .milliseconds(200)
        profile.conversation.interruption.pauseAndResume = false
        profile.conversation.interruption.lexicalFilter = false
        profile.conversation.interruption.duck = false
        profile.vad = plan(.vad, "energy")
        profile.stt = plan(.stt, "mock")
        profile.agent = plan(.agent, "mock")
        profile.tts = plan(.tts, "mock")
        profile.queryOptions = ["reply_ms": .tts]
        profile.clientMayChooseVAD = true
        return profile
    }

    private static func plan(_ kind: PluginKind, _ id: String) -> StagePlan {
        StagePlan(kind, ProviderReference(id: id))
    }
}
