// SPDX-License-Identifier: Apache-2.0

package import SyrinxCore

extension Conversation {
    /// The earliest moment at which a `.tick` is needed; `.distantFuture` if none.
    package var deadline: Instant {
        switch sessionState {
        case .created, .closed: .distantFuture
        case .starting, .closing: stateDeadline
        case .active: min(listeningDeadline, answerDeadline, speakingDeadline, quietDeadline)
        }
    }

    private var listeningDeadline: Instant {
        var earliest = bargeIn.deadline
        if hearsCaller { earliest = min(earliest, clock.idleFrom) }
        guard mayEndTurn else { return earliest }
        if let due = endpointing.due(isDangling: isDangling) {
            let instant = clock.latest(of: due)
            earliest = min(earliest, instant > now ? instant : transcriptDeadline)
        }
        return earliest
    }

    private var answerDeadline: Instant {
        min(
            turnDeadline,
            queue.current?.forceDeadline ?? .distantFuture,
            synthesisDeadline,
            fillerDeadline
        )
    }

    private var speakingDeadline: Instant {
        guard queue.current != nil else { return .distantFuture }
        if queue.current?.clauses.isConsumed == true { return playoutEnd }
        guard !isHoldingBack, hasFrame else { return .distantFuture }
        return queue.current?.playout.due ?? .distantFuture
    }

    private var quietDeadline: Instant {
        let away = userState == .away ? Instant.distantFuture : timers.awayDeadline
        return min(away, timers.idleDeadline, endDeadline, keyCollector.deadline)
    }
}
