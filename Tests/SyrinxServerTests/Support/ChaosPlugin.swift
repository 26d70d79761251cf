// SPDX-License-Identifier: Apache-2.0

import Foundation
import SyrinxConversation
import SyrinxCore
import SyrinxHost
import SyrinxRuntime
import SyrinxServer
import SyrinxTestKit

/// Tests/Integration/Plugins/trouble.c, built as a third party would: `cc` and the header, nothing else.
enum ChaosPlugin {
    private struct CompilerFailed: Error {}

    private static let manifest = """
        {"id":"trouble","version":"1.0.0","abi":"1.0","entry":"plugin.so","name":"Trouble",
         "provides":[{"kind":"stt","id":"trouble"},{"kind":"agent","id":"trouble"},{"kind":"tts","id":"trouble"}]}
        """

    /// Adds the plugin to a server, and a profile for each of its kinds.
    static let install: @Sendable (inout ServerOptions) throws -> Void = { options in
        options.pluginFolders.append(try build())
        for kind in ["agent", "tts"] { options.policy.profiles.append(profile(kind, mode: nil)) }
        for mode in sttModes { options.policy.profiles.append(profile("stt", mode: mode)) }
    }

    static let sttModes = ["refuse", "error", "never", "late", "flood", "stale", "garbage"]

    /// The folder of plugins that holds it; removed with the test's server.
    private static func build() throws -> String {
        let tests = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let plugins = NSTemporaryDirectory() + "syrinx-trouble-\(UUID().uuidString)"
        let folder = plugins + "/trouble"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try manifest.write(toFile: folder + "/plugin.json", atomically: true, encoding: .utf8)
        let arguments = [
            "cc", "-std=c11", "-shared", "-fPIC", "-fvisibility=hidden", "-o", folder + "/plugin.so",
            "-I", tests.deletingLastPathComponent().appending(path: "plugin-sdk/include").path(),
            tests.appending(path: "Integration/Plugins/trouble.c").path(),
        ]
        guard VersionedPlugin.run("/usr/bin/cc", arguments) == 0 else { throw CompilerFailed() }
        return plugins
    }

    /// The mock profile with one provider replaced, and short patience.
    private static func profile(_ kind: String, mode: String?) -> Profile {
        var profile = BuiltInProfiles.mock
        profile.name = mode.map { "stt-\($0)" } ?? kind
        let trouble = ProviderReference(id: "trouble")
        switch kind {
        case "agent": profile.agent = StagePlan(.agent, trouble)
        case "tts":
            // The speaker is told what to do by the caller's words.
            profile.agent = StagePlan(.agent, ProviderReference(id: "echo"))
            profile.tts = StagePlan(.tts, trouble)
            profile.queryOptions = [:]
            profile.conversation.timeouts.speechFirstByte = .seconds(1)
        default: profile.stt = StagePlan(.stt, trouble, config: ["mode": .string(mode ?? "")])
        }
        profile.conversation.timeouts.agentFirstToken = .seconds(1)
        profile.conversation.timeouts.agentStall = .seconds(1)
        profile.conversation.endpointing.transcriptTimeout = .milliseconds(300)
        return profile
    }
}
