// SPDX-License-Identifier: Apache-2.0

import Foundation
import Logging
import NIOCore
import NIOPosix
import SyrinxConversation
import SyrinxCore
import SyrinxHost
import SyrinxRuntime
import SyrinxTelemetry
import SyrinxTestKit

/// A conversation whose agent asks the network for what the caller types, a URL; the network answers 200.
final class TracedCall: Sendable {
    let network = AnsweringNetwork()
    private let plugin: VersionedPlugin
    private let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    private let environment: RuntimeEnvironment
    private let host: PluginHost
    private let manager: SessionManager

    init() throws {
        plugin = try VersionedPlugin()
        let manifest = """
            {"id":"network","version":"1.0.0","abi":"1.1","entry":"plugin.so",
             "provides":[{"kind":"agent","id":"network"}],"permissions":{"net":["https://api.example.com"]}}
            """
        try plugin.put("1.0.0", word: "", folder: "network", manifest: manifest, source: "network")
        for other in ["mock", "energy-vad"] {
            try FileManager.default.copyItem(atPath: "\(Plugins.folder())/\(other)", toPath: "\(plugin.root)/\(other)")
        }
        environment = RuntimeEnvironment(
            threads: 1, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, network: network)
        host = PluginHost(environment: environment, loading: .trusting)
        try host.load(folder: plugin.root)
        manager = SessionManager(host: host, group: group)
        _ = try manager.profiles.add(Self.profile).get()
    }

    private static var profile: Profile {
        var profile = BuiltInProfiles.mock
        profile.name = "asks"
        profile.agent = StagePlan(
            .agent, ProviderReference(id: "network"), config: ["api_key": "canary-1"])
        profile.tts?.options = ["reply_ms": 40]
        // Other tests may keep the machine busy.
        profile.conversation.timeouts.agentFirstToken = .seconds(60)
        return profile
    }

    /// One turn, from the greeting of the caller to the end of the session.
    /// - Parameter tracer: nil = nobody traces.
    func ask(_ url: String, tracer: Tracer?) async throws {
        let (events, told) = AsyncStream<SessionEvent>.makeStream()
        let loop = group.next()
        let held = try await loop.submit { [self] in
            let line = Line(told)
            let admission = try manager.admit(CallRequest(profile: "asks"))
            var extras = SessionExtras()
            if let tracer {
                let trace = CallTrace(
                    tracer, session: admission.id, of: admission.request, parent: nil, at: environment.now())
                extras.trace = trace
                extras.observers = [TraceObserver(trace)]
            }
            let session = try manager.begin(
                admission, prepared: try manager.profiles.find("asks"), on: loop, transport: line, extras: extras)
            session.start()
            session.submit(.callerText(url))
            return LoopBound((session, line))
        }.get()
        for await event in events {
            if case .turnEnded = event { break }
        }
        try await loop.submit { held.value.0.submit(.close(.clientClosed)) }.get()
        for await event in events {
            if case .closed = event { break }
        }
    }

    func end() async throws {
        try await group.shutdownGracefully()
        _ = host.close()
        environment.stop()
        plugin.remove()
    }
}

private final class Line: CallTransport {
    private let told: AsyncStream<SessionEvent>.Continuation

    init(_ told: AsyncStream<SessionEvent>.Continuation) { self.told = told }

    func send(audio: UnsafeBufferPointer<Int16>) {}
    func send(event: SessionEvent, at now: Instant) { told.yield(event) }
    func flush() {}
    func ended(_ reason: CloseReason) { told.finish() }
}
