// SPDX-License-Identifier: Apache-2.0

import Foundation
import Synchronization
import SyrinxCore
import SyrinxHost
import SyrinxRuntime
import SyrinxServer
import SyrinxTestKit
import Testing

/// Many calls, many replacements. `scripts/soak-live` runs the long form.
@Suite("Replacing a plugin again and again under load", .tags(.integration))
struct LiveSoakTests {
    private static func number(_ name: String, _ fallback: Int) -> Int {
        ProcessInfo.processInfo.environment[name].flatMap { Int($0) } ?? fallback
    }

    private static let sessions = number("SYRINX_LIVE_SESSIONS", 24)
    private static let replacements = number("SYRINX_LIVE_REPLACEMENTS", 6)

    @Test func `no call and no frame is lost, and each call keeps its build`() async throws {
        let replacements = Self.replacements
        let isOver = Flag()
        try await LiveServer.run({ $0.plugins.maxGenerations = replacements + 1 }) { live in
            try await withThrowingTaskGroup(of: Int.self) { group in
                for stream in 0..<Self.sessions {
                    let isEcho = stream.isMultiple(of: 2)
                    group.addTask {
                        try await isEcho ? echo(stream, live, isOver) : talk(live, isOver)
                    }
                }
                do {
                    for build in 1...replacements {
                        try await Blocking.run {
                            try live.plugin.put("1.0.\(build)", word: "w\(build)")
                            live.server.server.live.reconcile()
                        }
                        #expect(try await live.word() == "w\(build)")
                    }
                } catch {
                    isOver.set()
                    throw error
                }
                isOver.set()
                let counts = try await group.reduce(into: [Int]()) { $0.append($1) }
                #expect(counts.allSatisfy { $0 > 0 })
                print(
                    "live change: \(counts.count) calls, \(replacements) replacements, \(counts.reduce(0, +)) frames and answers"
                )
            }
            try await live.server.settle()
            try await Blocking.run { live.server.server.live.tick() }
            let events = try await live.admin("GET", "/plugins")["events"]
            #expect(events?["promoted"] == .int(Int64(replacements)))
            #expect(events?["retired"] == .int(Int64(replacements)))
            #expect(events?["rolled_back"] == 0)
        }
    }

    /// Frames go to the VAD of the changing plugin, and come back byte for byte.
    private func echo(_ stream: Int, _ live: LiveServer, _ isOver: Flag) async throws -> Int {
        let caller = try await live.server.call("profile=ears")
        var count = 0
        repeat {
            let sent = (0..<10).map { Sound.mark(stream: stream, message: count + $0, bytes: 640) }
            for message in sent { await caller.send(.audio(message)) }
            #expect(try await caller.audio(sent.count) == sent)
            count += sent.count
            try await Task.sleep(for: .milliseconds(200))
        } while !isOver.isSet
        #expect(try await caller.hangUp() == 1000)
        return count
    }

    private func talk(_ live: LiveServer, _ isOver: Flag) async throws -> Int {
        let caller = try await live.server.call("profile=who")
        let word = try await LiveServer.ask(caller)
        var count = 1
        while !isOver.isSet {
            #expect(try await LiveServer.ask(caller) == word)
            count += 1
            try await Task.sleep(for: .milliseconds(100))
        }
        #expect(try await caller.hangUp() == 1000)
        return count
    }
}

private final class Flag: Sendable {
    private let state = Mutex(false)

    var isSet: Bool { state.withLock { $0 } }
    func set() { state.withLock { $0 = true } }
}
