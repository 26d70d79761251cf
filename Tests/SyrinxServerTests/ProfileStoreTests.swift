// SPDX-License-Identifier: Apache-2.0

import SyrinxConfig
import SyrinxCore
import SyrinxHost
import SyrinxServer
import Testing

@testable import SyrinxRuntime

@Suite("Profiles", .tags(.integration), .server)
struct ProfileStoreTests {
    private func request(_ profile: String, _ options: [String: String] = [:]) -> CallRequest {
        var request = CallRequest(profile: profile)
        request.options = options
        return request
    }

    @Test func `a client's options reach the stage that takes them, as what they are`() throws {
        let profiles = try server().manager.profiles
        let prepared = try profiles.find(for: request("mock", ["reply_ms": "250", "vad": "webrtc"]))
        #expect(prepared.tts?.options["reply_ms"] == 250)
        #expect(prepared.vad?.provider.descriptor.id == "webrtc")
        #expect(try profiles.find("mock").tts?.options["reply_ms"] == nil, "the profile itself stays as it was")
        #expect(try profiles.find("mock").vad?.provider.descriptor.id == "energy")
    }

    @Test func `equal choices share their provider`() throws {
        let profiles = try server().manager.profiles
        let first = try profiles.find(for: request("mock", ["vad": "webrtc"]))
        let second = try profiles.find(for: request("echo", ["vad": "webrtc"]))
        #expect(first.vad?.provider === second.vad?.provider)
    }

    @Test func `a profile that cannot be prepared says why to each caller, until it is replaced`() throws {
        let profiles = try server().manager.profiles
        var broken = BuiltInProfiles.mock
        broken.name = "replaced"
        broken.tts = StagePlan(.tts, ProviderReference(id: "nix"))
        profiles.add(broken)
        #expect { _ = try profiles.find("replaced") } throws: { ($0 as? SyrinxError)?.code == "plugin.not_found" }
        broken.tts = BuiltInProfiles.mock.tts
        profiles.add(broken)
        #expect(try profiles.find("replaced").tts != nil)
        #expect(profiles.names().contains("replaced"))
    }

    @Test func `a cascade names all the stages that it lacks`() throws {
        var bare = Profile(name: "bare")
        bare.vad = BuiltInProfiles.mock.vad
        let result = try server().manager.profiles.add(bare)
        #expect { _ = try result.get() } throws: { error in
            let error = error as? SyrinxError
            return error?.code == "profile.incomplete" && error?.message == "a cascade needs stt, tts, agent"
        }
    }

    // MARK: hints

    private func hints(_ change: (inout Profile) -> Void = { _ in }) throws -> JSONValue? {
        var profile = BuiltInProfiles.standard
        change(&profile)
        return Hints.applied(to: profile, registry: try server().server.host.registry).stt?.config["hints"]
    }

    @Test func `a recogniser hears of what the agent's own dialogue expects`() throws {
        let phrases = try hints()?.array ?? []
        #expect(phrases.count > 10)
        #expect(phrases.contains("what time is it"))
    }

    @Test func `the profile's own phrases come first`() throws {
        #expect(try hints { $0.hints = ["open the door"] } == ["open the door"])
        #expect(try hints { $0.hints = [] } == nil, "none are wanted")
    }

    @Test func `nothing is hinted to who has been told otherwise or does not ask`() throws {
        #expect(try hints { $0.stt?.config = ["grammar": "x"] } == nil)
        #expect(try hints { $0.stt = BuiltInProfiles.mock.stt } == nil)
        #expect(
            try hints { $0.agent?.config = ["script": "mine.yaml"] } == nil, "a script of one's own has other words")
    }

    @Test func `a recogniser that takes fewer phrases than a dialogue has gets the first of them`() throws {
        let config: JSONValue = ["url": "ws://127.0.0.1:9", "api_key": "k"]
        let deepgram = StagePlan(.stt, ProviderReference(id: "deepgram"), config: config)
        let all = try hints()?.array ?? []
        #expect(all.count > 100)
        #expect(try hints { $0.stt = deepgram }?.array == Array(all.prefix(100)))
        var profile = BuiltInProfiles.standard
        profile.name = "hinted"
        profile.stt = deepgram
        #expect(throws: Never.self) { try server().manager.profiles.add(profile).get() }
        // What the operator wrote is not cut: too much of it is a mistake that is told.
        let own = (0...100).map { "phrase \($0)" }
        #expect(try hints { ($0.stt, $0.hints) = (deepgram, own) }?.array?.count == 101)
        profile.hints = own
        #expect(throws: SyrinxError.self) { try server().manager.profiles.add(profile).get() }
    }

    // MARK: voices

    @Test func `a session's language chooses the voice's options, a tenant's over its profile's`() throws {
        let configuration = try Configuration.parse(
            text: """
                profiles:
                  mock: { voices: { de: { frequency: 300 }, en: { frequency: 500 } } }
                tenants:
                  acme: { voices: { de: { frequency: 350 } } }
                """, file: "voices.yaml", environment: [:])
        let host = try server().server.host
        #expect(ConfigurationCheck.issues(configuration, registry: host.registry) == [])
        let profiles = try ServerPolicy(configuration).profiles
        let profile = try #require(profiles.first { $0.name == "mock" && $0.tenant == "acme" })
        let voice = try #require(try PreparedProfile.prepare(profile, host: host).tts)
        #expect(voice.voices.options(for: "de-AT")?["frequency"] == 350)
        #expect(voice.voices.options(for: "en")?["frequency"] == 500)
        #expect(voice.voices.options(for: "fr") == nil)
    }

    /// The example of docs/PROTOCOLS.md: the room comes with `POST /v1/calls`.
    @Test func `what a call of a backend brings may be missing in the file, and nothing else be wrong`() throws {
        func issues(_ options: String) throws -> [String] {
            let configuration = try Configuration.parse(
                text: """
                    doors:
                      rooms:
                        backend:
                          provider: livekit
                          config: { url: "wss://livekit.example", api_key: key, api_secret: secret, library: /opt/l.so }
                          options: \(options)
                    """, file: "rooms.yaml", environment: [:])
            return ConfigurationCheck.issues(configuration, registry: try server().server.host.registry).map(\.message)
        }
        #expect(try issues("{}") == [])
        #expect(try issues("{ room: 7 }").count == 1)
        #expect(try issues("{ rom: support }").count == 1)
    }

    @Test func `a voice that the provider does not have is refused once, at its place`() throws {
        let configuration = try Configuration.parse(
            text: """
                profiles:
                  mock:
                    voices:
                      de: { frequency: high }
                tenants: { acme: {}, umbra: {} }
                """, file: "voices.yaml", environment: [:])
        let found = ConfigurationCheck.issues(configuration, registry: try server().server.host.registry)
        #expect(found.map { "\($0.line):\($0.column)" } == ["4:24"])
        #expect(found.first?.message.contains("options.frequency") == true)
    }
}
