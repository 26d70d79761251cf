// SPDX-License-Identifier: Apache-2.0
internal import SyrinxPlugin

/// What a timer of the session is for.
enum Alarm: Hashable {
    /// Keep the connection from falling asleep.
    case idle
    /// Try to connect again.
    case reconnect
    /// Send more of the audio that is replayed.
    case pace
    /// `Finalize` of this utterance was not answered; the second time nothing at all came.
    case finalizeWait(UInt64, isSecond: Bool)
    /// This utterance has had all the time it gets.
    case deadline(UInt64)

    var utterance: UInt64? {
        switch self {
        case .finalizeWait(let utterance, _), .deadline(let utterance): utterance
        case .idle, .reconnect, .pace: nil
        }
    }
}

/// The session's timers by what they are for.
struct Alarms {
    /// Of timers that ``ListenSession/cancel(_:)`` starts, on any thread.
    static let cancelCookie: UInt64 = 0

    private let host: SessionHost
    private var last: UInt64 = 0
    private var running: [UInt64: (alarm: Alarm, timer: Timer)] = [:]

    init(host: SessionHost) { self.host = host }

    /// Starts a timer; one for the same purpose is taken back.
    mutating func start(_ alarm: Alarm, afterMilliseconds delay: UInt32) {
        cancel { $0 == alarm }
        last += 1
        guard let timer = host.startTimer(afterMilliseconds: delay, cookie: last) else { return }
        running[last] = (alarm, timer)
    }

    mutating func cancel(where isUnwanted: (Alarm) -> Bool) {
        for (cookie, entry) in running where isUnwanted(entry.alarm) {
            host.cancel(entry.timer)
            running[cookie] = nil
        }
    }

    func contains(_ alarm: Alarm) -> Bool { running.values.contains { $0.alarm == alarm } }

    /// A timer fired; nil for one that was taken back.
    mutating func take(_ cookie: UInt64) -> Alarm? { running.removeValue(forKey: cookie)?.alarm }
}
