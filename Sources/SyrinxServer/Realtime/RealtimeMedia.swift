// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import SyrinxConversation
internal import SyrinxCore
internal import SyrinxRealtime
internal import SyrinxRuntime

/// What a call of `/v1/realtime/calls` is to be.
struct RealtimeOrder: Sendable {
    var setup: RealtimeTranslator.Setup
    /// As in `session.update`.
    var settings: JSONValue?
}

/// Between a plugin that brings media of its own and a session of the Realtime protocol: the events go as messages
/// beside the audio. On the event loop of both.
final class RealtimeMedia: CallTransport, RealtimeOutlet {
    private let media: PluginTransport
    private let engine: RealtimeEngine

    init(_ order: RealtimeOrder, _ media: PluginTransport, now: @escaping () -> Instant) {
        self.media = media
        engine = RealtimeEngine(RealtimeTranslator(order.setup), settings: order.settings, now: now)
    }

    /// The far end is there.
    func begin(_ session: CallSession, on loop: any EventLoop) {
        engine.attach(session)
        media.join(session)
        media.onHeard = { [weak engine] samples in engine?.heard(samples) }
        engine.begin(self, on: loop)
    }

    /// A message of the client.
    func received(_ text: String) { engine.received(text) }

    // MARK: to the client

    func send(realtime event: JSONValue) { media.tell(event.text) }
    func flushEvents() {}
    /// Nothing is ever behind: audio comes by the media, in real time.
    func goOnReading() {}

    // MARK: from the session

    func send(audio samples: UnsafeBufferPointer<Int16>) { _ = play(samples) }

    func play(_ frame: UnsafeBufferPointer<Int16>) -> [Int16]? {
        defer { engine.said(frame) }
        return media.play(frame)
    }

    func send(keys: String) -> Bool { media.send(keys: keys) }

    func send(event: SessionEvent, at now: Instant) {
        media.send(event: event, at: now)
        engine.noted(event, at: now)
    }

    func runTool(_ order: ToolOrder) -> Bool {
        engine.called(order)
        return true
    }

    func flush() { engine.settle() }

    func ended(_ reason: CloseReason) {
        engine.end()
        if reason != .clientClosed { engine.failed(reason.rawValue, "the session has ended") }
        media.ended(reason)
    }
}
