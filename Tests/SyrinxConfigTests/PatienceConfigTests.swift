// SPDX-License-Identifier: Apache-2.0

import SyrinxConfig
import Testing

/// What a profile does about slow providers.
@Suite struct PatienceConfigTests {
    @Test func `a filler is inherited key by key, and taken back by an empty list`() throws {
        let configuration = try parse(
            """
            profiles:
              base: { filler: { after: 2s, lines: [Moment.] } }
              quick: { extends: base, filler: { after: 900ms } }
              quiet: { extends: base, filler: { lines: [] } }
            """)
        let quick = try #require(configuration.overlay(for: "quick")).profile.filler
        #expect(quick.after == .milliseconds(900))
        #expect(quick.lines == ["Moment."])
        #expect(try #require(configuration.overlay(for: "quiet")).profile.filler.lines == [])
        #expect(try #require(configuration.overlay(for: "default")).profile.filler.lines == nil)
    }

    @Test func `what the agent is told of the conversation is inherited key by key`() throws {
        let configuration = try parse(
            """
            profiles:
              base: { history: { lines: 40, characters: 9000 } }
              brief: { extends: base, history: { lines: 10 } }
            """)
        let brief = try #require(configuration.overlay(for: "brief")).profile.history
        #expect(brief.lines == 10 && brief.characters == 9000)
    }

    @Test func `the latency rule is inherited key by key`() throws {
        let configuration = try parse(
            """
            profiles:
              base: { latency: { target: 1s, switch_after: 5 } }
              strict: { extends: base, latency: { switch_after: 1 } }
            """)
        let strict = try #require(configuration.overlay(for: "strict")).profile.latency
        #expect(strict.target == .seconds(1))
        #expect(strict.switchAfter == 1)
    }

    @Test func `how long a provider may reconnect is inherited, and taken back by zero`() throws {
        let configuration = try parse(
            """
            profiles:
              base: { failover: { reconnect_after: 400ms } }
              same: { extends: base }
              patient: { extends: base, failover: { reconnect_after: 0s } }
            """)
        #expect(try #require(configuration.overlay(for: "same")).profile.failover.reconnectAfter == .milliseconds(400))
        #expect(try #require(configuration.overlay(for: "patient")).profile.failover.reconnectAfter == .zero)
        #expect(try #require(configuration.overlay(for: "default")).profile.failover.reconnectAfter == nil)
    }

    @Test func `hedging is inherited key by key, and taken back by an empty list`() throws {
        let configuration = try parse(
            """
            profiles:
              base: { hedging: { stages: [agent, tts], agent_after: 900ms } }
              quicker: { extends: base, hedging: { stages: [agent], agent_after: 500ms } }
              single: { extends: base, hedging: { stages: [] } }
            """)
        let quicker = try #require(configuration.overlay(for: "quicker")).profile.hedging
        #expect(quicker.stages == ["agent"] && quicker.agentAfter == .milliseconds(500) && quicker.speechAfter == nil)
        #expect(try #require(configuration.overlay(for: "single")).profile.hedging.stages == [])
        #expect(try #require(configuration.overlay(for: "default")).profile.hedging.stages == nil)
    }
}
