// SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOEmbedded
import SyrinxConversation
import SyrinxCore
import SyrinxHost
import SyrinxRuntime
import SyrinxTestKit

/// A host with real plugins in which time goes by only when a test says so. Used on one thread.
final class VirtualHost {
    let loop = EmbeddedEventLoop()
    let host: PluginHost
    let manager: SessionManager
    private let fixture: FixturePlugins

    /// - Parameter prefixes: of the fixture's ids that hear, a plugin for each.
    init(plugins prefixes: [String] = [""]) throws {
        fixture = try FixturePlugins(prefixes)
        host = PluginHost(environment: VirtualWorld(loop))
        try host.load(folder: fixture.plugins)
        manager = SessionManager(host: host, group: loop)
    }

    deinit { fixture.remove() }

    var now: Instant { host.environment.now() }

    func advance(_ duration: Duration) {
        loop.advanceTime(by: .nanoseconds(duration.nanoseconds))
        loop.run()
    }

    /// Begins a call on a profile.
    /// - Throws: what opening its providers throws.
    func call(_ profile: Profile, tenant: String = "default") throws -> VirtualCall {
        let prepared = try PreparedProfile.prepare(profile, host: host)
        let call = VirtualCall(self)
        let admission = try manager.admit(CallRequest(rate: VirtualCall.rate, tenant: tenant))
        var extras = SessionExtras()
        extras.observers = [call]
        call.session = try manager.begin(admission, prepared: prepared, on: loop, transport: call, extras: extras)
        call.session?.start()
        advance(.milliseconds(20))
        return call
    }

    /// The breakers that are not closed.
    var openBreakers: [String] { manager.breakers.notClosed(at: now).map { "\($0.key.kind) \($0.key.provider)" } }
}

/// The caller of one session: speaks words that a fixture can tell from each other, remembers what happens and when.
final class VirtualCall: CallTransport, CallObserver {
    static let rate = 16_000
    private static let frame = rate / 50

    private let host: VirtualHost
    fileprivate(set) var session: CallSession?
    private(set) var events: [(at: Instant, event: SessionEvent)] = []
    private(set) var heardSamples = 0
    private(set) var closed: CloseReason?
    /// When the call has ended.
    private(set) var usage: CallUsage?
    /// Codes of what providers did not do.
    private(set) var failures: [String] = []
    /// Tools that the agent wanted used.
    private(set) var orders: [ToolOrder] = []

    init(_ host: VirtualHost) { self.host = host }

    func send(audio: UnsafeBufferPointer<Int16>) { heardSamples += audio.count }
    func send(event: SessionEvent, at now: Instant) { events.append((now, event)) }
    func flush() {}
    func ended(_ reason: CloseReason) { closed = reason }

    func runTool(_ order: ToolOrder) -> Bool {
        orders.append(order)
        return true
    }

    func began(_ call: CallFacts) {}
    func noted(_ event: SessionEvent, at now: Instant) {}
    func failed(kind: String, provider: String, code: String) { failures.append(code) }
    func ended(_ reason: CloseReason, usage: CallUsage, at now: Instant) { self.usage = usage }

    // MARK: the caller

    /// One tone of 100 ms a word, as loud as its number says (see Tests/Integration/Plugins/hearing.c).
    static func speech(_ words: ClosedRange<Int>) -> [Int16] {
        words.flatMap { word in
            (0..<rate / 10).map { Int16((2000 + 400 * word) * ($0 / 40 % 2 == 0 ? 1 : -1)) }
        }
    }

    static func silence(_ duration: Duration) -> [Int16] {
        Array(repeating: 0, count: Int(duration.milliseconds) * rate / 1000)
    }

    /// In frames of 20 ms, each in its time.
    func say(_ samples: [Int16]) {
        for start in stride(from: 0, to: samples.count, by: Self.frame) {
            samples[start..<min(start + Self.frame, samples.count)].withUnsafeBytes { _ = session?.receive($0) }
            host.advance(.milliseconds(20))
        }
    }

    /// Speech and the silence that ends the turn.
    func speak(_ words: ClosedRange<Int>, silence: Duration = .seconds(3)) {
        say(Self.speech(words) + Self.silence(silence))
    }

    /// Words that are written, and time for the answer to them.
    func write(_ text: String, wait: Duration = .seconds(3)) {
        session?.submit(.callerText(text))
        let end = host.now + wait
        while host.now < end { host.advance(.milliseconds(20)) }
    }

    /// The newest tool that was wanted has been used.
    func finishTool() {
        guard let order = orders.last else { return }
        session?.submit(.toolResult(generation: order.generation, call: order.call, text: "done", failed: false))
        host.advance(.milliseconds(20))
    }

    func hangUp() {
        session?.submit(.close(.clientClosed))
        host.advance(.seconds(3))
        session = nil
    }

    // MARK: what happened

    var turns: [TurnReport] {
        events.compactMap { if case .turnEnded(let report) = $0.event { report } else { nil } }
    }

    var warnings: [(at: Instant, code: String, message: String)] {
        events.compactMap {
            if case .warning(let code, let message) = $0.event { ($0.at, code, message) } else { nil }
        }
    }

    static func words(_ words: ClosedRange<Int>) -> String { words.map(String.init).joined(separator: " ") }
}

/// Time is the loop's; blocking work runs on it, one piece after another.
private final class VirtualWorld: HostEnvironment {
    private let loop: EmbeddedEventLoop
    let network: (any NetworkClient)? = ScriptedNetwork()

    init(_ loop: EmbeddedEventLoop) { self.loop = loop }

    func now() -> Instant { Instant(nanoseconds: Int64(clamping: loop.now.uptimeNanoseconds)) }

    func runBlocking(_ work: @escaping @Sendable () -> Void) -> Bool {
        loop.execute(work)
        return true
    }

    func log(plugin: String, level: Int, message: String, fields: String) {}
    func metric(plugin: String, name: String, value: Double) {}
}
