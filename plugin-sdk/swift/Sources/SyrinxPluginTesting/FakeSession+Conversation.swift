// SPDX-License-Identifier: Apache-2.0
public import SyrinxPlugin

extension FakeSession {
    /// Sends the user's turn and returns what the agent said at once.
    @discardableResult
    public func prompt(_ text: String, generation: UInt64, json: String = "") -> String {
        var event = OutgoingEvent(.prompt, generation: generation)
        event.text = text
        event.json = json
        send(event)
        return answer(generation)
    }

    /// The agent's answer of a generation so far.
    public func answer(_ generation: UInt64) -> String {
        events.filter { $0.type == .delta && $0.generation == generation }.map(\.text).joined()
    }

    /// Sends a clause to speak.
    @discardableResult
    public func speak(_ text: String, clause: UInt64, generation: UInt64, isLast: Bool = true) -> Status {
        var event = OutgoingEvent(.speak, generation: generation, id: clause)
        event.text = text
        event.flags = isLast ? 1 : 0
        return send(event)
    }

    /// Sends a turn's transcript so far and returns the probability that the detector answered.
    public func transcript(_ text: String, silence: Double, generation: UInt64) -> Double? {
        var event = OutgoingEvent(.transcript, generation: generation)
        event.text = text
        event.number = silence
        send(event)
        return events.last { $0.type == .turnEnd && $0.generation == generation }?.number
    }

    /// The terminal events of a generation; a correct plugin sends one for each request.
    public func terminals(_ generation: UInt64) -> [RecordedEvent] {
        events.filter { $0.generation == generation && $0.type.isTerminal }
    }

    /// Waits, in real time and at most five seconds, until an event of async code has come.
    public func waitFor(_ isWanted: @Sendable (RecordedEvent) -> Bool) async -> RecordedEvent? {
        for _ in 0..<5_000 {
            if let event = events.first(where: isWanted) { return event }
            try? await Task.sleep(nanoseconds: 1_000_000)
        }
        return nil
    }
}
