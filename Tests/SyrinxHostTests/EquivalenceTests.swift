// SPDX-License-Identifier: Apache-2.0

import Foundation
import Synchronization
import SyrinxCore
import SyrinxHost
import SyrinxTestKit
import Testing

/// Every plugin of this repository, given the same input in virtual time, says the same in a helper process as in the
/// host's: each event, each sample.
@Suite("Both ways to run a plugin", .enabled(if: builtPlugins != nil), .serialized)
struct EquivalenceTests {
    static let plugins = [
        "energy-vad", "webrtc-apm", "speexdsp", "pocketsphinx", "lexical-turn", "echo-agent", "script-agent", "mock",
        "bound-speexdsp", "bound-webrtc-vad",
    ]
    /// The noise in this voice goes on where the last speech of the process left it, whoever spoke: of its audio only
    /// the lengths are compared. Those on libespeak-ng are left out: there even the lengths depend on it.
    static let noisy = ["flite"]

    @Test(arguments: plugins + noisy) func `a plugin is the same in both places`(id: String) throws {
        let here = try Scenario(id, .never).run()
        let there = try Scenario(id, .always).run()
        #expect(!here.isEmpty)
        #expect(there == here)
    }
}

private let builtPlugins = ProcessInfo.processInfo.environment["SYRINX_PLUGINS"]

/// One run of one plugin: all its providers, one after the other.
private final class Scenario {
    private let environment = FakeHostEnvironment()
    private let executor = FakeExecutor()
    private let host: PluginHost
    private let lines: Lines
    private var root: String

    init(_ id: String, _ isolation: PluginLoading.Isolation) throws {
        lines = Lines(isNoisy: EquivalenceTests.noisy.contains(id))
        root = NSTemporaryDirectory() + "syrinx-equivalence-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: true)
        let source = try #require(builtPlugins) + "/" + id
        try FileManager.default.copyItem(atPath: source, toPath: "\(root)/\(id)")
        let settings = IsolationSettings(keepsSpare: false, virtualClock: true).patient
        host = PluginHost(
            environment: environment, loading: PluginLoading(isolation: isolation, settings: settings))
        #expect(try host.load(folder: root).compactMap(\.refusal).isEmpty)
    }

    deinit { try? FileManager.default.removeItem(atPath: root) }

    func run() throws -> [String] {
        for descriptor in host.registry.all { try run(descriptor) }
        #expect(host.close())
        return lines.all
    }

    private func run(_ descriptor: ProviderDescriptor) throws {
        let reference = ProviderReference(id: descriptor.id)
        let provider = try host.provider(descriptor.kind, reference, configuration: [:])
        let rate = descriptor.capabilities.rate(preferring: 16_000)
        let parameters = StageParameters(
            session: "s", options: try host.sessionOptions([:], for: descriptor), inputRate: rate, outputRate: rate,
            credit: .seconds(60))
        let session = try provider.openSession(parameters, executor: executor) { [lines] in lines.note($0) }
        session.onFrame = { [lines] in lines.note($0) }
        lines.add("\(descriptor.kind.name) \(descriptor.id)")
        switch descriptor.kind {
        case .vad, .filter: frames(session, rate, isFilter: descriptor.kind == .filter)
        case .stt: listen(session, rate)
        case .tts: speak(session)
        case .agent: converse(session)
        case .turn: judge(session)
        default: break
        }
        settle()
        session.close {}
        settle()
    }

    private func settle() {
        for _ in 1...3 {
            while environment.runOneWork() {}
            for module in host.isolatedModules { #expect(module.settle(at: environment.now())) }
            executor.run()
        }
    }

    /// A tone that comes and goes, with some noise: the same every time.
    private func sound(_ frame: Int, _ rate: Int) -> [Int16] {
        var noise = UInt32(truncatingIfNeeded: frame &* 2_654_435_761)
        return (0..<rate / 50).map { index in
            noise = noise &* 1_664_525 &+ 1_013_904_223
            let time = Double(frame * rate / 50 + index) / Double(rate)
            let isLoud = (frame / 25) % 2 == 1
            return Int16((isLoud ? 8000 * sin(time * 2 * .pi * 220) : 0) + Double(noise >> 24))
        }
    }

    private func frames(_ session: StageSession, _ rate: Int, isFilter: Bool) {
        for frame in 0..<100 {
            var samples = sound(frame, rate)
            let pts = Int64(frame * samples.count)
            let answer = samples.withUnsafeMutableBufferPointer { buffer -> (status: Int32, probability: Float) in
                guard let base = buffer.baseAddress else { return (0, 0) }
                return session.process(base, isFilter ? base : nil, samples: buffer.count, pts: pts)
            }
            if answer.status == FrameAnswer.pending {
                settle()
            } else {
                lines.note(pts, answer.status, answer.probability, isFilter && answer.status == 0 ? samples : nil)
            }
        }
    }

    private func listen(_ session: StageSession, _ rate: Int) {
        for frame in 0..<60 {
            let samples = sound(frame, rate)
            samples.withUnsafeBufferPointer { buffer in
                guard let base = buffer.baseAddress else { return }
                session.audio(base, count: buffer.count, generation: 1, pts: Int64(frame * buffer.count))
            }
        }
        session.send(.endOfInput, generation: 1)
        settle()
    }

    private func speak(_ session: StageSession) {
        session.send(.speak(clause: 1, text: "Hello there.", json: #"{"language":"en"}"#, last: false), generation: 1)
        settle()
        session.send(.speak(clause: 2, text: "How are you?", json: #"{"language":"en"}"#, last: true), generation: 1)
        settle()
    }

    private func converse(_ session: StageSession) {
        for (turn, text) in ["hello", "book a table", "four people"].enumerated() {
            let json = #"{"history":[],"tools":[],"language":"en"}"#
            session.send(.prompt(text: text, json: json), generation: UInt64(turn + 1))
            settle()
            executor.advance(by: .seconds(2))
            settle()
        }
    }

    private func judge(_ session: StageSession) {
        for (number, text) in ["i would like to", "yes please", "and then"].enumerated() {
            session.send(.transcript(text: text, silence: 0.3), generation: UInt64(number + 1))
            settle()
        }
    }
}

/// What a plugin said, a line an event; audio as its length and a hash of its samples.
private final class Lines: Sendable {
    private let state = Mutex<[String]>([])
    private let isNoisy: Bool

    init(isNoisy: Bool) { self.isNoisy = isNoisy }

    var all: [String] { state.withLock { $0 } }

    func add(_ line: String) { state.withLock { $0.append(line) } }

    func note(_ event: StageEvent) {
        switch event.kind {
        // A helper that took its time to open the session says so later.
        case .ready: break
        case .audio(let clause, let samples): add("\(event.generation) audio \(clause) \(digest(samples))")
        default: add("\(event.generation) \(event.kind)")
        }
    }

    func note(_ answer: FrameAnswer) { note(answer.pts, answer.status, answer.probability, answer.samples) }

    func note(_ pts: Int64, _ status: Int32, _ probability: Float, _ samples: [Int16]?) {
        add("\(pts) \(status) \(probability) \(samples.map(digest) ?? "-")")
    }

    private func digest(_ samples: [Int16]) -> String {
        guard !isNoisy else { return "\(samples.count)" }
        let hash = samples.reduce(UInt64(0xcbf2_9ce4_8422_2325)) {
            ($0 ^ UInt64(UInt16(bitPattern: $1))) &* 0x100_0000_01b3
        }
        return "\(samples.count) \(String(hash, radix: 16))"
    }
}
