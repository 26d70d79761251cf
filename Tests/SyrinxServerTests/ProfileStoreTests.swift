// SPDX-License-Identifier: Apache-2.0

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
}
