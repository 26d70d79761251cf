// SPDX-License-Identifier: Apache-2.0

import Foundation
import Logging
import NIOPosix
import SyrinxCore
import SyrinxRuntime
import SyrinxServer
import Testing

/// A whole server inside the test process: real sockets, real plugins, a port of its own.
final class TestServer: Sendable {
    /// The server of the running test, put there by `.server`.
    @TaskLocal static var current: TestServer?

    let server: VoiceServer
    let port: Int
    private let running: Task<Int32, any Error>

    /// Folders of plugins that the test has built.
    private let built: [String]

    private init(_ server: VoiceServer, port: Int, running: Task<Int32, any Error>, built: [String]) {
        self.built = built
        self.server = server
        self.port = port
        self.running = running
    }

    /// - Parameter stops: see `VoiceServer.run`.
    static func start(
        stops: AsyncStream<Void> = AsyncStream { _ in },
        _ change: @escaping @Sendable (inout ServerOptions) throws -> Void
    ) async throws -> TestServer {
        let (server, built) = try await Blocking.run { try prepare(change) }
        let (ports, listening) = AsyncThrowingStream<Int, any Error>.makeStream()
        let running = Task {
            do {
                return try await server.run(stops: stops) { listening.yield($0) }
            } catch {
                listening.finish(throwing: error)
                throw error
            }
        }
        for try await port in ports { return TestServer(server, port: port, running: running, built: built) }
        throw Caller.Missing(description: "the server never listened")
    }

    /// Apart from those of the callers: a server whose plugin is slow must not hold them up.
    private static let loops = MultiThreadedEventLoopGroup(numberOfThreads: 4)

    private static func prepare(
        _ change: @Sendable (inout ServerOptions) throws -> Void
    ) throws -> (VoiceServer, built: [String]) {
        var options = ServerOptions(
            pluginFolders: [try Plugins.folder()],
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        options.port = 0
        // The embedded engines take long to load; the few tests that want them ask for them.
        options.policy.profiles = [BuiltInProfiles.echo, BuiltInProfiles.mock]
        options.group = loops
        try change(&options)
        let server = try VoiceServer(options)
        server.prepareProfiles()
        return (server, Array(options.pluginFolders.dropFirst()))
    }

    func stop() async {
        running.cancel()
        _ = await running.result
        for folder in built { try? FileManager.default.removeItem(atPath: folder) }
    }

    /// What it ended with; waits for its end.
    var exitCode: Int32 { get async throws { try await running.value } }

    var manager: SessionManager { server.manager }
    var http: HTTPClient { HTTPClient(port: port) }

    func call(_ query: String = "profile=echo") async throws -> Caller { try await Caller(port: port, query) }

    /// Waits until so many sessions are left: the server notices the end of one a little after the client.
    func settle(at count: Int = 0, profile: String? = nil) async throws {
        try await wait(for: "\(count) sessions") { sessions(of: profile) == count }
    }

    /// Until something holds that a busy machine may be late with.
    func wait(for what: String, _ holds: () -> Bool) async throws {
        let deadline = ContinuousClock.now + .seconds(20)
        while !holds() {
            guard ContinuousClock.now < deadline else { throw Caller.Missing(description: what) }
            try await Task.sleep(for: .milliseconds(5))
        }
    }

    /// Live sessions; of all profiles also places that are reserved for one.
    private func sessions(of profile: String?) -> Int {
        guard let profile else { return max(manager.activeCount, manager.sessions.count) }
        return manager.sessions.filter { $0.profile == profile }.count
    }
}

/// The plugins that the tests run with.
enum Plugins {
    struct Missing: Error, CustomStringConvertible {
        let description = "SYRINX_PLUGINS must name the folder of built plugins; `make unit` builds them and sets it"
    }

    static func folder() throws -> String {
        guard let folder = ProcessInfo.processInfo.environment["SYRINX_PLUGINS"],
            FileManager.default.fileExists(atPath: folder + "/mock/plugin.so")
        else { throw Missing() }
        return folder
    }
}

/// Work that blocks, away from the few threads on which all tests run.
enum Blocking {
    static func run<Answer: Sendable>(_ work: @escaping @Sendable () throws -> Answer) async throws -> Answer {
        try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread { continuation.resume(with: Result { try work() }) }
        }
    }
}

/// The server of the running test.
func server() throws -> TestServer {
    try #require(TestServer.current, "a test with a server carries the trait `.server`")
}

/// Starts a server around a test, or once around a suite.
struct ServerTrait: TestTrait, SuiteTrait, TestScoping {
    let change: @Sendable (inout ServerOptions) throws -> Void

    func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
    ) async throws {
        let server = try await TestServer.start(change)
        do {
            try await TestServer.$current.withValue(server) { try await function() }
        } catch {
            await server.stop()
            throw error
        }
        await server.stop()
    }
}

extension Trait where Self == ServerTrait {
    static var server: ServerTrait { ServerTrait { _ in } }

    static func server(_ change: @escaping @Sendable (inout ServerOptions) throws -> Void) -> ServerTrait {
        ServerTrait(change: change)
    }
}
