// SPDX-License-Identifier: Apache-2.0

import SyrinxCore
import Testing

@testable import SyrinxTelemetry

@Suite(.tags(.unit)) struct WebhookScheduleTests {
    private func event(_ data: JSONValue = [:]) -> WebhookEvent {
        WebhookEvent(type: WebhookEvent.sessionEnded, tenant: "acme", data: data, at: VirtualClock.start)
    }

    private func schedule(capacity: Int = 10, parallel: Int = 2, tries: Int = 3, letters: Int = 5) -> WebhookSchedule {
        var options = WebhookSchedule.Options()
        options.capacity = capacity
        options.parallel = parallel
        options.deadLetters = letters
        options.backoff = Backoff(first: .seconds(4), longest: .seconds(60), tries: tries)
        return WebhookSchedule(options, seed: 1)
    }

    private func time(_ seconds: Int64) -> Instant { Instant(nanoseconds: seconds * 1_000_000_000) }

    @Test func `an event goes out at once and is done with any 2xx`() {
        var schedule = schedule()
        let event = event()
        #expect(schedule.next(at: time(0)) == .idle)
        #expect(schedule.add(event, at: time(0)) == .queued)
        #expect(schedule.next(at: time(0)) == .send(event))
        #expect(schedule.next(at: time(0)) == .idle)
        schedule.finish(event.id, (204, nil), at: time(1))
        #expect(schedule.counts == WebhookCounts(delivered: 1))
        #expect(schedule.pending == 0)
    }

    @Test(arguments: [nil, 302, 408, 429, 500, 503]) func `what may pass is tried again, later and later`(status: Int?)
    {
        var schedule = schedule()
        let event = event()
        _ = schedule.add(event, at: time(0))
        var now = time(0)
        var waits: [Duration] = []
        for _ in 0..<3 {
            if case .wait(let due) = schedule.next(at: now) {
                waits.append(due - now)
                now = due
                #expect(schedule.next(at: now) == .send(event))
            }
            schedule.finish(event.id, status.map { ($0, nil) }, at: now)
        }
        #expect(waits.count == 2)
        #expect(waits.first.map { (.seconds(2)...(.seconds(4))).contains($0) } == true)
        #expect(waits.last.map { (.seconds(4)...(.seconds(8))).contains($0) } == true)
        #expect(
            schedule.deadLetters == [
                WebhookDeadLetter(event: event, reason: .exhausted, status: status, failures: 3)
            ])
        #expect(schedule.counts == WebhookCounts(failedTries: 3, dead: 1))
    }

    @Test func `a receiver's own time to wait is kept`() {
        var schedule = schedule()
        let event = event()
        _ = schedule.add(event, at: time(0))
        _ = schedule.next(at: time(0))
        schedule.finish(event.id, (429, .seconds(100)), at: time(0))
        #expect(schedule.next(at: time(99)) == .wait(until: time(100)))
        #expect(schedule.next(at: time(100)) == .send(event))
    }

    @Test(arguments: [400, 401, 404, 422]) func `what was refused is not tried again`(status: Int) {
        var schedule = schedule()
        let event = event()
        _ = schedule.add(event, at: time(0))
        _ = schedule.next(at: time(0))
        schedule.finish(event.id, (status, nil), at: time(0))
        #expect(schedule.pending == 0)
        #expect(schedule.deadLetters.map(\.reason) == [.refused])
    }

    @Test func `an endpoint that is gone gets nothing more until it is enabled`() {
        var schedule = schedule(parallel: 2)
        let events = (0..<4).map { _ in event() }
        for event in events { _ = schedule.add(event, at: time(0)) }
        _ = schedule.next(at: time(0))
        _ = schedule.next(at: time(0))
        schedule.finish(events[0].id, (410, nil), at: time(0))
        #expect(schedule.isDisabled)
        schedule.finish(events[1].id, (500, nil), at: time(0))
        #expect(schedule.pending == 0)
        #expect(schedule.deadLetters.map(\.reason) == Array(repeating: .disabled, count: 4))
        #expect(schedule.add(event(), at: time(0)) == .disabled)
        #expect(schedule.resend(events[0].id, at: time(0)) == .disabled)
        schedule.enable()
        #expect(schedule.resend(events[0].id, at: time(0)) == .queued)
        #expect(schedule.next(at: time(0)) == .send(events[0]))
    }

    @Test func `when the queue is full the new event is a dead letter, which can be sent again`() {
        var schedule = schedule(capacity: 2, parallel: 1)
        let events = (0..<3).map { _ in event() }
        #expect(events.map { schedule.add($0, at: time(0)) } == [.queued, .queued, .full])
        #expect(schedule.resend(events[2].id, at: time(0)) == .full)
        #expect(schedule.deadLetters.map(\.event.id) == [events[2].id])
        _ = schedule.next(at: time(0))
        schedule.finish(events[0].id, (200, nil), at: time(0))
        #expect(schedule.resend(events[2].id, at: time(0)) == .queued)
        #expect(schedule.deadLetters == [])
        #expect(schedule.resend(events[2].id, at: time(0)) == nil)
    }

    @Test func `dead letters are kept up to a number, the newest of them`() {
        var schedule = schedule(capacity: 0, letters: 5)
        let events = (0..<8).map { _ in event() }
        for event in events { _ = schedule.add(event, at: time(0)) }
        #expect(schedule.deadLetters.map(\.event.id) == events.suffix(5).map(\.id))
        #expect(schedule.counts.dead == 8)
    }

    @Test func `a body over the limit is not taken`() {
        var schedule = schedule()
        let room = (64 << 10) - event(.string("")).body.count
        #expect(schedule.add(event(.string(String(repeating: "x", count: room))), at: time(0)) == .queued)
        #expect(schedule.add(event(.string(String(repeating: "x", count: room + 1))), at: time(0)) == .tooLarge)
        #expect(schedule.counts.refused == 1)
    }

    @Test func `answers that nobody waits for are nothing`() {
        var schedule = schedule()
        schedule.finish("evt_x", (200, nil), at: time(0))
        schedule.putBack("evt_x", at: time(0))
        #expect(schedule.counts == WebhookCounts())
    }

    @Test(arguments: 0..<50 as Range<UInt64>)
    func `no event is lost, and none is under way twice, whatever the answers`(seed: UInt64) {
        var generator = SplitMix64(seed: seed)
        var schedule = schedule(capacity: 6, parallel: 3, tries: 4, letters: 1000)
        var (added, flying) = (0, Set<String>())
        var now = time(0)
        for _ in 0..<400 {
            switch Int.random(in: 0..<4, using: &generator) {
            case 0 where added < 60:
                added += 1
                _ = schedule.add(event(), at: now)
            case 1: now = now + .seconds(Int.random(in: 0...20, using: &generator))
            case 2:
                if case .send(let event) = schedule.next(at: now) { #expect(flying.insert(event.id).inserted) }
            default:
                guard let id = flying.sorted().randomElement(using: &generator) else { continue }
                flying.remove(id)
                let status = [200, 200, 500, 404, 429].randomElement(using: &generator)
                schedule.finish(id, status.map { ($0, nil) }, at: now)
            }
            #expect(flying.count <= 3 && schedule.pending <= 6)
            #expect(schedule.pending + schedule.counts.delivered + schedule.counts.dead == added)
        }
    }
}
