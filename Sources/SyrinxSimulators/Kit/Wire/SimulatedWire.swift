// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import NIOCore
internal import SyrinxCore

/// One request under way, as its session sees it: timers, points, and what the fault plan does to what is sent.
///
/// Belongs to one event loop, as everything that is called from it does.
package class SimulatedWire {
    package let request: SimulatedRequest
    package let settings: SimulatorSettings
    /// Nothing is sent any more once this is false.
    package fileprivate(set) var isOpen = true
    /// How much has gone out; a fault may have kept back what was sent last.
    package private(set) var sentCount = 0

    let channel: any Channel
    let log: SimulatorLog
    private let errorMessage: (SimulatedFailure) -> JSONValue?
    private let timers: WireTimers
    private let line: DelayLine
    private var gate: FaultGate
    private var isSilent = false
    /// Milliseconds a byte.
    private(set) var dripping: Int?

    init(_ opening: WireOpening, channel: any Channel) {
        request = opening.request
        settings = opening.core.settings
        log = opening.core.log
        gate = opening.gate
        let core = opening.core
        let request = opening.request
        errorMessage = { core.simulator.errorMessage($0, request) }
        self.channel = channel
        timers = WireTimers(channel.eventLoop)
        line = DelayLine(channel.eventLoop, timers)
    }

    // MARK: time

    @discardableResult
    package func after(_ milliseconds: Int, _ body: @escaping () -> Void) -> SimulatedTimer {
        timers.after(milliseconds, body)
    }

    @discardableResult
    package func every(_ milliseconds: Int, _ body: @escaping () -> Void) -> SimulatedTimer {
        timers.every(milliseconds, body)
    }

    /// Steps 0 ..< count, the first at once, one each so many milliseconds; then `end`. Cancelled: neither.
    @discardableResult
    package func play(
        _ count: Int, every milliseconds: Int, _ step: @escaping (Int) -> Void, end: @escaping () -> Void = {}
    ) -> SimulatedTimer {
        let timer = SimulatedTimer()
        play(0, count, milliseconds, timer, step, end)
        return timer
    }

    private func play(
        _ index: Int, _ count: Int, _ milliseconds: Int, _ timer: SimulatedTimer, _ step: @escaping (Int) -> Void,
        _ end: @escaping () -> Void
    ) {
        guard !timer.isCancelled else { return }
        guard index < count else { return end() }
        step(index)
        after(milliseconds) { [weak self] in self?.play(index + 1, count, milliseconds, timer, step, end) }
    }

    // MARK: points

    /// Announces a point that is no message.
    package func point(_ name: String) {
        _ = perform(gate.before(name, isMessage: false))
        _ = perform(gate.after(name))
    }

    package func note(_ text: String) { record(.note, text) }

    /// Longer texts are not kept whole: most of them are audio.
    static let longestTold = 4096

    func record(_ kind: SimulatorLog.Entry.Kind, _ text: String, at point: String? = nil) {
        log.add(SimulatorLog.Entry(connection: request.connection, kind: kind, text: text, point: point))
    }

    // MARK: what the kinds of wires do

    /// Without a goodbye.
    package func cut() { end { [weak self] in self?.hangUp(isReset: false) } }

    final func hangUp(isReset: Bool) {
        guard isReset else { return channel.close(promise: nil) }
        let connection = request.isHTTP2 ? channel.parent ?? channel : channel
        _ = (connection as? any SocketOptionProvider)?.setSoLinger(linger(l_onoff: 1, l_linger: 0))
        connection.close(promise: nil)
    }

    func write(_ bytes: [UInt8], isText: Bool) {}

    func goodbye(code: Int, reason: String) { cut() }

    func transmitError(_ message: JSONValue) {}

    func drip(milliseconds: Int) {}

    // MARK: sending

    /// Sends what `frame` makes of the payload, through the faults and the delay line.
    func transmit(
        _ payload: [UInt8], isText: Bool, at point: String?, as frame: ([UInt8]) -> [UInt8] = { $0 }
    ) {
        guard isOpen, !isSilent else { return }
        let effect = perform(gate.before(point))
        guard isOpen, !isSilent else { return }
        if !effect.isDropped {
            var bytes = frame(effect.malformations.reduce(payload) { $1.applied(to: $0) })
            if effect.isTruncated { bytes = Array(bytes.prefix(bytes.count / 2)) }
            let told =
                isText ? String(decoding: payload.prefix(Self.longestTold), as: UTF8.self) : "\(payload.count) bytes"
            sentCount += 1
            record(.sent, told, at: point)
            enqueue(bytes, isText: isText, after: effect.milliseconds)
        }
        if effect.isTruncated { cut() }
        _ = perform(gate.after(point))
    }

    /// Of HTTP/2 every byte that drips is a DATA frame of its own; below other protocols a ``Dripper`` stands.
    private func enqueue(_ bytes: [UInt8], isText: Bool, after milliseconds: Int) {
        guard request.isHTTP2, let dripping else {
            return enqueue(after: milliseconds) { [weak self] in self?.write(bytes, isText: isText) }
        }
        for byte in bytes {
            enqueue(after: milliseconds, spacing: dripping) { [weak self] in self?.write([byte], isText: isText) }
        }
    }

    /// `spacing` = so long behind the one ahead, at least.
    func enqueue(after milliseconds: Int = 0, spacing: Int = 0, _ action: @escaping () -> Void) {
        let delay = milliseconds + settings.latencyMilliseconds
        if !line.enqueue(after: delay, spacing: spacing, action) { hangUp(isReset: false) }
    }

    /// The last thing, behind all that waits.
    func end(_ action: @escaping () -> Void) {
        guard isOpen else { return }
        isOpen = false
        enqueue(action)
    }

    /// The peer is gone, or everything is said.
    func finishNow() {
        isOpen = false
        timers.end()
        line.clear()
    }

    // MARK: faults

    private struct Effect {
        var milliseconds = 0
        var isDropped = false
        var isTruncated = false
        var malformations: [Malformation] = []
    }

    private func perform(_ actions: [FaultPlan.Action]) -> Effect {
        var effect = Effect()
        for action in actions where isOpen {
            record(.fault, "\(action)")
            switch action {
            case .latency(let milliseconds): effect.milliseconds += milliseconds
            case .drop: effect.isDropped = true
            case .malformed(let kind): effect.malformations.append(kind)
            case .truncate: effect.isTruncated = true
            default: act(action)
            }
        }
        return effect
    }

    private func act(_ action: FaultPlan.Action) {
        switch action {
        case .cut: cut()
        case .reset: end { [weak self] in self?.hangUp(isReset: true) }
        case .close(let code, let reason): goodbye(code: code, reason: reason)
        case .silence: isSilent = true
        case .drip(let milliseconds):
            dripping = milliseconds
            enqueue { [weak self] in self?.drip(milliseconds: milliseconds) }
        case .error(let failure), .refuse(let failure):
            if let message = errorMessage(failure) { transmitError(message) }
        case .latency, .drop, .malformed, .truncate: break
        }
    }

    /// Those of the connect that belong to an open wire.
    func begin(with actions: [FaultPlan.Action]) { _ = perform(actions) }
}
