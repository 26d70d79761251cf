// SPDX-License-Identifier: Apache-2.0
import EchoAgent
import LocalBackend
import SyrinxPlugin
import SyrinxPluginTesting
import Testing

@Suite("The echo agent")
struct EchoAgentTests {
    @Test func `answers with the user's words after its prefix`() throws {
        let provider = try FakeHost().open(
            echoAgentModule.table,
            .agent,
            "echo",
            config: #"{"prefix":"You said: "}"#
        )
        let session = try provider.openSession()
        #expect(session.prompt("hello there", generation: 1) == "You said: hello there")
        #expect(session.prompt("", generation: 2).isEmpty)
        #expect(session.terminals(2).count == 1)
        session.close()
        provider.close()
    }
}

@Suite("The local backend")
struct LocalBackendTests {
    let host = FakeHost()

    @Test func `is healthy, skips audio and counts its sessions`() throws {
        let provider = try host.open(localBackendModule.table, .backend, "local")
        #expect(provider.health() == .ok)
        let session = try provider.openSession()
        #expect(session.sendAudio([1, 2, 3]) == .skip)
        #expect(session.events.isEmpty)
        #expect(host.metrics == [0: 1])
        session.close()
        #expect(host.events.isEmpty)
        provider.close()
    }

    @Test func `tells when the last session of a drain has gone`() throws {
        let provider = try host.open(localBackendModule.table, .backend, "local")
        let sessions = try (0..<3).map { _ in try provider.openSession() }
        for session in sessions {
            session.send(OutgoingEvent(.drain))
            #expect(session.events.map(\.type) == [.drained])
        }
        sessions[0].close()
        sessions[1].close()
        #expect(host.events.isEmpty)
        sessions[2].close()
        #expect(host.events.map(\.type) == [.drained])
        provider.close()
    }
}
