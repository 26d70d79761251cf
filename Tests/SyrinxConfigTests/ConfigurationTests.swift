// SPDX-License-Identifier: Apache-2.0

import SyrinxConfig
import SyrinxCore
import Testing

@Suite(.tags(.unit)) struct ConfigurationTests {
    @Test(arguments: ["", "\n# nothing\n", "profiles:\n", "limits: {}\n", "\u{FEFF}listen: 127.0.0.1:8080\n"])
    func `a file that says nothing gives the defaults`(text: String) throws {
        #expect(try parse(text) == Configuration())
    }

    @Test func `a full file becomes its configuration`() throws {
        let configuration = try parse(fullText)
        #expect(configuration.listen == ListenAddress(host: "::1", port: 0))
        #expect(configuration.plugins.folders == ["plugins", "/opt/plugins"])
        #expect(configuration.limits.maxSessions == 5 && configuration.limits.maxMessage == 65_536)
        #expect(configuration.limits.idleTimeout == nil && configuration.limits.maxDuration == .seconds(90))
        #expect(configuration.log.level == .debug && configuration.log.format == .json)
        let profile = try #require(configuration.profiles["desk"])
        #expect(profile.pipeline == .cascade && profile.language == "no" && profile.greeting == "0100")
        #expect(profile.vad?.stage?.provider == ProviderReference(id: "energy", version: [1]))
        #expect(
            profile.vad?.stage?.config == [
                "floor": -60, "gain": 1.5, "on": true, "word": "no", "octal": "0100", "time": "1:30",
            ]
        )
        #expect(profile.vad?.stage?.options == ["quoted": "true", "nothing": nil, "list": [1, "a"]])
        #expect(profile.turn == .absent && profile.stt == nil)
        #expect(profile.filters?.map(\.provider.id) == ["webrtc", "speexdsp"])
        #expect(profile.stages.map(\.key) == ["vad", "filters", "filters"])
        #expect(profile.turnTaking.endpointing.minDelay == .milliseconds(700))
        #expect(profile.turnTaking.interruption.enabled == false && profile.speech.firstClause == 4)
    }

    @Test func `relative paths start in the folder of the file`() throws {
        let text = "plugins: { folders: [a, /b] }\nstorage: { event_log: log }\n"
        let configuration = try Configuration.parse(text: text, file: "/etc/syrinx/s.yaml", environment: [:])
        #expect(configuration.plugins.folders == ["/etc/syrinx/a", "/b"])
        #expect(configuration.storage.eventLog == "/etc/syrinx/log")
    }

    @Test func `a profile takes what it leaves open from the profiles it extends`() throws {
        let configuration = try parse(
            """
            profiles:
              default: { greeting: hello, tts: flite, turn_taking: { mode: stt } }
              sales: { greeting: sales, turn_taking: { vad: { min_speech: 1s } } }
              night: { extends: sales, tts: none }
              quiet: { extends: echo }
            """
        )
        let night = try #require(configuration.overlay(for: "night"))
        #expect(night.builtIn == "default" && night.profile.greeting == "sales" && night.profile.tts == .absent)
        #expect(night.profile.turnTaking.mode == .stt && night.profile.turnTaking.vad.minSpeech == .seconds(1))
        #expect(configuration.overlay(for: "quiet")?.builtIn == "echo")
        #expect(configuration.overlay(for: "mock")?.profile == ProfileConfig())
        #expect(configuration.overlay(for: "unheard") == nil)
    }

    @Test func `a moved line is no change`() throws {
        #expect(try parse("profiles: { a: { stt: x } }") == parse("\n\nprofiles:\n  a:\n    stt: x\n"))
    }

    @Test(arguments: ["127.0.0.1:8080", "localhost:0", "[::1]:65535", "[fe80::1%eth0]:1"])
    func `an address reads and prints the same`(text: String) {
        #expect(ListenAddress(text)?.description == text)
    }

    @Test(arguments: [
        "8080", ":8080", "host", "host:", "host:65536", "host:-1", "host:080", "::1:80", "[host]:1", "a b:1", "h/x:1",
    ])
    func `what is no address is refused`(text: String) {
        #expect(ListenAddress(text) == nil)
    }

    @Test(arguments: [
        ("500ms", Duration.milliseconds(500)), ("3s", .seconds(3)), ("1m", .seconds(60)), ("1h", .seconds(3600)),
        ("1.5s", .milliseconds(1500)), ("1m30s", .seconds(90)), ("0s", .zero),
    ])
    func `a duration carries its unit`(text: String, duration: Duration) throws {
        #expect(try parse("profiles: { a: { away: \(text) } }").profiles["a"]?.away == duration)
    }
}

private let fullText = """
    listen: "[::1]:0"
    plugins: { folders: [plugins, /opt/plugins] }
    limits: { max_sessions: 5, max_message: 64KiB, idle_timeout: 0s, max_duration: 1m30s }
    log: { level: debug, format: json }
    profiles:
      desk:
        language: no
        pipeline: cascade
        greeting: 0100
        vad:
          provider: energy@1
          config: { floor: -60, gain: 1.5, on: true, word: no, octal: 0100, time: 1:30 }
          options:
            quoted: "true"
            nothing:
            list: [1, a]
        turn: none
        filters: [webrtc, { provider: speexdsp }]
        turn_taking:
          endpointing: { min_delay: 700ms }
          interruption: { enabled: false }
        speech: { first_clause: 4 }
    """
