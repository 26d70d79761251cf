// SPDX-License-Identifier: Apache-2.0

import SyrinxConversation

/// A synthesiser as fast as its credit lets it be, clause after clause: it stops when so many samples are not played
/// yet, and goes on when half of them are. The host's queue treats plugins in this way (`SYX_EAGAIN`).
struct CreditedSynthesiser {
    private struct Job {
        let generation: UInt64
        let clause: UInt64
        var left: Int
    }

    private let credit: Int
    private var jobs: [Job] = []
    private var ahead: [UInt64: Int] = [:]
    private var isWaiting = false

    init(credit: Int) { self.credit = credit }

    mutating func speak(_ generation: UInt64, _ clause: UInt64, samples: Int) {
        jobs.append(Job(generation: generation, clause: clause, left: samples))
    }

    mutating func played(_ generation: UInt64, samples: Int) { ahead[generation, default: 0] -= samples }

    mutating func cancel(_ generation: UInt64) {
        jobs.removeAll { $0.generation == generation }
        ahead[generation] = nil
    }

    /// What it sends now.
    mutating func produce() -> [Input] {
        var sent: [Input] = []
        if isWaiting, total * 2 > credit { return sent }
        isWaiting = false
        while let job = jobs.first {
            let samples = min(job.left, credit / 10)
            guard total == 0 || total + samples <= credit else {
                isWaiting = true
                break
            }
            ahead[job.generation, default: 0] += samples
            jobs[0].left -= samples
            sent.append(.speech(generation: job.generation, clause: job.clause, samples: samples))
            guard job.left == samples else { continue }
            jobs.removeFirst()
            sent.append(.speechDone(generation: job.generation, clause: job.clause))
        }
        return sent
    }

    private var total: Int { ahead.values.reduce(0, +) }
}
