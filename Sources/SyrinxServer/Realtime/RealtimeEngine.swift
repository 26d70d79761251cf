// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import SyrinxConversation
internal import SyrinxCore
internal import SyrinxRealtime
internal import SyrinxRuntime

/// Whoever carries a Realtime session's events to its client. On the event loop.
protocol RealtimeOutlet: AnyObject {
    func send(realtime event: JSONValue)
    /// What was sent shall leave.
    func flushEvents()
    /// The client, of whom no more was read, may say more.
    func goOnReading()
}

/// Carries out what the translator wants of a session, and sees to it that what is due later happens. On the event loop
/// of both.
final class RealtimeEngine {
    /// Between two pieces of audio that came at once: 200 ms of it each.
    private static let pace = TimeAmount.milliseconds(5)

    private var translator: RealtimeTranslator
    /// What the client's secret, or its call, was made with.
    private let settings: JSONValue?
    private let now: () -> Instant
    private weak var outlet: (any RealtimeOutlet)?
    private(set) var session: CallSession?
    private var loop: (any EventLoop)?
    private var timer: Scheduled<Void>?
    private var timerAt = Instant.distantFuture
    private var isWorking = false
    private var wasBehind = false

    init(_ translator: RealtimeTranslator, settings: JSONValue?, now: @escaping () -> Instant) {
        self.translator = translator
        self.settings = settings
        self.now = now
    }

    func attach(_ session: CallSession) { self.session = session }

    /// The client is there: the session begins.
    func begin(_ outlet: any RealtimeOutlet, on loop: any EventLoop) {
        self.outlet = outlet
        self.loop = loop
        perform(translator.open(settings))
        session?.start()
        perform(translator.begin())
        settle()
    }

    /// Nothing follows; the session, if it had not ended.
    @discardableResult
    func end() -> CallSession? {
        defer { session = nil }
        timer?.cancel()
        return session
    }

    // MARK: from the client

    func received(_ text: String) {
        perform(translator.receive(text, at: now()))
        settle()
    }

    func receivedBinary() {
        perform(translator.receiveBinary(at: now()))
        settle()
    }

    /// Audio beside the events.
    func heard(_ samples: Int) { translator.heard(samples) }

    var mayRead: Bool {
        wasBehind = translator.isBehind
        return !wasBehind
    }

    // MARK: from the session

    func said(_ samples: UnsafeBufferPointer<Int16>) { perform(translator.said(samples, at: now())) }

    func noted(_ event: SessionEvent, at now: Instant) { perform(translator.noted(event, at: now)) }

    func called(_ order: ToolOrder) {
        perform(
            translator.called(
                generation: order.generation, call: order.call, name: order.name, arguments: order.arguments, at: now())
        )
    }

    func failed(_ code: String, _ message: String) { perform(translator.failed(code, message)) }

    // MARK: effects

    private func perform(_ effects: [RealtimeTranslator.Effect]) {
        for effect in effects {
            switch effect {
            case .send(let event): outlet?.send(realtime: event)
            case .submit(let input): session?.submit(input)
            case .hear(let samples): _ = samples.withUnsafeBytes { session?.receive($0) }
            case .brief(let instructions, let tools):
                session?.take(
                    Brief(
                        instructions: instructions,
                        tools: tools.map { ToolDescription(name: $0.name, about: $0.about, parameters: $0.parameters) })
                )
            }
        }
    }

    /// What is to be done later is scheduled; what was sent leaves.
    func settle() {
        outlet?.flushEvents()
        guard session != nil, let loop else { return }
        if translator.hasWork, !isWorking {
            isWorking = true
            loop.assumeIsolated().scheduleTask(in: Self.pace) { [weak self] in self?.work() }
        }
        guard translator.deadline < timerAt else { return }
        timer?.cancel()
        timerAt = translator.deadline
        timer = loop.assumeIsolated().scheduleTask(in: TimeAmount(max(.zero, timerAt - now()))) { [weak self] in
            self?.timerFired()
        }
    }

    private func work() {
        isWorking = false
        guard session != nil else { return }
        perform(translator.work(at: now()))
        if wasBehind, !translator.isBehind { outlet?.goOnReading() }
        settle()
    }

    private func timerFired() {
        timerAt = .distantFuture
        guard session != nil else { return }
        perform(translator.tick(at: now()))
        settle()
    }
}
