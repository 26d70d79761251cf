// SPDX-License-Identifier: Apache-2.0

internal import Synchronization
internal import SyrinxCore

/// What sessions and supervisors report, and what follows.
extension LivePlugins: GenerationObserver {
    package func sessionEnded(_ generations: Set<Int>, failed: Set<Int>) {
        let now = now
        let isUrgent = state.withLock { state in
            var isUrgent = false
            for generation in generations {
                guard var record = state.records[generation] else { continue }
                let hasFailed = failed.contains(generation)
                record.sessionsEnded += 1
                record.trialSessions += 1
                if hasFailed { record.sessionsFailed += 1 }
                let verdict = record.rule.note(sessionFailed: hasFailed, at: now)
                state.records[generation] = record
                guard let verdict, record.isLive else { continue }
                state.pending[generation] = verdict.reason
                isUrgent = true
            }
            return isUrgent
        }
        if isUrgent { actSoon() }
    }

    package func generationFailed(_ generation: Int, reason: String) {
        let now = now
        let isUrgent = state.withLock { state in
            guard var record = state.records[generation] else { return false }
            let verdict = record.rule.noteCrash(at: now)
            state.records[generation] = record
            guard let verdict, record.isLive else { return false }
            state.pending[generation] = "\(verdict.reason): \(reason)"
            return true
        }
        if isUrgent { actSoon() }
    }

    /// Off the caller's thread; when all workers are busy, the next tick does it.
    private func actSoon() { _ = host.environment.runBlocking { [weak self] in self?.tick() } }

    func takeBackPending() {
        let pending = state.withLock { state in
            defer { state.pending = [:] }
            return state.pending
        }
        for (generation, reason) in pending.sorted(by: { $0.key < $1.key })
        where state.withLock({ $0.records[generation]?.isLive ?? false }) {
            do {
                try takeBack(generation, reason)
            } catch {
                callFailing(generation, "\(reason); \(error.message)")
            }
        }
    }

    /// Once: it would be said of every session.
    private func callFailing(_ generation: Int, _ reason: String) {
        let isNews = state.withLock { state in
            defer { state.records[generation]?.wasCalledFailing = true }
            return state.records[generation]?.wasCalledFailing == false
        }
        if isNews { note(.failing, generation, reason) }
    }
}

extension FailureRule.Verdict {
    var reason: String {
        switch self {
        case .failingSessions(let failed, let all): "\(failed) of \(all) sessions failed"
        case .crashed(let times): times == 1 ? "it crashed" : "it crashed \(times) times"
        }
    }
}
